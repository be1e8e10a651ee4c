// SPDX-License-Identifier: Apache-2.0
// Random lives of the wheel against the model, from seeds, with the invariants checked after every step.
#include "wheel_model.hpp"

#include <algorithm>
#include <cstdint>

namespace regstorm::timer::testing {
namespace {

constexpr std::uint64_t horizon_ms = Wheel<Table>::horizon_ms;
constexpr std::uint64_t stall_ms = Wheel<Table>::lateness_ms_max;

struct Life {
    std::uint32_t timers;
    int steps;
    std::uint64_t arm_span_max;
    std::uint64_t advance_span_max;
    std::uint64_t operations_max;  ///< arms and cancels between two advances
};

class RandomLife {
  public:
    RandomLife(const Life& life, std::uint64_t seed, std::uint64_t start)
        : life_(life), prng_(seed), wheel_(life.timers, start) {}

    void run() {
        for (int step = 0; step < life_.steps && !::testing::Test::HasFailure(); ++step) {
            const std::uint64_t operations = prng_.below(life_.operations_max + 1);
            for (std::uint64_t i = 0; i < operations; ++i) {
                change(any());
            }
            wheel_.wheel().check_invariants();
            advance();
            wheel_.wheel().check_invariants();
        }
    }

  private:
    [[nodiscard]] std::uint32_t any() { return static_cast<std::uint32_t>(prng_.below(life_.timers)); }

    void change(std::uint32_t id) {
        const std::uint64_t kind = prng_.below(10);
        if (kind == 0) {
            wheel_.cancel(id);
        } else if (kind == 1) {
            wheel_.arm(id, wheel_.now() - random_span(prng_, std::min<std::uint64_t>(wheel_.now(), 100'000'000)));
        } else if (kind <= 4 && wheel_.deadline(id)) {  // earlier or later by a little
            const std::uint64_t shift = random_span(prng_, 5'000);
            const std::uint64_t when = *wheel_.deadline(id) + (kind == 2 ? shift : 0 - shift);
            wheel_.arm(id, std::clamp(when, wheel_.now() - 100'000'000, wheel_.now() + horizon_ms));
        } else {
            wheel_.arm(id, wheel_.now() + random_span(prng_, life_.arm_span_max));
        }
    }

    void advance() {
        std::uint64_t now = wheel_.now();
        if (wheel_.complete()) {
            now = prng_.below(4) == 0 ? wheel_.next_due() : now + random_span(prng_, life_.advance_span_max);
        }
        const auto fires_max = static_cast<std::uint32_t>(1 + prng_.below(40));
        const auto on_fire = [&](std::uint32_t id) {
            // A chain of timers armed in the past would never end, so only some are.
            if (prng_.below(3) == 0) {
                change(id);
            }
            if (prng_.below(4) == 0) {
                change(any());
            }
        };
        if (prng_.below(3) == 0) {
            static_cast<void>(wheel_.advance_once(now, fires_max, on_fire));
        } else {
            static_cast<void>(wheel_.advance(now, fires_max, on_fire));
        }
    }

    Life life_;
    base::Prng prng_;
    ModelledWheel wheel_;
};

void live_many(const Life& life, std::uint64_t first_seed, std::uint64_t seeds) {
    for (std::uint64_t seed = first_seed; seed < first_seed + seeds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed);
        // Half of the lives begin shortly before the ticks wrap.
        base::Prng prng(seed);
        const std::uint64_t start =
            prng.below(2) == 0 ? (1ULL << 32) - random_span(prng, 10'000'000) : (1ULL << 32) + prng.below(1ULL << 32);
        RandomLife(life, seed, start).run();
    }
}

TEST(WheelModel, FiresEveryTimerOnceInOrderAndNeverEarlyWithShortTimers) {
    live_many({.timers = 60, .steps = 600, .arm_span_max = 20'000, .advance_span_max = 3'000, .operations_max = 12}, 1,
              12);
}

TEST(WheelModel, FiresEveryTimerOnceInOrderAndNeverEarlyAcrossAllLevels) {
    live_many(
        {.timers = 40, .steps = 600, .arm_span_max = horizon_ms, .advance_span_max = 10'000'000, .operations_max = 8},
        100, 12);
}

TEST(WheelModel, SurvivesStallsOfDays) {
    live_many(
        {.timers = 50, .steps = 300, .arm_span_max = horizon_ms, .advance_span_max = stall_ms, .operations_max = 30},
        200, 12);
}

TEST(WheelModel, StaysWithinItsPoolWhenTimersAreMovedAllTheTime) {
    live_many(
        {.timers = 500, .steps = 150, .arm_span_max = horizon_ms, .advance_span_max = 2'000, .operations_max = 600},
        300, 8);
}

}  // namespace
}  // namespace regstorm::timer::testing
