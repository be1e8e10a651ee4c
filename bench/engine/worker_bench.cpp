// SPDX-License-Identifier: Apache-2.0
// What a registration costs the whole worker: the refresh fires, its REGISTER is written, the answer is parsed, matched
// and acted upon. Phones come due in random order, so with 1 M of them every record is a cache miss that only
// prefetching hides. Budgets (per core, reflector included): 5 M/s plain and at most four times speed_of_light, 2 M/s
// with every one challenged (two transactions). "keep_alive" is what most phones do most of the time: registered for
// weeks, each sends OPTIONS every 30 s from a second record and a second wheel.
//
// The clock is virtual and moves so that about 64 phones come due in a poll. Granted expiries grow with the number of
// phones: always some 300 refreshes in a second of phone time, so that the wheel's work does not depend on it.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <map>
#include <memory>

#include "reflector_port.hpp"
#include "regstorm/engine/worker.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {
namespace {

using stats::Counter;

constexpr std::uint32_t due_per_poll = 64;
constexpr base::Nanoseconds start_ns = 10 * base::ns_per_s;

enum class Work : std::uint8_t { plain, digest, keep_alive };

ReflectorPlan make_reflector_plan(std::uint32_t phones, Work work) {
    constexpr std::uint32_t phones_a_second = 278;  // 1 M phones an hour
    constexpr std::uint32_t weeks_s = 2'000'000;    // no refresh comes between
    return {.challenge = work == Work::digest,
            .expires_s = work == Work::keep_alive ? weeks_s : std::max(4U, phones / phones_a_second)};
}

WorkerPlan make_plan(std::uint32_t phones, Work work) {
    Group group;
    group.user = sip::NumberedText("user%07d");
    group.password = sip::NumberedText("secret");
    group.has_password = true;
    group.registrar = ReflectorPort::registrar;
    group.compile({.domain = "example.test"});
    group.profile.wait_after_failure(20'000);
    group.profile.authorize_refresh = false;
    group.profile.keep_alive.enabled = work == Work::keep_alive;
    return {.endpoints = phones,
            .salt = 0x5eed,
            .groups = {group},
            .sources = {.addresses = 1, .udp_ports = 1, .udp_port_first = ReflectorPort::own.udp_port},
            .keep_alives = work == Work::keep_alive,
            .credential_rows = 4096,  // four times what the reflector lets wait
            .unlimited = true,
            .window = 256};
}

/// A worker in the steady state: every phone registered, its refresh somewhere ahead.
class Rig {
  public:
    Rig(std::uint32_t phones, Work work)
        : work_(work),
          reflector_plan_(make_reflector_plan(phones, work)),
          plan_(make_plan(phones, work)),
          port_(reflector_plan_),
          arena_(BenchWorker::bytes_for(plan_)),
          worker_(std::make_unique<BenchWorker>(plan_, port_, clock_, arena_, mailbox_)) {
        arena_.seal();
        worker_->poll();
        CHECK(mailbox_.command({CommandKind::start, clock_.now_ns()}));
        // Twice more, so that what is due when no longer remembers the start.
        while (done() < (work == Work::keep_alive ? 1 : 3) * std::uint64_t{phones}) {
            turn();
        }
    }

    /// One poll. Time stands still while answers wait for their burst: none is made late by the benchmark.
    void turn() {
        if (port_.waiting() <= port::burst_max) {
            const base::Nanoseconds next_ns = clock_.now_ns() + step_ns();
            clock_.advance_to(port_.waiting() == 0 && started() ? std::max(next_ns, worker_->next_event_ns())
                                                                : next_ns);
        }
        worker_->poll();
    }

    /// Registrations; with keep-alives, those that were answered.
    [[nodiscard]] std::uint64_t done() {
        return counters().of(work_ == Work::keep_alive ? Counter::keep_alives_answered : Counter::succeeded);
    }
    [[nodiscard]] stats::Counters& counters() { return worker_->phones().counters(); }
    [[nodiscard]] ReflectorPort& port() { return port_; }

    /// Everything went as the benchmark claims.
    [[nodiscard]] bool clean() {
        const bool challenged = counters().of(Counter::challenged) != 0;
        return counters().of(Counter::failed) == 0 && counters().of(Counter::retransmitted) == 0 &&
               counters().of(Counter::stray) == 0 && counters().of(Counter::malformed) == 0 &&
               counters().of(Counter::keep_alives_lost) == 0 && counters().of(Counter::binding_lost) == 0 &&
               port_.health().tx_dropped == 0 && challenged == reflector_plan_.challenge;
    }

  private:
    using BenchWorker = Worker<ReflectorPort, timer::VirtualClock>;

    [[nodiscard]] bool started() {
        return worker_->phones().ledger().census()[static_cast<std::size_t>(registration::State::idle)] == 0;
    }
    /// The time in which about `due_per_poll` phones come due. While they start they need none, unless the time of
    /// their keep-alives follows from it: those of all phones in one millisecond would be another benchmark.
    [[nodiscard]] base::Nanoseconds step_ns() {
        const registration::Profile& profile = plan_.groups[0].profile;
        if (work_ == Work::keep_alive) {
            return base::Nanoseconds{profile.keep_alive.interval_ms} * base::ns_per_ms / plan_.endpoints * due_per_poll;
        }
        const base::Nanoseconds life_ns =
            base::Nanoseconds{registration::refresh_after_ms(profile, reflector_plan_.expires_s, 0)} * base::ns_per_ms;
        return started() ? life_ns / plan_.endpoints * due_per_poll : base::ns_per_ms / 16;
    }

    Work work_;
    ReflectorPlan reflector_plan_;
    WorkerPlan plan_;
    ReflectorPort port_;
    timer::VirtualClock clock_{start_ns};
    base::Arena arena_;
    Mailbox mailbox_;
    std::unique_ptr<BenchWorker> worker_;
};

/// The library calls a benchmark several times; a million phones are registered once.
Rig& rig_of(std::uint32_t phones, Work work) {
    static std::map<std::pair<std::uint32_t, Work>, std::unique_ptr<Rig>> rigs;
    std::unique_ptr<Rig>& rig = rigs[{phones, work}];
    if (rig == nullptr) {
        rig = std::make_unique<Rig>(phones, work);
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
    Rig rig(due_per_poll, Work::plain);
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

BENCHMARK(plain)->Name("registration/plain")->Arg(10'000)->Arg(1'000'000);
BENCHMARK(digest)->Name("registration/digest")->Arg(10'000)->Arg(1'000'000);
BENCHMARK(keep_alive)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK(answer_200)->Name("reflector/ok_200");
BENCHMARK(answer_401)->Name("reflector/unauthorized_401");

}  // namespace
}  // namespace regstorm::engine
