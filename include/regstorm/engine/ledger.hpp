// SPDX-License-Identifier: Apache-2.0
// The books of a worker's phones: where each stands, what became of every attempt, and how long it took. Whoever
// starts something here ends it here, so that the sums hold at every moment (INV-5).
#pragma once

#include <cstdint>

#include "regstorm/base/units.hpp"
#include "regstorm/engine/happening.hpp"
#include "regstorm/engine/mailbox.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/stats/breakdown.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/stats/histogram.hpp"

namespace regstorm::engine {

class Ledger {
    using Counter = stats::Counter;
    using State = registration::State;

  public:
    Ledger(std::uint32_t endpoints, base::Nanoseconds missed_after_ns, std::size_t groups)
        : missed_after_ns_(missed_after_ns), breakdown_(static_cast<std::uint32_t>(groups)) {
        census_[static_cast<std::size_t>(State::idle)] = endpoints;
    }

    void moved(State from, State to) {
        --census_[static_cast<std::size_t>(from)];
        ++census_[static_cast<std::size_t>(to)];
    }

    /// How late a slot or a deadline is served.
    void served(base::Nanoseconds intended_ns, base::Nanoseconds now_ns) {
        counters_.add(Counter::missed_slots, now_ns - intended_ns > missed_after_ns_ ? 1 : 0);
        send_lag_.record(now_ns - intended_ns);
    }

    /// A REGISTER has its final answer: how long the registrar took for it, whatever it is part of.
    void answered(const registration::Record& record, std::uint16_t status, base::Nanoseconds now_ns) {
        const stats::Outcome outcome = status / 100 == 2                ? stats::Outcome::accepted
                                       : status == 401 || status == 407 ? stats::Outcome::challenged
                                                                        : stats::Outcome::refused;
        counters_.add_response(status);
        breakdown_.record(record.group, outcome, registration::since_first_send(record, now_ns));
    }

    void succeeded(registration::Record& record, base::Nanoseconds now_ns) {
        counters_.add(Counter::succeeded);
        rrd_.record(now_ns - record.intended_ns);
        if (breakdown_.groups() > 1) {  // of one group it would be the same again
            breakdown_.record(record.group, stats::Outcome::succeeded, now_ns - record.intended_ns);
        }
        had_outcome(record);
    }

    void failed(registration::Record& record, const Cause& cause, base::Nanoseconds now_ns) {
        counters_.add(Counter::failed);
        const bool answered = cause.status != 0 || cause.counter == Counter::failed_redirect;
        breakdown_.record(record.group, answered ? stats::Outcome::rejected : stats::Outcome::unanswered,
                          now_ns - record.intended_ns);
        if (cause.status != 0) {
            counters_.add_failure(cause.status);
        } else {
            counters_.add(cause.counter);
        }
        had_outcome(record);
    }

    /// The first attempt of a phone has ended, or it will make none.
    void had_outcome(registration::Record& record) {
        first_outcomes_ += record.had_outcome ? 0 : 1;
        record.had_outcome = true;
    }

    /// What was outstanding in `state` never gets its answer: a power cut, or the end of the run for all of them.
    void abandon(State state, std::uint32_t count = 1) {
        counters_.add(state == State::clearing   ? Counter::clearings_abandoned
                      : state == State::removing ? Counter::removals_abandoned
                                                 : Counter::abandoned,
                      count);
    }
    void abandon_all() {
        for (const State state : {State::clearing, State::registering, State::refreshing, State::removing}) {
            abandon(state, in_state(state));
        }
    }

    void fill(Snapshot& snapshot) const {
        snapshot.census = census_;
        snapshot.first_outcomes = first_outcomes_;
        snapshot.counters = counters_;
        snapshot.rrd = rrd_;
        snapshot.send_lag = send_lag_;
    }

    [[nodiscard]] std::uint32_t in_state(State state) const { return census_[static_cast<std::size_t>(state)]; }
    [[nodiscard]] std::uint32_t outstanding() const {
        return in_state(State::clearing) + in_state(State::registering) + in_state(State::refreshing) +
               in_state(State::removing);
    }
    [[nodiscard]] stats::Counters& counters() { return counters_; }
    [[nodiscard]] const Census& census() const { return census_; }
    [[nodiscard]] const stats::Breakdown& breakdown() const { return breakdown_; }

  private:
    base::Nanoseconds missed_after_ns_;
    stats::Counters counters_;
    stats::Histogram rrd_;
    stats::Histogram send_lag_;
    stats::Breakdown breakdown_;
    Census census_{};
    std::uint32_t first_outcomes_ = 0;
};

}  // namespace regstorm::engine
