#include "core/lesson/beside.hpp"

#include "core/lesson/client_deeds.hpp"
#include "core/system/clock.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

// For so long its clients hear at once what comes, and not when somebody pumps: they tell how long they have waited.
constexpr Nanoseconds kAttention = 10 * kMillisecond;

}  // namespace

Result<std::unique_ptr<BesideServer>> BesideServer::start(const Lesson& lesson, const Session& first,
                                                          const ServerSetup& like, EventSink sink) {
  std::unique_ptr<BesideServer> beside(new BesideServer(std::move(sink)));
  auto session = Session::create([raw = beside.get()](const Event& event) { raw->take(event); });
  if (!session) return tl::make_unexpected(session.error());
  beside->session_ = std::move(*session);
  beside->later_ = beside->session_->began() - first.began();
  beside->session_->leave_kernel_alone();
  beside->rest_.disturb();
  if (auto started = beside->session_->start_server(setup_beside(lesson, like)); !started)
    return tl::make_unexpected(started.error());
  return beside;
}

void BesideServer::take(Event event) {
  event.at += later_;
  reduce(world_, event);
  rest_.take(event);
  sink_(event);
}

void BesideServer::pump() { session_->pump(std::chrono::milliseconds(0)); }

void BesideServer::carry_out(const ClientDoes& deed) {
  if (!begin(deed, *session_, clients_)) return;
  rest_.disturb();
  for (const Nanoseconds end = monotonic_now() + kAttention; monotonic_now() < end;)
    session_->pump(std::chrono::milliseconds(1));
}

}  // namespace forktable
