// SPDX-License-Identifier: Apache-2.0
// Delays by group of phones and by outcome. Read once, when the worker has ended: in a snapshot ten times a second it
// would be megabytes. Recording finds its histogram by one multiplication.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "regstorm/stats/histogram.hpp"

namespace regstorm::stats {

enum class Outcome : std::uint8_t {
    // Of an attempt, from its intended time.
    succeeded,
    rejected,    ///< a final answer, but no 2xx
    unanswered,  ///< Timer F, ICMP, or our own fault
    // Of one REGISTER, from its first send to its final answer: the service delay.
    accepted,    ///< 2xx
    challenged,  ///< 401, 407
    refused,     ///< any other
};
inline constexpr std::uint32_t outcome_count = 6;

class Breakdown {
  public:
    /// Groups beyond so many share the last place: 226 KB each.
    static constexpr std::uint32_t groups_max = 64;

    explicit Breakdown(std::uint32_t groups = 1)
        : groups_(std::clamp(groups, 1U, groups_max)), delays_(std::size_t{groups_} * outcome_count) {}

    void record(std::uint32_t group, Outcome outcome, base::Nanoseconds delay_ns) {
        delays_[index_of(group, outcome)].record(delay_ns);
    }
    [[nodiscard]] const Histogram& of(std::uint32_t group, Outcome outcome) const {
        return delays_[index_of(group, outcome)];
    }
    [[nodiscard]] std::uint32_t groups() const { return groups_; }

    /// `other` has the same groups, or this one is fresh and takes its.
    void merge(const Breakdown& other) {
        if (delays_.size() < other.delays_.size()) {
            *this = Breakdown(other.groups_);
        }
        for (std::size_t i = 0; i < other.delays_.size(); ++i) {
            delays_[i].merge(other.delays_[i]);
        }
    }

    void merge(std::uint32_t group, Outcome outcome, const Histogram& delays) {
        delays_[index_of(group, outcome)].merge(delays);
    }

  private:
    [[nodiscard]] std::size_t index_of(std::uint32_t group, Outcome outcome) const {
        return std::size_t{std::min(group, groups_ - 1)} * outcome_count + static_cast<std::size_t>(outcome);
    }

    std::uint32_t groups_;
    std::vector<Histogram> delays_;  ///< never grows
};

}  // namespace regstorm::stats
