// SPDX-License-Identifier: Apache-2.0
// A worker and a registrar on a simulated network in virtual time: the whole of regstorm but its threads and its
// wires. Time jumps from event to event, so hours of phones take moments, and the same seed repeats to the byte.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "regstorm/engine/worker.hpp"
#include "regstorm/port/sim_network.hpp"
#include "regstorm/registrar/registrar.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

inline constexpr base::SocketAddress registrar_address{base::IpAddress::from_ipv4(0xc613'0001), 5060};  // 198.19.0.1
inline constexpr base::SocketAddress second_registrar{base::IpAddress::from_ipv4(0xc613'0002), 5060};   // 198.19.0.2
inline constexpr base::SocketAddress phone_address{base::IpAddress::from_ipv4(0xc612'0001), 5060};      // 198.18.0.1
inline constexpr base::Nanoseconds second = base::ns_per_s;
inline constexpr base::Nanoseconds millisecond = base::ns_per_ms;

/// Again, after a change of the profile that the requests show.
inline void compile(Group& group) {
    group.compile(
        {.domain = "example.test", .event = "message-summary", .accept = "application/simple-message-summary"});
}

/// Grandstream's documented numbers on plain profiles; tests change what they are about.
inline Group make_group() {
    Group group;
    group.user = sip::NumberedText("user%06d");
    group.password = sip::NumberedText("secret");
    group.has_password = true;
    group.registrar = registrar_address;
    compile(group);
    group.profile.wait_after_failure(20'000);
    return group;
}

inline WorkerPlan make_plan(std::uint32_t endpoints, double rate_per_s = 1000) {
    return {.endpoints = endpoints,
            .salt = 0x5eed,
            .groups = {make_group()},
            .sources = {.addresses = 1, .udp_ports = 1, .udp_port_first = phone_address.udp_port},
            .credential_rows = endpoints + 16,
            .rate_per_s = rate_per_s};
}

/// One worker on the simulated network; whoever answers it is the test's business.
class Simulation {
  public:
    using Worker = engine::Worker<port::SimPort, timer::VirtualClock>;
    /// A phone network that starts at second 10: nothing is zero by accident.
    static constexpr base::Nanoseconds start_ns = 10 * second;

    explicit Simulation(const WorkerPlan& plan, std::uint64_t seed = 1)
        : plan_(plan),
          network_(seed, start_ns),
          phones_(network_, {.first = phone_address.ip,
                             .first_udp_port = phone_address.udp_port,
                             .udp_ports = static_cast<std::uint16_t>(plan_.sources.udp_ports)}),
          registrar_(network_, {.first = registrar_address.ip,
                                .addresses = 2,  // and second_registrar
                                .first_udp_port = registrar_address.udp_port}),
          clock_(start_ns),
          arena_(Worker::bytes_for(plan_)),
          worker_(std::make_unique<Worker>(plan_, phones_, clock_, arena_, mailbox_)) {
        arena_.seal();
        worker_->poll();  // the link is ready at once
    }

    void command(CommandKind kind) { CHECK(mailbox_.command({kind, clock_.now_ns()})); }

    /// Runs until `end_ns` after the start, or until the worker has nothing left to do, ever. `answer` is called after
    /// every step with the registrar's port.
    template <class Answer>
    void run_until(base::Nanoseconds end_ns, Answer&& answer) {
        const base::Nanoseconds end = start_ns + end_ns;
        for (;;) {
            if (!worker_->poll()) {
                return;  // its thread would end here
            }
            answer(registrar_);
            const base::Nanoseconds next = std::min(worker_->next_event_ns(), network_.next_event_ns());
            if (next > clock_.now_ns()) {
                if (clock_.now_ns() == end) {
                    return;
                }
                clock_.advance_to(std::min(next, end));
            }
            network_.advance_to(clock_.now_ns());
        }
    }
    /// The generator stands still so long, whatever was due.
    void stall(base::Nanoseconds length_ns) { clock_.advance_to(clock_.now_ns() + length_ns); }

    void run_until(base::Nanoseconds end_ns) {
        run_until(end_ns, [](port::SimPort&) {});
    }

    [[nodiscard]] Snapshot snapshot() const {
        Snapshot snapshot;
        worker_->fill(snapshot, clock_.now_ns());
        return snapshot;
    }
    [[nodiscard]] base::Nanoseconds now_ns() const { return clock_.now_ns(); }
    [[nodiscard]] port::SimNetwork& network() { return network_; }
    [[nodiscard]] port::SimPort& phones_port() { return phones_; }
    [[nodiscard]] port::SimPort& registrar_port() { return registrar_; }
    [[nodiscard]] Worker& worker() { return *worker_; }

  private:
    WorkerPlan plan_;
    port::SimNetwork network_;
    port::SimPort phones_;
    port::SimPort registrar_;
    timer::VirtualClock clock_;
    base::Arena arena_;
    Mailbox mailbox_;
    std::unique_ptr<Worker> worker_;
};

}  // namespace regstorm::engine
