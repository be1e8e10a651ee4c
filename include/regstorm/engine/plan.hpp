// SPDX-License-Identifier: Apache-2.0
// What one worker is to do, decided before it starts and never changed by it. Derived from the scenario in
// src/app/plan.cpp; everything that the poll loop needs to know and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/engine/group.hpp"

namespace regstorm::engine {

/// The identities that endpoints send from: address varies fastest, then the UDP port, then it starts over. With a
/// stride that has no divisor in common with `udp_ports`, all ports of an address are used before one is again.
struct SourcePlan {
    std::uint32_t addresses = 1;  ///< up to 65,536
    std::uint32_t udp_ports = 1;
    std::uint16_t udp_port_first = 5060;
    std::uint32_t udp_port_stride = 1;  ///< more: ports that look random
    std::uint32_t udp_port_offset = 0;

    [[nodiscard]] base::Source of(std::uint32_t number) const {
        const std::uint64_t step = std::uint64_t{number / addresses} * udp_port_stride + udp_port_offset;
        return {static_cast<std::uint16_t>(number % addresses),
                static_cast<std::uint16_t>(udp_port_first + step % udp_ports)};
    }
};

/// From `at_ns` after the start on, phones start at this rate.
struct RateStep {
    base::Nanoseconds at_ns = 0;
    double rate_per_s = 0;  ///< of the whole run
};

/// Phones that go and come back while the load runs.
struct ChurnPlan {
    double leave_per_s = 0;     ///< phones that leave, of the whole run, chosen at random
    double vanish_share = 0;    ///< of them: those that go without un-REGISTER, as in a power cut
    base::Tick away_ms = 5000;  ///< how long they stay away; then they boot anew
    double rebind_per_s = 0;    ///< phones whose NAT gives them another port: they register with the new contact
};

struct WorkerPlan {
    std::uint8_t worker = 0;         ///< of the run: on several machines it goes on counting
    std::uint16_t workers = 1;       ///< of the run
    std::uint32_t endpoints = 0;     ///< of this worker
    std::uint32_t first_number = 0;  ///< the run's number of its endpoint 0: users are numbered through
    std::uint64_t salt = 0;          ///< from the seed: Call-IDs, tags, branches and cnonces derive from it
    std::vector<Group> groups;       ///< by first_number; the first one's is 0
    std::uint32_t start_stride = 1;  ///< phones start in steps of this, so that groups mix; no divisor of `endpoints`
    SourcePlan sources;
    bool keep_alives = false;            ///< a group has them: memory is set aside
    bool nat_pings = false;              ///< likewise
    bool subscriptions = false;          ///< likewise
    std::uint32_t credential_rows = 0;   ///< challenges that can be kept at once
    double rate_per_s = 0;               ///< of the whole run; ignored when unlimited
    std::vector<RateStep> rate_steps{};  ///< later rates, in order
    bool poisson = false;                ///< starts at random times around that rate
    bool cycle = false;                  ///< after the last phone the first one again: renewed
    bool spread_first_refresh = false;   ///< anywhere in its interval: the steady state at once
    ChurnPlan churn{};
    bool unlimited = false;                                    ///< as fast as answers come back, `window` at a time
    std::uint32_t window = 0;                                  ///< attempts outstanding at most when unlimited
    base::Nanoseconds missed_after_ns = 10 * base::ns_per_ms;  ///< a slot started, or an answer read, later is late
    base::Nanoseconds publish_every_ns = 100 * base::ns_per_ms;

    /// Row of the group that the phone with this number of the run belongs to.
    [[nodiscard]] std::uint16_t group_of(std::uint32_t number) const {
        const auto after =
            std::upper_bound(groups.begin(), groups.end(), number,
                             [](std::uint32_t wanted, const Group& group) { return wanted < group.first_number; });
        return static_cast<std::uint16_t>(after - groups.begin() - 1);
    }
};

}  // namespace regstorm::engine
