#include "ui/window/picture_panel.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/event/traits.hpp"
#include "core/lesson/captions.hpp"
#include "core/world/narrate.hpp"
#include "ui/picture/motion.hpp"
#include "ui/picture/scroll.hpp"
#include "ui/window/order.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {
namespace {

constexpr double kMotion = 0.2, kHurriedMotion = 0.07;  // seconds
constexpr double kBeads = 0.36;                         // seconds, for what travels to be followed
constexpr std::ptrdiff_t kMostAtOnce = 2;               // things that happen at the same time
constexpr float kLargestZoom = 6;
// Beyond this, everything moves too much for anybody to follow.
constexpr std::size_t kMostMoving = 6000;  // items

}  // namespace

void PicturePanel::update(const PanelContext& context, double clock) {
  const Model& model = context.model;
  const std::uint64_t latest = model.world().step;
  const std::uint64_t step = basis_ && model.in_hand ? step_by(clock, model, latest) : latest;
  behind_ = step < latest;
  const World& world = behind_ ? model.history.at(step) : model.world();
  const World* beside = behind_ ? model.world_beside(step) : model.world_beside();
  const Nanoseconds shown_now = behind_ && step > 0 ? model.history.events()[step - 1].at : model.shown_now();
  const float scale = context.style.scale;
  const Size area{context.layout.picture.width / scale, context.layout.picture.height / scale};
  const Process* server = find_process(world, world.server);
  const bool now = !model.focus;
  const bool free = now && !context.layout.blackboard && !model.in_hand;
  const bool offer = free && server != nullptr && server->life == Life::kAlive;
  const Nanoseconds tick = kSecond / 4;
  const Basis basis{world.step,
                    beside != nullptr ? beside->step : 0,
                    now ? std::min(model.now, restless_until(model)) / tick : 0,
                    area,
                    model.selected,
                    model.settings.show_plumbing,
                    model.settings.dark,
                    offer,
                    context.layout.blackboard,
                    now,
                    free};
  if (basis_ && *basis_ == basis) return;
  // While a picture is on its way to the next, a third one hurries it up, and a fourth one waits.
  const bool under_way = moving_ && clock < began_ + lasts_;
  if (under_way && hurried_ && basis_ && basis_->area.width == area.width) return;

  PictureRequest request{world, shown_now, area, context.theme, context.pen.fonts};
  // Larger type is no reason to show less: cards are grouped where they are at normal size.
  request.scaled_for = context.layout.usual_picture;
  if (!request.scaled_for) request.smallest_scale /= std::max(1.f, model.settings.scale);
  if (context.layout.blackboard) request.largest_scale = kLargestOnBlackboard;
  if (now) request.live_now = shown_now;
  request.past = !now;
  if (!now) request.recent = 0;                           // only what changed at this very step
  request.keeps_ended = context.layout.beside.width > 0;  // what came of a client is compared with the other server
  if (model.in_hand) request.stage = stage_of(model.in_hand->lesson, model.history.events());
  request.beside = beside;
  request.selected = model.selected;
  request.show_plumbing = model.settings.show_plumbing;
  request.offer_client = offer;
  request.step_buttons = free;
  const std::vector<Diagnosis> diagnoses =
      behind_ ? revealed(&model.in_hand->lesson, lesson_place(model.history.events(), step), diagnose(world, shown_now))
              : shown_diagnoses(model);
  request.diagnoses = diagnoses;
  if (model.in_hand)
    request.lesson_step = [&](std::uint64_t event) {
      return step_of_event(model.history.events(), event, model.in_hand->lesson.steps.size());
    };
  Scene next = draw_picture(request);
  const float scroll = request.scaled_for ? scroll_to_news(next, world, area.height) : 0;
  const bool jump = !basis_ || basis_->area.width != area.width || basis_->area.height != area.height ||
                    basis_->dark != model.settings.dark || model.settings.reduced_motion ||
                    next.items.size() + to_.items.size() > kMostMoving;
  from_scroll_ = jump ? scroll : scrolled(clock);
  from_ = jump ? next : blended(clock);
  to_ = std::move(next);
  to_scroll_ = scroll;
  began_ = clock;
  hurried_ = under_way;
  lasts_ = under_way ? kHurriedMotion : kMotion;
  moving_ = !jump;
  beads_.clear();
  if (moving_ && model.in_hand && basis_->step < step) beads_ = beads_since(basis_->step, context, world);
  if (!beads_.empty()) lasts_ = std::max(lasts_, std::min(kBeads, pace_ * 0.9));
  basis_ = basis;
}

// The clock counts, and not the frames: one that comes late skips what was to be seen before it.
std::uint64_t PicturePanel::step_by(double clock, const Model& model, std::uint64_t latest) {
  std::uint64_t step = basis_->step;
  for (bool starts = !behind_; step != latest; starts = false) {
    const InOrder next = next_in_order(model, step);
    if (starts) turned_ = std::max(turned_, clock - next.after);
    if (!next.at_once && clock < turned_ + next.after) break;
    if (next.step == step) break;
    pace_ = next.after;
    turned_ = next.at_once ? clock : turned_ + next.after;
    step = next.step;
  }
  return step;
}

std::vector<Bead> PicturePanel::beads_since(std::uint64_t before, const PanelContext& context,
                                            const World& world) const {
  const std::span<const Event> events = std::span(context.model.history.events()).first(world.step);
  const auto news = events.subspan(before);
  if (std::count_if(news.begin(), news.end(), is_narrated) > kMostAtOnce) return {};
  std::vector<Bead> beads;
  for (std::uint64_t step = before + 1; step <= world.step; ++step)
    for (Bead& bead : beads_of(events.first(step), world, to_, context.theme)) beads.push_back(std::move(bead));
  return beads;
}

float PicturePanel::moved(double clock) const {
  return moving_ ? eased(static_cast<float>((clock - began_) / std::min(lasts_, kMotion))) : 1;
}

Scene PicturePanel::blended(double clock) const { return moving_ ? blend(from_, to_, moved(clock)) : to_; }

float PicturePanel::scrolled(double clock) const { return from_scroll_ + (to_scroll_ - from_scroll_) * moved(clock); }

Scene PicturePanel::present(const PanelContext& context, double clock) const {
  Scene scene = blended(clock);
  draw_beads(beads_, static_cast<float>((clock - began_) / lasts_), context.theme, context.pen.fonts, scene);
  return scene;
}

void PicturePanel::draw(const PanelContext& context, double clock) {
  update(context, clock);
  if (moving_ && clock >= began_ + lasts_) moving_ = false;
  const Rect area = context.layout.picture;
  if (begin_panel(name_, area, context.theme.paper, 0, kBackground)) {
    const float zoom = context.style.scale * zoom_.factor, scroll = scrolled(clock) * zoom;
    const View view{{area.x + zoom_.shift.x, area.y + zoom_.shift.y - scroll}, zoom};
    if (moving_)
      show(context, present(context, clock), view);
    else
      show(context, to_, view);
    draw_scroll_bar(context, clock);
    mouse(context, to_, view);
    if (!zoom_.is_whole()) {
      ImGui::SetCursorPos({context.style(14), area.height - ImGui::GetFrameHeight() - context.style(12)});
      if (ImGui::Button("Whole picture (0)")) reset_zoom();
    }
  }
  end_panel();
}

// Which part of it is in view, at its right edge, where it is higher than its place.
void PicturePanel::draw_scroll_bar(const PanelContext& context, double clock) const {
  const Rect area = context.layout.picture;
  const float zoom = context.style.scale * zoom_.factor, whole = to_.size.height * zoom;
  if (whole < area.height + 1 || !zoom_.is_whole()) return;
  const float width = context.style(5), top = scrolled(clock) * zoom;
  const ImVec2 from{area.right() - 1.6f * width, area.y + area.height * top / whole};
  ImGui::GetWindowDrawList()->AddRectFilled(from, {from.x + width, from.y + area.height * area.height / whole},
                                            packed(context.theme.line), width / 2);
}

void PicturePanel::mouse(const PanelContext& context, const Scene& scene, const View& view) {
  if (!ImGui::IsWindowHovered()) return;
  const ImGuiIO& io = ImGui::GetIO();
  const Rect area = context.layout.picture;
  if (io.MouseWheel != 0) {
    const float factor = std::clamp(zoom_.factor * std::pow(1.15f, io.MouseWheel), 1.f, kLargestZoom);
    // What is under the pointer stays there.
    const Point pointer{io.MousePos.x - area.x, io.MousePos.y - area.y};
    const float by = factor / zoom_.factor;
    zoom_.shift = {pointer.x - (pointer.x - zoom_.shift.x) * by, pointer.y - (pointer.y - zoom_.shift.y) * by};
    zoom_.factor = factor;
  }
  if (ImGui::IsMouseClicked(0)) dragged_ = false;
  if (ImGui::IsMouseDragging(0, 4)) {
    dragged_ = true;
    zoom_.shift = {zoom_.shift.x + io.MouseDelta.x, zoom_.shift.y + io.MouseDelta.y};
  }
  // The picture never gets lost outside of its place.
  const auto keep = [](float shift, float length, float factor) {
    return std::clamp(shift, -length * (factor - 1), 0.f);
  };
  // Higher than its place, it is dragged from where it was scrolled to.
  const float zoom = context.style.scale * zoom_.factor, scroll = to_scroll_ * zoom;
  const float below = std::max(0.f, scene.size.height * zoom - area.height);
  zoom_.shift = {keep(zoom_.shift.x, area.width, zoom_.factor), std::clamp(zoom_.shift.y, scroll - below, scroll)};
  if (ImGui::IsMouseDoubleClicked(0)) reset_zoom();

  const Subject subject = under_mouse(scene, view);
  if (ImGui::IsMouseReleased(0) && !dragged_ && !ImGui::IsAnyItemHovered()) click(context, subject);
}

}  // namespace forktable
