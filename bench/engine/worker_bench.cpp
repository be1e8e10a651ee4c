// SPDX-License-Identifier: Apache-2.0
// What a registration costs the whole worker: the refresh fires, its REGISTER is written, the answer is parsed, matched
// and acted upon. Phones come due in random order, so with 1 M of them every record is a cache miss that only
// prefetching hides. Budgets (per core, reflector included): 5 M/s plain and at most four times speed_of_light, 2 M/s
// with every one challenged (two transactions). "keep_alive" is what most phones do most of the time: registered for
// weeks, each sends OPTIONS every 30 s from a second record and a second wheel.
//
// The clock is virtual and moves so that about 64 phones come due in a poll. Granted expiries grow with the number of
// phones, up to an hour: some 300 refreshes in a second of phone time, so that the wheel's work does not depend on it.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <map>
#include <memory>

#include "worker_rig.hpp"

namespace regstorm::engine {
namespace {

using stats::Counter;

enum class Work : std::uint8_t { plain, digest, keep_alive };

Life life_of(std::uint32_t phones, Work work) {
    constexpr std::uint32_t phones_a_second = 278;  // 1 M phones an hour
    constexpr std::uint32_t hour_s = 3600;
    constexpr std::uint32_t weeks_s = 2'000'000;  // no refresh comes between
    return {.challenge = work == Work::digest,
            .keep_alive = work == Work::keep_alive,
            .expires_s = work == Work::keep_alive ? weeks_s : std::clamp(phones / phones_a_second, 4U, hour_s)};
}

/// The library calls a benchmark several times; a million phones are registered once.
Rig& rig_of(std::uint32_t phones, Work work) {
    static std::map<std::pair<std::uint32_t, Work>, std::unique_ptr<Rig>> rigs;
    std::unique_ptr<Rig>& rig = rigs[{phones, work}];
    if (rig == nullptr) {
        rig = std::make_unique<Rig>(phones, life_of(phones, work));
    }
    return *rig;
}

void cycle(benchmark::State& state, Work work) {
    Rig& rig = rig_of(static_cast<std::uint32_t>(state.range(0)), work);
    const std::uint64_t before = rig.done();
    for (auto _ : state) {
        rig.turn();
    }
    if (!rig.clean()) {
        state.SkipWithError("something was lost, refused or sent again");
    }
    const std::uint64_t done = rig.done() - before;
    state.SetItemsProcessed(static_cast<std::int64_t>(done));
    state.counters["each_poll"] = static_cast<double>(done) / static_cast<double>(state.iterations());
}

// What of the above is the reflector's: the last request of a worker, answered and delivered again and again.
void reflector(benchmark::State& state, bool challenge) {
    Rig rig(due_per_poll, life_of(due_per_poll, Work::plain));
    std::array<port::RxDatagram, port::burst_max> burst;
    while (rig.port().rx_burst(burst) != 0) {
        rig.port().release_rx();
    }
    ReflectorPort port({.challenge = challenge, .expires_s = 3600});
    const std::string_view request(rig.port().tx_reserve(), rig.port().request_size());
    request.copy(port.tx_reserve(), request.size());
    for (auto _ : state) {
        for (std::uint32_t i = 0; i < port::burst_max; ++i) {
            benchmark::DoNotOptimize(*port.tx_reserve());
            port.tx_commit(static_cast<std::uint32_t>(request.size()), {}, ReflectorPort::registrar);
        }
        port.rx_burst(burst);
        port.release_rx();
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * port::burst_max));
}

void plain(benchmark::State& state) { cycle(state, Work::plain); }
void digest(benchmark::State& state) { cycle(state, Work::digest); }
void keep_alive(benchmark::State& state) { cycle(state, Work::keep_alive); }
void answer_200(benchmark::State& state) { reflector(state, false); }
void answer_401(benchmark::State& state) { reflector(state, true); }

BENCHMARK(plain)->Name("registration/plain")->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK(digest)->Name("registration/digest")->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK(keep_alive)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK(answer_200)->Name("reflector/ok_200");
BENCHMARK(answer_401)->Name("reflector/unauthorized_401");

}  // namespace
}  // namespace regstorm::engine
