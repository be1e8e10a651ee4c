// SPDX-License-Identifier: Apache-2.0
// A worker in the steady state on a virtual clock, with the reflector as its far end: what the benchmarks turn, and
// what steady_hour keeps turning.
//
// The clock moves so that about 64 phones come due in a poll.
#pragma once

#include <algorithm>
#include <memory>

#include "reflector_port.hpp"
#include "regstorm/engine/worker.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

inline constexpr std::uint32_t due_per_poll = 64;
inline constexpr base::Nanoseconds start_ns = 10 * base::ns_per_s;

/// What the phones of a rig go through.
struct Life {
    bool challenge = false;        ///< every REGISTER is, once
    bool keep_alive = false;       ///< OPTIONS every 30 s
    std::uint32_t expires_s = 60;  ///< granted on average: half of it to one and a half, random
    std::uint32_t start_s = 0;     ///< in which the phones start; 0: as fast as they are answered
};

inline WorkerPlan make_plan(std::uint32_t phones, const Life& life) {
    Group group;
    group.user = sip::NumberedText("user%07d");
    group.password = sip::NumberedText("secret");
    group.has_password = true;
    group.registrar = ReflectorPort::registrar;
    group.compile({.domain = "example.test"});
    group.profile.wait_after_failure(20'000);
    group.profile.authorize_refresh = false;
    group.profile.keep_alive.enabled = life.keep_alive;
    return {.endpoints = phones,
            .salt = 0x5eed,
            .groups = {group},
            .sources = {.addresses = 1, .udp_ports = 1, .udp_port_first = ReflectorPort::own.udp_port},
            .keep_alives = life.keep_alive,
            .credential_rows = 4096,  // four times what the reflector lets wait
            .rate_per_s = static_cast<double>(phones) / std::max(life.start_s, 1U),
            .unlimited = life.start_s == 0,
            .window = 256};
}

/// A worker in the steady state: every phone registered, its refresh somewhere ahead.
class Rig {
  public:
    Rig(std::uint32_t phones, const Life& life)
        : life_(life),
          plan_(make_plan(phones, life)),
          port_({.challenge = life.challenge, .expires_s = life.expires_s}),
          arena_(BenchWorker::bytes_for(plan_)),
          worker_(std::make_unique<BenchWorker>(plan_, port_, clock_, arena_, mailbox_)) {
        arena_.seal();
        worker_->poll();
        CHECK(mailbox_.command({CommandKind::start, clock_.now_ns()}));
        // Twice more, so that what is due when no longer remembers the start.
        while (done() < (life.keep_alive ? 1 : 3) * std::uint64_t{phones}) {
            turn();
        }
    }

    /// One poll. Time stands still while answers wait for their burst: none is made late by the benchmark. Not so in
    /// the start without keep-alives: refreshes come whole seconds after, and would all be due in one millisecond.
    void turn() {
        const bool starting = !started();
        if (port_.waiting() <= port::burst_max || (starting && !life_.keep_alive)) {
            const base::Nanoseconds next_ns = clock_.now_ns() + step_ns();
            clock_.advance_to(port_.waiting() == 0 && !starting ? std::max(next_ns, worker_->next_event_ns())
                                                                : next_ns);
        }
        worker_->poll();
    }

    /// Registrations; with keep-alives, those that were answered.
    [[nodiscard]] std::uint64_t done() {
        return counters().of(life_.keep_alive ? stats::Counter::keep_alives_answered : stats::Counter::succeeded);
    }
    [[nodiscard]] base::Nanoseconds now_ns() const { return clock_.now_ns(); }
    /// What the worker has taken, all of it when it was made.
    [[nodiscard]] std::size_t bytes() const { return BenchWorker::bytes_for(plan_); }
    [[nodiscard]] stats::Counters& counters() { return worker_->phones().counters(); }
    [[nodiscard]] ReflectorPort& port() { return port_; }

    /// Everything went as the benchmark claims.
    [[nodiscard]] bool clean() {
        const bool challenged = counters().of(stats::Counter::challenged) != 0;
        return counters().of(stats::Counter::failed) == 0 && counters().of(stats::Counter::retransmitted) == 0 &&
               counters().of(stats::Counter::stray) == 0 && counters().of(stats::Counter::malformed) == 0 &&
               counters().of(stats::Counter::keep_alives_lost) == 0 &&
               counters().of(stats::Counter::binding_lost) == 0 && port_.health().tx_dropped == 0 &&
               challenged == life_.challenge;
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
        if (life_.keep_alive) {
            return base::Nanoseconds{profile.keep_alive.interval_ms} * base::ns_per_ms / plan_.endpoints * due_per_poll;
        }
        const base::Nanoseconds life_ns =
            base::Nanoseconds{registration::refresh_after_ms(profile, life_.expires_s, 0)} * base::ns_per_ms;
        return started() ? life_ns / plan_.endpoints * due_per_poll : base::ns_per_ms / 16;
    }

    Life life_;
    WorkerPlan plan_;
    ReflectorPort port_;
    timer::VirtualClock clock_{start_ns};
    base::Arena arena_;
    Mailbox mailbox_;
    std::unique_ptr<BenchWorker> worker_;
};

}  // namespace regstorm::engine
