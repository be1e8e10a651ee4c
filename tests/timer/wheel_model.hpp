// SPDX-License-Identifier: Apache-2.0
// A wheel next to a model so plain that it cannot be wrong: a multimap of 64-bit ticks. Every fire is checked against
// the model as it happens: armed, due, in order, once; and after a complete advance nothing due is left.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::timer::testing {

struct Record {
    base::Tick deadline = 0;
    base::Tick armed = 0;
};

class Table {
  public:
    explicit Table(std::uint32_t timers) : records_(timers) {}
    base::Tick& deadline(std::uint32_t id) { return records_[id].deadline; }
    base::Tick& armed(std::uint32_t id) { return records_[id].armed; }
    void prefetch(std::uint32_t id) { ASSERT_LT(id, records_.size()); }

  private:
    std::vector<Record> records_;
};

class ModelledWheel {
  public:
    using Time = std::uint64_t;  ///< a tick that does not wrap

    ModelledWheel(std::uint32_t timers, Time now)
        : arena_(Wheel<Table>::bytes_for(timers)),
          table_(timers),
          wheel_(arena_, table_, timers, static_cast<base::Tick>(now)),
          expected_(timers),
          now_(now),
          last_fired_(now) {}

    void arm(std::uint32_t id, Time when) {
        forget(id);
        when += static_cast<base::Tick>(when) == 0 ? 1 : 0;
        // Between two pieces of one advance the wheel may already be past `when`, so its place in order is open.
        const bool ordered = firing_ ? firing_in_order_ : complete_;
        expected_[id] = Expected{when, ordered ? std::max(when, last_fired_) : 0, by_time_.emplace(when, id)};
        wheel_.arm(id, static_cast<base::Tick>(when));
    }

    void cancel(std::uint32_t id) {
        forget(id);
        wheel_.cancel(id);
    }

    /// One call of advance(); on_fire(id) runs after the checks and may arm and cancel.
    template <class OnFire>
    std::uint32_t advance_once(Time now, std::uint32_t fires_max, OnFire&& on_fire) {
        now_ = now;
        const std::uint64_t touched_before = touched();
        firing_ = true;
        const std::uint32_t fired =
            wheel_.advance(static_cast<base::Tick>(now), fires_max, [&](auto id, auto deadline) {
                check_fire(id, deadline);
                on_fire(id);
            });
        firing_ = false;
        EXPECT_LE(fired, fires_max);
        EXPECT_LE(touched() - touched_before, fires_max + 512U);
        complete_ = wheel_.next_due(static_cast<base::Tick>(now)) != static_cast<base::Tick>(now);
        if (complete_) {
            last_fired_ = now;
            check_complete();
        }
        return fired;
    }

    /// Calls until nothing is left to do at `now`.
    template <class OnFire>
    std::uint64_t advance(Time now, std::uint32_t fires_max, OnFire&& on_fire) {
        std::uint64_t fired = 0;
        do {
            fired += advance_once(now, fires_max, on_fire);
        } while (!complete_ && !::testing::Test::HasFailure());
        return fired;
    }
    std::uint64_t advance(Time now) {
        return advance(now, 256, [](std::uint32_t) {});
    }

    [[nodiscard]] Time next_due() const {
        return now_ +
               static_cast<base::Tick>(wheel_.next_due(static_cast<base::Tick>(now_)) - static_cast<base::Tick>(now_));
    }
    [[nodiscard]] std::optional<Time> earliest() const {
        return by_time_.empty() ? std::nullopt : std::optional(by_time_.begin()->first);
    }
    [[nodiscard]] std::optional<Time> deadline(std::uint32_t id) const {
        return expected_[id] ? std::optional(expected_[id]->when) : std::nullopt;
    }
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] Time now() const { return now_; }
    [[nodiscard]] std::size_t armed_count() const { return by_time_.size(); }
    [[nodiscard]] const Wheel<Table>& wheel() const { return wheel_; }

  private:
    struct Expected {
        Time when;
        Time order;  ///< 0: not held to an order
        std::multimap<Time, std::uint32_t>::iterator place;
    };

    void forget(std::uint32_t id) {
        if (expected_[id]) {
            by_time_.erase(expected_[id]->place);
            expected_[id].reset();
        }
    }

    void check_fire(std::uint32_t id, base::Tick deadline) {
        ASSERT_TRUE(expected_[id]) << "timer " << id << " fired without being armed";
        EXPECT_EQ(deadline, static_cast<base::Tick>(expected_[id]->when));
        EXPECT_LE(expected_[id]->when, now_) << "timer " << id << " fired early";
        firing_in_order_ = expected_[id]->order != 0;
        if (firing_in_order_) {
            EXPECT_GE(expected_[id]->order, last_fired_) << "timer " << id << " fired out of order";
            last_fired_ = expected_[id]->order;
        }
        forget(id);
    }

    void check_complete() {
        const Time due = next_due();
        EXPECT_GT(due, now_);
        if (const std::optional<Time> first = earliest()) {
            EXPECT_GT(*first, now_) << "timer " << by_time_.begin()->second << " is lost";
            EXPECT_LE(due, *first);
        }
    }

    [[nodiscard]] std::uint64_t touched() const {
        const WheelStats stats = wheel_.stats();
        return stats.fired + stats.refiled + stats.cascaded;
    }

    base::Arena arena_;
    Table table_;
    Wheel<Table> wheel_;
    std::vector<std::optional<Expected>> expected_;
    std::multimap<Time, std::uint32_t> by_time_;
    Time now_;
    Time last_fired_;
    bool complete_ = true;
    bool firing_ = false;
    bool firing_in_order_ = false;
};

/// Durations that matter: everywhere, but most of all next to the edges of slots, windows and levels.
[[nodiscard]] inline std::uint64_t random_span(base::Prng& prng, std::uint64_t span_max) {
    static constexpr std::uint64_t edges[] = {0,        1,        2,         500,      4'000,
                                              4'095,    4'096,    8'192,     32'000,   1U << 21,
                                              1U << 22, 1U << 23, 3'240'000, 2U << 22, 64'800ULL * 60 * 1000};
    const std::uint64_t kind = prng.below(4);
    std::uint64_t span = kind == 0   ? prng.below(100)
                         : kind == 1 ? prng.next() >> (32 + prng.below(32))
                                     : edges[prng.below(std::size(edges))] + prng.below(3) - 1;
    if (kind == 3 && span > 2) {
        span = prng.below(span);
    }
    return span > span_max ? prng.below(span_max + 1) : span;  // -1 wraps to a large value and lands here too
}

}  // namespace regstorm::timer::testing
