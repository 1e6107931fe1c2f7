#include "core/world/reduce.hpp"

#include <algorithm>
#include <csignal>
#include <span>

#include "core/event/wire.hpp"
#include "core/event/wire_decoder.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"

namespace forktable::bench {

void measure_reduce(int rounds) {
  announce("decode and reduce");
  // What a server reports while ten clients come and go, over and over.
  std::vector<WireRecord> records;
  const auto report = [&](Pid pid, std::uint32_t sequence, const auto& what) {
    WireRecord record = encode(what);
    record.pid = pid;
    record.sequence = sequence;
    record.at = static_cast<std::int64_t>(records.size()) * 1000;
    seal(record);
    records.push_back(record);
  };
  std::uint32_t server_sequence = 0, fork = 0;
  constexpr Pid kServer = 100;
  const auto serve = [&](const auto& what) { report(kServer, server_sequence++, what); };
  serve(Listened{3, 8080, 1024});
  for (int batch = 0; batch < 2000; ++batch) {
    for (int i = 0; i < 10; ++i) {
      ++fork;
      const Pid child = 1000 + i;
      std::uint32_t sequence = 0;
      serve(AcceptCalled{3});
      serve(Accepted{3, 4, static_cast<Port>(1024 + fork % 60000)});
      serve(ForkCalled{fork});
      serve(Forked{fork, child});
      serve(Closed{4});
      report(child, sequence++, ChildStarted{kServer, fork});
      report(child, sequence++, Closed{3});
      report(child, sequence++, ReadCalled{4});
      report(child, sequence++, Read{4, 6, ShortText("hello\n")});
      report(child, sequence++, WriteCalled{4});
      report(child, sequence++, Wrote{4, 6});
      report(child, sequence++, ReadCalled{4});
    }
    for (int i = 0; i < 10; ++i) {
      const Pid child = 1000 + i;
      report(child, 7, EndOfFile{4});
      report(child, 8, Closed{4});
      report(child, 9, ExitCalled{0});
      serve(SignalDelivered{SIGCHLD});
      serve(Reaped{child, 0});
      serve(NothingToReap{});
      serve(HandlerReturned{SIGCHLD});
    }
  }
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) {
    World world;
    WireDecoder decoder(0);
    const EventSink sink = [&](const Event& event) { reduce(world, event); };
    reduce(world, {0, kServer, 0, ServerLaunched{8080}});
    const double began = cpu_seconds();
    const auto bytes = std::as_bytes(std::span(records));
    for (std::size_t at = 0; at < bytes.size(); at += 1 << 16)
      decoder.feed(bytes.subspan(at, std::min<std::size_t>(1 << 16, bytes.size() - at)), sink);
    rates.push_back(static_cast<double>(records.size()) / (cpu_seconds() - began));
    if (world.anomaly_count > 0 || world.counts.reaped != fork) announce("  the run makes no sense");
  }
  add("decode and reduce", median(rates), "events/s", 1e6);
}

}  // namespace forktable::bench
