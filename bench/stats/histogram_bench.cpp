// SPDX-License-Identifier: Apache-2.0
// What recording a sample costs, on delays as a registrar gives them: most near one value, a long tail.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "regstorm/stats/histogram.hpp"

namespace regstorm::stats {
namespace {

std::vector<base::Nanoseconds> delays() {
    base::Prng prng(1);
    std::vector<base::Nanoseconds> samples(4096);
    std::ranges::generate(
        samples, [&] { return 200'000 + static_cast<base::Nanoseconds>(-std::log(1.0 - prng.unit()) * 300'000.0); });
    return samples;
}

void BM_Record(benchmark::State& state) {
    const std::vector<base::Nanoseconds> samples = delays();
    Histogram histogram;
    std::size_t i = 0;
    for (auto _ : state) {
        histogram.record(samples[i++ % samples.size()]);
    }
    benchmark::DoNotOptimize(histogram.max());
}
BENCHMARK(BM_Record);

// As a mean of throughput: a burst of answers recorded one after the other.
void BM_RecordBurst(benchmark::State& state) {
    const std::vector<base::Nanoseconds> samples = delays();
    Histogram histogram;
    for (auto _ : state) {
        for (const base::Nanoseconds ns : samples) {
            histogram.record(ns);
        }
        benchmark::DoNotOptimize(histogram.max());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * samples.size()));
}
BENCHMARK(BM_RecordBurst);

void BM_Merge(benchmark::State& state) {
    Histogram total;
    Histogram part;
    for (const base::Nanoseconds ns : delays()) {
        part.record(ns);
    }
    for (auto _ : state) {
        total.merge(part);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(BM_Merge);

void BM_ValueAt(benchmark::State& state) {
    Histogram histogram;
    for (const base::Nanoseconds ns : delays()) {
        histogram.record(ns);
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(histogram.value_at(0.999));
    }
}
BENCHMARK(BM_ValueAt);

}  // namespace
}  // namespace regstorm::stats

BENCHMARK_MAIN();
