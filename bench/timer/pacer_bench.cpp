// SPDX-License-Identifier: Apache-2.0
// What the pacer adds to an attempt.
#include <benchmark/benchmark.h>

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

}  // namespace
}  // namespace regstorm::timer
