// SPDX-License-Identifier: Apache-2.0
// What the pacer adds to an attempt.
#include <benchmark/benchmark.h>

#include "regstorm/stats/histogram.hpp"
#include "regstorm/timer/clock.hpp"
#include "regstorm/timer/pacer.hpp"

namespace regstorm::timer {
namespace {

void BM_PacerDue(benchmark::State& state) {
    constexpr std::uint32_t slots_max = 32;
    Pacer pacer(1e6, 0, 0, 1);
    base::Nanoseconds now_ns = 0;
    base::Nanoseconds sum_ns = 0;
    std::uint64_t slots = 0;
    for (auto _ : state) {
        now_ns += slots_max * 1000;
        slots += pacer.due(now_ns, slots_max, [&](base::Nanoseconds intended_ns) { sum_ns += intended_ns; });
    }
    benchmark::DoNotOptimize(sum_ns);
    state.SetItemsProcessed(static_cast<std::int64_t>(slots));
}
BENCHMARK(BM_PacerDue);

// The common case of a poll: nothing is due.
void BM_PacerIdle(benchmark::State& state) {
    Pacer pacer(1, 1'000'000'000, 0, 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(pacer.due(0, 32, [](base::Nanoseconds) {}));
    }
}
BENCHMARK(BM_PacerIdle);

void report(benchmark::State& state, const std::string& what, const stats::Histogram& errors) {
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}}) {
        state.counters[what + "_" + name + "_ns"] = static_cast<double>(errors.value_at(share));
    }
}

// How well a loop that does nothing else keeps the schedule on the real clock: how late slots are, and how far the gap
// between two of them is from what the rate asks. An iteration is a poll.
void BM_PacerOnTheClock(benchmark::State& state) {
    const timer::SystemClock clock;
    const auto interval_ns = static_cast<std::int64_t>(base::ns_per_s) / state.range(0);
    Pacer pacer(static_cast<double>(state.range(0)), clock.now_ns(), 0, 1);
    stats::Histogram late;
    stats::Histogram gap;
    base::Nanoseconds last_ns = clock.now_ns();
    for (auto _ : state) {
        pacer.due(clock.now_ns(), 64, [&](base::Nanoseconds intended_ns) {
            const base::Nanoseconds sent_ns = clock.now_ns();
            late.record(sent_ns - intended_ns);
            gap.record(
                static_cast<base::Nanoseconds>(std::abs(static_cast<std::int64_t>(sent_ns - last_ns) - interval_ns)));
            last_ns = sent_ns;
        });
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(late.count()));
    report(state, "late", late);
    report(state, "gap_error", gap);
}
BENCHMARK(BM_PacerOnTheClock)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace regstorm::timer
