// The marks behind a listing's lines: a filled one with who is at the line, a hollow one with what a call there has
// just returned.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ui/picture/canvas.hpp"
#include "ui/picture/listing_scene.hpp"

namespace forktable {

// At which line of the listing, with those bugs switched on, the process is: that of its latest report, or the next one
// that looks at errno, if it is about to do that.
unsigned line_of(const Process& process, const Listing& listing, Bugs bugs);

// What is drawn next belongs to this line.
void begin_line(Canvas& canvas, const ListingLine& line);

class ListingMarks {
 public:
  // Both have to outlive it.
  ListingMarks(Canvas& canvas, const ListingRequest& request);

  // The size of the code, and the distance from line to line.
  void set_type(float type, float pitch) {
    type_ = type;
    pitch_ = pitch;
  }

  // Of the first process there; none: nobody is at the line.
  std::optional<Color> color_of(const ListingLine& line) const;
  // How much it matters that this line can be seen: 1,000,000 for the selected process, 10,000 for the one that did
  // something last, 100 for another, 0 for none.
  std::uint64_t weight(const ListingLine& line) const;
  // Of the least that draw() leaves there; 0 if nobody is at the line.
  float first_width(const ListingLine& line) const;

  // Where a line begins, where what matters of its code ends, and how far to the right marks may reach.
  struct Room {
    float left, code_right, right;
  };
  // From right to left. Returns how far to the right the code may reach.
  float draw(const ListingLine& line, Rect rect, Room room);

 private:
  using Processes = std::vector<const Process*>;
  struct Pill {
    Processes processes;
    std::string label;
    Color color;
  };
  float draw_results(const ListingLine& line, const Processes& done, Rect rect, Room room);
  float draw_pills(const ListingLine& line, Processes here, Rect rect, Room room);
  void draw_pill(const Pill& pill, Rect rect, float size);
  std::vector<Pill> pills_of(const Processes& here, float size, float room) const;
  bool are_siblings(const Process& a, const Process& b) const;
  float least_of(Room room) const;
  float size() const;
  float height() const;
  bool is_selected(const Process& process) const;
  bool waits(const Process& process) const { return request_.step_buttons && process.gate; }
  Color color_of(const Process& process) const;
  std::string label_of(const Process& process) const;
  float width_of(const std::string& label, float size) const;

  Canvas& canvas_;
  const ListingRequest& request_;
  std::map<unsigned, Processes> here_, done_;  // by line: who is there, and whose call there has just returned
  const Process* latest_ = nullptr;            // to do something
  float type_ = 0, pitch_ = 0;
};

}  // namespace forktable
