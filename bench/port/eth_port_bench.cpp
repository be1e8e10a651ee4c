// SPDX-License-Identifier: Apache-2.0
// What the memory port itself costs: one thread plays generator and registrar, so the figure is the CPU time of both
// sides. Items are round trips; two frames each.
#include <benchmark/benchmark.h>
#include <cstring>

#include "regstorm/base/check.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/eth_device.hpp"

namespace regstorm::port {
namespace {

constexpr std::uint32_t frame_bytes = 450;  // a REGISTER of an ordinary phone
constexpr std::uint32_t touched_bytes = 64;

void send(EthPort& port) {
    char* frame = port.tx_reserve();
    CHECK(frame != nullptr);
    std::memset(frame, 1, touched_bytes);
    port.tx_commit(frame_bytes);
}

void BM_MemoryRoundTrip(benchmark::State& state) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    EthPort registrar(pair.registrar.queue(0));
    const std::int64_t burst_frames = state.range(0);
    std::array<Frame, burst_max> burst;
    std::int64_t round_trips = 0;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < burst_frames; ++i) {
            send(generator);
        }
        generator.flush();
        const std::uint32_t requests = registrar.rx_burst(burst);
        for (std::uint32_t i = 0; i < requests; ++i) {
            benchmark::DoNotOptimize(burst[i].data[0]);
            send(registrar);
        }
        registrar.release_rx();
        registrar.flush();
        const std::uint32_t answers = generator.rx_burst(burst);
        for (std::uint32_t i = 0; i < answers; ++i) {
            benchmark::DoNotOptimize(burst[i].data[0]);
        }
        generator.release_rx();
        round_trips += answers;
    }
    state.SetItemsProcessed(round_trips);
}
BENCHMARK(BM_MemoryRoundTrip)->Arg(1)->Arg(8)->Arg(32)->Arg(64);

/// An idle poll: what a worker pays when nothing arrives.
void BM_MemoryIdlePoll(benchmark::State& state) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    std::array<Frame, burst_max> burst;
    for (auto _ : state) {
        benchmark::DoNotOptimize(generator.rx_burst(burst));
        generator.release_rx();
        generator.flush();
    }
}
BENCHMARK(BM_MemoryIdlePoll);

}  // namespace
}  // namespace regstorm::port

int main(int argc, char** argv) {
    regstorm::port::start_eal({.memory_bytes = regstorm::port::memory_needed({}, 1)});
    regstorm::port::register_worker_thread();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
