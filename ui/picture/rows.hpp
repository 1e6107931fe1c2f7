// The picture of few clients: all cards in full, a row for the server and one for each party.
#pragma once

#include <vector>

#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"
#include "ui/picture/kernel_mark.hpp"
#include "ui/picture/links.hpp"
#include "ui/picture/parties.hpp"

namespace forktable {

// Widths and heights are at scale 1.
class Rows {
 public:
  Rows(Canvas& canvas, const PictureRequest& request, const Cast& cast, Absent absent);

  std::size_t size() const { return parties_.size(); }
  // Diagnoses are to stand below the processes, instead of below all the others.
  void put_diagnoses_left(bool left) { diagnoses_left_ = left; }
  // In a lesson, what is wrong is to stand in a column beside the clients, instead of in a strip below everything.
  void put_warnings_beside(bool beside) { warnings_beside_ = beside; }
  // In which a lesson's cards have room for their words.
  float narrowest() const;
  // With so many diagnoses in full.
  float height(float width, std::size_t full) const;
  // `bottom`: of the picture, which may be lower than what it shows.
  void draw(float width, float bottom, std::size_t full);

 private:
  struct Columns {
    float processes, processes_width, files, files_width, clients, clients_width, beside;
  };
  Columns columns(float width) const;
  float width_at_the_right() const;

  struct Diagnosed {
    Point at;
    float width = 0;
    bool beside = false;  // two side by side
    float bottom = 0;
  };
  Diagnosed place_of_diagnoses(float width, std::size_t full) const;
  float diagnoses_top(float width) const;
  float mark_height(float width) const;
  static float mark_width(const Columns& at);
  float mark_top(float width, std::size_t full) const;

  std::vector<const OpenFile*> first_files() const;
  bool shows_segment() const;
  float shared_width(float width) const;
  float files_height(float width) const;
  float server_height(float width) const;
  float server_row_height(float width) const;
  float rows_bottom(float width) const;
  float processes_bottom(float width) const;
  float processes_height(const Party& party) const;
  float natural_height(const Party& party) const;
  float row_height(const Party& party) const;
  template <class T>
  float height_of(const T* card) const {
    return card != nullptr ? cards_.height(*card) : 0;
  }

  void headings();
  void absent(float bottom);
  void shared_memory(float width, float y);
  void launch_place(Rect rect);
  void beside(float width);
  float draw_process(const Process& process, float y, float height);  // returns its height
  float draw_file(const OpenFile& file, float y, float least);        // the same
  void draw_gone_file(const OpenFile& file, float y, float least);
  void draw(const Party& party, float top);

  Canvas& canvas_;
  const PictureRequest& request_;
  const Cast& cast_;
  const Absent absent_;
  Cards cards_;
  DiagnosisCards diagnoses_;
  KernelMark mark_;
  Links links_;
  const Theme& theme_;
  const Stage stage_;
  const float top_, gap_;  // of the first row, below the headings; between rows
  void take_places();

  const Party empty_ = {};
  std::vector<Party> places_;          // in a lesson, of children that accept for themselves, and of clients
  float slot_height_ = 0;              // of each client's row, in a lesson
  std::vector<const Party*> parties_;  // those that have a row; in a lesson, also rows for those that are to come
  bool diagnoses_left_ = false, warnings_beside_ = false;
  bool server_alone_ = false;  // no other process is drawn
  Columns at_{};
};

}  // namespace forktable
