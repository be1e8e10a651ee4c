// SPDX-License-Identifier: Apache-2.0
// What it costs that workers share nothing: an item through the ring between two cores (base/spsc_ring.hpp), on one
// core, where only the instructions count, and between two, where the cache lines travel.
#include <atomic>
#include <benchmark/benchmark.h>
#include <memory>
#include <thread>

#include "regstorm/base/spsc_ring.hpp"

namespace regstorm::base {
namespace {

constexpr std::size_t depth = 1024;
using Ring = SpscRing<std::uint64_t, depth>;

void one_core(benchmark::State& state) {
    const auto ring = std::make_unique<Ring>();
    std::uint64_t item = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(ring->push(item));
        benchmark::DoNotOptimize(ring->pop(item));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void two_cores(benchmark::State& state) {
    const auto ring = std::make_unique<Ring>();
    std::atomic<bool> stopping = false;
    std::thread taker([&] {
        std::uint64_t item = 0;
        while (!stopping.load(std::memory_order_relaxed)) {
            if (!ring->pop(item)) {
                std::this_thread::yield();  // both may share a core
            }
        }
    });
    std::uint64_t item = 0;
    for (auto _ : state) {
        while (!ring->push(item)) {
            std::this_thread::yield();
        }
        ++item;
    }
    stopping = true;
    taker.join();
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(one_core)->Name("spsc/one_core");
BENCHMARK(two_cores)->Name("spsc/two_cores")->UseRealTime();

}  // namespace
}  // namespace regstorm::base

BENCHMARK_MAIN();
