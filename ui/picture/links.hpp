// What goes from card to card: descriptors to their open files, connections to their clients, parents to their
// children.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ui/picture/cards.hpp"

namespace forktable {

// Drawn over the cards, so that each is seen from end to end.
class Links {
 public:
  Links(Canvas& canvas, const PictureRequest& request) : canvas_(canvas), request_(request), theme_(request.theme) {}

  // The gap between open files and clients.
  void between(float files_right, float clients_left) { from_ = files_right, to_ = clients_left; }
  // Where a card is.
  void put(const Process& process, Rect rect) { process_at_[process.id] = rect; }
  void put(const OpenFile& file, Rect rect) { file_at_[file.id] = rect; }
  void put_segment(Rect rect) { segment_at_ = rect; }
  // Where descriptors are, for cards to add theirs.
  std::vector<Dot>& dots() { return dots_; }

  // The TCP connection between the server's open file and the client's, at this height.
  void connection(const OpenFile& file, const Client& client, float y);
  // What the kernel sent to the client when the last reference was gone.
  void farewell(const OpenFile& file, const Client& client, float y);
  // From a client, which has this card and nothing at its right, to its place in the accept queue.
  void queued(const OpenFile& listening, const Client& client, Rect card);
  // From each parent to its children, at the far left.
  void forks();
  // From the shared segment to each process that has it attached: no arrow, as no descriptor refers to it.
  void attachments();
  // From every descriptor to its open file. On a file's edge they arrive in the order in which they leave.
  void descriptors();

 private:
  Canvas& canvas_;
  const PictureRequest& request_;
  const Theme& theme_;
  float from_ = 0, to_ = 0;
  std::vector<Dot> dots_;
  std::map<ProcessId, Rect> process_at_;
  std::map<FileId, Rect> file_at_;
  std::optional<Rect> segment_at_;
};

}  // namespace forktable
