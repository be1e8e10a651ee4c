// SPDX-License-Identifier: Apache-2.0
// Phones that go and come back while the load runs, and phones whose NAT gives them another port: at a pace of their
// own, chosen at random, repeated by the seed.
#pragma once

#include <cstdint>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/pacer.hpp"

namespace regstorm::engine {

template <class Phones>
class Churn {
  public:
    Churn(const WorkerPlan& plan, Phones& phones)
        : plan_(plan), phones_(phones), random_(base::mix64(plan.salt + plan.worker)) {}

    void start(base::Nanoseconds start_ns) {
        leaving_ = {plan_.churn.leave_per_s, start_ns, plan_.worker, plan_.workers};
        rebinding_ = {plan_.churn.rebind_per_s, start_ns, plan_.worker, plan_.workers};
    }

    [[nodiscard]] bool wanted() const { return plan_.churn.leave_per_s > 0 || plan_.churn.rebind_per_s > 0; }

    /// Serves the slots that have come, at most `slots_max` of each kind; returns how many.
    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t slots_max) {
        return leaving_.due(now_ns, slots_max, [&](base::Nanoseconds) { go_away(any(), now_ns); }) +
               rebinding_.due(now_ns, slots_max, [&](base::Nanoseconds) { rebind(any(), now_ns); });
    }

    [[nodiscard]] base::Nanoseconds next_due_ns() const {
        return std::min(leaving_.next_due_ns(), rebinding_.next_due_ns());
    }

  private:
    [[nodiscard]] base::EndpointIndex any() { return static_cast<base::EndpointIndex>(random_.below(plan_.endpoints)); }
    [[nodiscard]] bool registered(base::EndpointIndex index) const {
        return phones_.table()[index].state == registration::State::registered;
    }

    /// A registered phone leaves, with or without un-REGISTER, and boots anew after a while.
    void go_away(base::EndpointIndex index, base::Nanoseconds now_ns) {
        const bool vanish = random_.unit() < plan_.churn.vanish_share;
        if (!registered(index)) {
            return;
        }
        if (vanish) {
            phones_.power_off(index, now_ns);
            phones_.start_away(index, now_ns);
            return;
        }
        phones_.table()[index].comes_back = true;
        static_cast<void>(phones_.leave(index, now_ns));
    }

    /// Source and contact change to the next port of the phone's address, and it registers with them.
    void rebind(base::EndpointIndex index, base::Nanoseconds now_ns) {
        const SourcePlan& sources = plan_.sources;
        // An answer on its way still carries the old port; it would be taken for somebody else's.
        if (!registered(index) || sources.udp_ports < 2 || !phones_.idle_beside(index)) {
            return;
        }
        base::Source& source = phones_.table()[index].source;
        const std::uint32_t next = (source.udp_port - sources.udp_port_first + 1U) % sources.udp_ports;
        source.udp_port = static_cast<std::uint16_t>(sources.udp_port_first + next);
        phones_.counters().add(stats::Counter::rebindings);
        static_cast<void>(phones_.renew(index, now_ns, now_ns));
    }

    const WorkerPlan& plan_;
    Phones& phones_;
    base::Prng random_;
    timer::Pacer leaving_{0, 0, 0, 1};  ///< paused until start()
    timer::Pacer rebinding_{0, 0, 0, 1};
};

}  // namespace regstorm::engine
