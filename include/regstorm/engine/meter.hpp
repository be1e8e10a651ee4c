// SPDX-License-Identifier: Apache-2.0
// How busy a poll loop is and how long it was away: the generator's own health, from the one clock reading per poll.
#pragma once

#include <algorithm>

#include "regstorm/base/units.hpp"

namespace regstorm::engine {

class Meter {
  public:
    void start(base::Nanoseconds now_ns) { *this = Meter{now_ns}; }

    /// At the top of a poll; `worked` tells whether the previous poll found something to do.
    void poll(base::Nanoseconds now_ns, bool worked) {
        gap_ns_ = now_ns - last_ns_;
        last_ns_ = now_ns;
        polling_ns_ += gap_ns_;
        if (worked) {
            busy_ns_ += gap_ns_;
            worked_at_ns_ = now_ns;
        }
        longest_gap_ns_ = std::max(longest_gap_ns_, gap_ns_);
    }

    /// The loop let the core go on purpose until then; only what it was away beyond that is a gap.
    void rested(base::Nanoseconds until_ns) {
        polling_ns_ += until_ns - last_ns_;
        last_ns_ = until_ns;
    }

    /// The end of the last poll that found something to do, or the start.
    [[nodiscard]] base::Nanoseconds worked_at_ns() const { return worked_at_ns_; }
    [[nodiscard]] base::Nanoseconds busy_ns() const { return busy_ns_; }
    [[nodiscard]] base::Nanoseconds polling_ns() const { return polling_ns_; }
    /// From the poll before to this one: what has arrived may have waited for so long.
    [[nodiscard]] base::Nanoseconds gap_ns() const { return gap_ns_; }
    [[nodiscard]] base::Nanoseconds longest_gap_ns() const { return longest_gap_ns_; }

    Meter() = default;

  private:
    explicit Meter(base::Nanoseconds now_ns) : last_ns_(now_ns), worked_at_ns_(now_ns) {}

    base::Nanoseconds last_ns_ = 0;
    base::Nanoseconds worked_at_ns_ = 0;
    base::Nanoseconds busy_ns_ = 0;
    base::Nanoseconds polling_ns_ = 0;
    base::Nanoseconds gap_ns_ = 0;
    base::Nanoseconds longest_gap_ns_ = 0;
};

}  // namespace regstorm::engine
