// SPDX-License-Identifier: Apache-2.0
// The search of RFC 7502 section 4.10, to the letter, floor() and all: the largest rate at which N attempts complete
// without a failure. It creeps up in steps of w and is over when ten trials that held have brought nothing higher.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace regstorm::capacity {

struct Rfc7502Plan {
    double rate_start = 100;    ///< r
    double increase = 0.10;     ///< w
    double decrease = 0.10;     ///< d is at least w / 2
    std::uint32_t stalls = 10;  ///< count
    double rate_max = 1e9;      ///< not in the RFC: nothing faster is tried
};

class Rfc7502Search {
  public:
    explicit Rfc7502Search(const Rfc7502Plan& plan)
        : plan_(plan),
          rate_(std::floor(plan.rate_start)),
          increase_(plan.increase),
          decrease_(std::max(plan.decrease, plan.increase / 2)) {}

    /// Nothing: the search is over.
    [[nodiscard]] std::optional<double> next() const {
        const bool over = count_ >= plan_.stalls || rate_ < 1 || rate_ > plan_.rate_max;
        return over ? std::nullopt : std::optional(rate_);
    }

    void add(bool all_succeeded) {
        if (!all_succeeded) {
            rate_ = std::floor(rate_ - decrease_ * rate_);
            decrease_ = std::max(std::min(plan_.decrease, weight_min), decrease_ / 2);
            increase_ = std::max(std::min(plan_.increase, weight_min), increase_ / 2);
            return;
        }
        if (rate_ > best_) {
            best_ = rate_;
        } else {
            ++count_;
        }
        if (count_ < plan_.stalls) {
            rate_ = std::floor(rate_ + increase_ * rate_);
        }
    }

    /// R; 0 when nothing held.
    [[nodiscard]] double rate() const { return best_; }
    [[nodiscard]] bool at_rate_max() const { return rate_ > plan_.rate_max; }

  private:
    static constexpr double weight_min = 0.10;

    Rfc7502Plan plan_;
    double rate_;
    double increase_;
    double decrease_;
    double best_ = 0;  ///< old_r
    std::uint32_t count_ = 0;
};

}  // namespace regstorm::capacity
