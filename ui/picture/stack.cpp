#include "ui/picture/stack.hpp"

#include <algorithm>

#include "ui/picture/beside_column.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr float kMargin = 4, kCardGap = 10, kHeading = 30, kSectionGap = 14;

class Stack {
 public:
  Stack(Canvas& canvas, const PictureRequest& request, const Cast& cast)
      : canvas_(canvas),
        request_(request),
        cast_(cast),
        cards_(canvas, request),
        width_(request.area.width - 2 * kMargin) {
    cards_.name_targets();
  }

  // Returns how high it is.
  float draw() {
    heading("PROCESSES");
    if (cast_.server != nullptr) draw(*cast_.server);
    for (const Party& party : cast_.parties)
      for (const Process* process : party.processes) draw(*process);
    heading("OPEN FILE TABLE");
    if (cast_.gone_listening != nullptr)
      cards_.draw_gone(*cast_.gone_listening, next(cards_.height(*cast_.gone_listening)));
    for (const auto* all : {&cast_.listening, &cast_.helpers})
      for (const OpenFile* file : *all) draw(*file);
    if (request_.show_plumbing)
      for (const OpenFile* file : cast_.plumbing) draw(*file);
    for (const Party& party : cast_.parties) {
      if (party.connection != nullptr)
        draw(*party.connection);
      else if (party.gone != nullptr)
        cards_.draw_gone(*party.gone, next(cards_.height(*party.gone)));
    }
    if (request_.world.segment && count_attached(request_.world) > 0) {
      heading("SHARED MEMORY");
      cards_.draw_shared_memory(next(cards_.shared_height(width_)));
    }
    heading("CLIENTS");
    for (const Party& party : cast_.parties)
      if (party.client != nullptr) cards_.draw(*party.client, next(cards_.height(*party.client)));
    if (DiagnosisCards diagnoses(canvas_, request_); !diagnoses.empty()) {
      const std::size_t full = std::min(request_.diagnoses.size(), kMostFullDiagnoses);
      const Rect place = next(diagnoses.height(width_, full));
      diagnoses.draw({place.x, place.y}, width_, full);
    }
    if (request_.stage.beside && request_.beside != nullptr) beside();
    return y_;
  }

 private:
  void heading(const char* title) {
    canvas_.begin(title);
    if (y_ > 0) y_ += kSectionGap;
    canvas_.text("heading", {kMargin, y_ + 18}, title, {Face::kBold, 12, request_.theme.muted, Align::kLeft, 1.5f});
    y_ += kHeading;
  }

  // The server beside that of a lesson.
  void beside() {
    constexpr float kEdge = 8;
    y_ += kSectionGap;
    Rect panel{kMargin, y_, width_, 0};
    std::vector<Rect> places;
    y_ += kBesideHeading;
    for (std::size_t i = 0; i <= request_.stage.slots; ++i) {
      const Rect place = next(kBesideHeight);
      places.push_back({place.x + kEdge, place.y, place.width - 2 * kEdge, place.height});
    }
    panel.height = y_ - panel.y;
    draw_beside(canvas_, request_, panel, places);
  }

  Rect next(float height) {
    const Rect place{kMargin, y_, width_, height};
    y_ += height + kCardGap;
    return place;
  }

  void draw(const Process& process) { cards_.draw(process, next(cards_.height(process)), dots_); }
  void draw(const OpenFile& file) {
    cards_.draw(file, count_references(request_.world, file.id), next(cards_.height(file)));
  }

  Canvas& canvas_;
  const PictureRequest& request_;
  const Cast& cast_;
  Cards cards_;
  const float width_;
  std::vector<Dot> dots_;  // where arrows would begin
  float y_ = 0;
};

}  // namespace

std::optional<Scene> draw_stack(const PictureRequest& request) {
  const World& world = request.world;
  const Cast cast = request.stage ? gather(world, request.now, request.now - world.lesson_stopped_before)
                                  : gather(world, request.now);
  if (cast.parties.size() > kMostStacked) return std::nullopt;
  Scene scene;
  Canvas canvas(scene, request.theme, request.fonts);
  scene.size = {request.area.width, Stack(canvas, request, cast).draw()};
  return scene;
}

}  // namespace forktable
