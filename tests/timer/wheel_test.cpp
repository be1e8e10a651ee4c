// SPDX-License-Identifier: Apache-2.0
// The wheel's promises one by one, each at the place where it could break.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "wheel_model.hpp"

namespace regstorm::timer::testing {
namespace {

using Time = ModelledWheel::Time;

constexpr Time start = 5'000'000'123;  // some tick in the second round of 2^32
constexpr Time day_ms = 24ULL * 3600 * 1000;
constexpr Time reach_ms = Wheel<Table>::horizon_ms;

TEST(Wheel, FiresAtItsTickAndNotBefore) {
    for (const Time span : {1ULL, 2ULL, 4'095ULL, 4'096ULL, 4'097ULL, 8'191ULL, 8'192ULL, 8'193ULL, 4'194'303ULL,
                            4'194'304ULL, 8'388'608ULL, 3'600'000ULL, 86'400'000ULL, 45 * 86'400'000ULL}) {
        for (const Time offset : {0ULL, 1ULL, 4'095ULL, 4'194'303ULL}) {
            SCOPED_TRACE(::testing::Message() << "span " << span << " offset " << offset);
            ModelledWheel wheel(1, start + offset);
            const Time due = start + offset + span;
            wheel.arm(0, due);
            EXPECT_EQ(wheel.advance(due - 1), 0U);
            wheel.wheel().check_invariants();
            EXPECT_EQ(wheel.advance(due), 1U);
            wheel.wheel().check_invariants();
        }
    }
}

TEST(Wheel, FiresAcrossTheWrapOfItsTicks) {
    const Time wrap = 1ULL << 32;
    for (const Time before : {1ULL, 100ULL, 5'000ULL, 10'000'000ULL}) {
        for (const Time after : {0ULL, 1ULL, 100ULL, 5'000ULL, 10'000'000ULL}) {
            SCOPED_TRACE(::testing::Message() << before << " before, " << after << " after");
            ModelledWheel wheel(1, wrap - before);
            wheel.arm(0, wrap + after);
            EXPECT_EQ(wheel.advance(wrap + after - 1), 0U);
            // Tick 0 means "not armed", so a deadline there is one late.
            EXPECT_EQ(wheel.advance(wrap + after + (after == 0 ? 1 : 0)), 1U);
        }
    }
}

TEST(Wheel, FiresAPastDeadlineAtTheNextAdvanceEvenAtTheSameTick) {
    ModelledWheel wheel(4, start);
    EXPECT_EQ(wheel.advance(start + 10), 0U);
    wheel.arm(0, start + 10);
    wheel.arm(1, start + 9);
    wheel.arm(2, start - 60'000);
    wheel.arm(3, start + 11);
    EXPECT_EQ(wheel.advance(start + 10), 3U);
    EXPECT_EQ(wheel.advance(start + 11), 1U);
}

TEST(Wheel, DoesNotFireWhatWasCancelled) {
    ModelledWheel wheel(3, start);
    for (std::uint32_t id = 0; id < 3; ++id) {
        wheel.arm(id, start + 500);
    }
    wheel.cancel(1);
    EXPECT_EQ(wheel.advance(start + 1'000), 2U);
    EXPECT_EQ(wheel.wheel().stats().stale_dropped, 1U);
    EXPECT_EQ(wheel.wheel().stats().live, 0U);
}

TEST(Wheel, MovingLaterFilesNoSecondEntry) {
    ModelledWheel wheel(1, start);
    for (Time i = 1; i <= 1'000; ++i) {
        wheel.arm(0, start + i);
    }
    EXPECT_EQ(wheel.wheel().stats().live, 1U);
    EXPECT_EQ(wheel.wheel().stats().stale, 0U);
    EXPECT_EQ(wheel.advance(start + 999), 0U);
    EXPECT_EQ(wheel.advance(start + 1'000), 1U);
    EXPECT_EQ(wheel.wheel().stats().refiled, 1U);
}

TEST(Wheel, ATransactionThatIsAnsweredCostsOneEntry) {
    ModelledWheel wheel(1, start);
    wheel.arm(0, start + 500);                  // timer E
    wheel.arm(0, start + 3'240'000);            // answered: refresh
    EXPECT_EQ(wheel.advance(start + 600), 0U);  // timer E's entry files itself again
    EXPECT_EQ(wheel.wheel().stats().live + wheel.wheel().stats().stale, 1U);
    EXPECT_EQ(wheel.advance(start + 3'240'000), 1U);
}

TEST(Wheel, ATimerArmedInsideFireForTheSameTickFiresInTheSameAdvance) {
    ModelledWheel wheel(3, start);
    wheel.arm(0, start + 5);
    wheel.arm(1, start + 9);
    std::vector<std::uint32_t> order;
    const std::uint64_t fired = wheel.advance(start + 10, 256, [&](std::uint32_t id) {
        order.push_back(id);
        if (order.size() == 1) {
            wheel.arm(2, start + 7);  // after the one that fires, before the one already in the batch
            wheel.arm(0, start + 8);
        }
    });
    EXPECT_EQ(fired, 4U);
    EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 2, 0, 1}));
}

TEST(Wheel, FireMayCancelAndMoveTimersThatAreDueWithIt) {
    ModelledWheel wheel(4, start);
    for (std::uint32_t id = 0; id < 4; ++id) {
        wheel.arm(id, start + 5 + id);
    }
    const std::uint64_t fired = wheel.advance(start + 10, 256, [&](std::uint32_t id) {
        if (id == 0) {
            wheel.cancel(1);
            wheel.arm(2, start + 20);
        }
    });
    EXPECT_EQ(fired, 2U);
    EXPECT_EQ(wheel.advance(start + 20), 1U);
}

TEST(Wheel, FiresAMillionOfOneMillisecondInBoundedPieces) {
    constexpr std::uint32_t timers = 1'000'000;
    ModelledWheel wheel(timers, start);
    const Time due = start + 100'000;
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, due);
    }
    EXPECT_EQ(wheel.advance(due - 1), 0U);
    EXPECT_EQ(wheel.advance_once(due, 256, [](std::uint32_t) {}), 256U);
    EXPECT_EQ(wheel.advance(due), timers - 256U);
}

TEST(Wheel, BringsAHerdDownWhileTheWindowBeforeItPasses) {
    constexpr std::uint32_t timers = 200'000;
    ModelledWheel wheel(timers, start);
    const Time window = (start / 4'096 + 10) * 4'096;
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, window + id % 4'096);
    }
    const auto none = [](std::uint32_t) {};
    for (Time now = window - 4'096; now < window; ++now) {
        wheel.advance_once(now, 256, none);
    }
    // All there in time, in pieces that advance_once() found small enough: nothing is left to do at the boundary.
    EXPECT_EQ(wheel.wheel().stats().cascaded, timers);
    EXPECT_TRUE(wheel.complete());
}

TEST(Wheel, CatchesUpAfterAStallOfThreeDaysInOrder) {
    constexpr std::uint32_t timers = 20'000;
    ModelledWheel wheel(timers, start);
    base::Prng prng(11);
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, start + 1 + prng.below(4 * day_ms));
    }
    // Phones go on for the longest time there is, measured from the present.
    const Time now = start + Wheel<Table>::lateness_ms_max;
    const std::uint64_t fired =
        wheel.advance(now, 64, [&](std::uint32_t id) { wheel.arm(id, now + reach_ms - prng.below(1'000)); });
    EXPECT_GT(fired, timers / 2);
    wheel.wheel().check_invariants();
    EXPECT_EQ(wheel.advance(start + 4 * day_ms), timers - fired);
    EXPECT_EQ(wheel.advance(now + reach_ms - 1'000), 0U);
    EXPECT_EQ(wheel.advance(now + reach_ms), fired);
}

TEST(Wheel, NextDueJumpsFarWhenTheWheelIsSparse) {
    ModelledWheel wheel(2, start);
    EXPECT_EQ(wheel.next_due(), start + reach_ms);
    wheel.arm(0, start + reach_ms);
    wheel.arm(1, start + 3'600'000);
    int jumps = 0;
    while (wheel.armed_count() > 0) {
        const Time due = wheel.next_due();
        ASSERT_GT(due, wheel.now());
        wheel.advance(due);
        ++jumps;
    }
    EXPECT_EQ(wheel.now(), start + reach_ms);
    EXPECT_LE(jumps, 6);
}

TEST(Wheel, AnAdvanceIntoThePastDoesNothing) {
    ModelledWheel wheel(1, start);
    wheel.arm(0, start + 10);
    wheel.advance(start + 5);
    EXPECT_EQ(wheel.advance_once(start + 4, 256, [](std::uint32_t) {}), 0U);
    EXPECT_EQ(wheel.advance(start + 10), 1U);
}

// Every arming of these leaves a stale entry behind, for 45 days.
TEST(Wheel, SweepsStaleEntriesOfTimersThatAreMovedEarlierAgainAndAgain) {
    constexpr std::uint32_t timers = 300;
    ModelledWheel wheel(timers, start);
    base::Prng prng(12);
    std::vector<Time> when(timers, start + reach_ms);
    for (int i = 0; i < 60'000; ++i) {
        const auto id = static_cast<std::uint32_t>(prng.below(timers));
        when[id] -= 1 + prng.below(10'000'000);
        when[id] = when[id] < start + 1'000'000 ? start + reach_ms : when[id];
        wheel.arm(id, when[id]);
        if (i % 101 == 0) {
            wheel.wheel().check_invariants();
        }
    }
    EXPECT_GT(wheel.wheel().stats().compactions, 10U);
    std::uint64_t fired = 0;
    while (wheel.armed_count() > 0) {
        fired += wheel.advance(wheel.next_due());
    }
    EXPECT_EQ(fired, timers);
}

// The keep-alive pattern: near deadlines that fire, and in between the same far deadline, whose old entry matches it
// again. The copies look alive, so dropping what does not match is not enough.
TEST(Wheel, SweepsCopiesOfAFarDeadlineThatIsArmedAgainAfterEachNearOne) {
    constexpr std::uint32_t timers = 300;
    ModelledWheel wheel(timers, start);
    const Time far = start + 20 * day_ms;
    Time now = start;
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, far + id);
    }
    for (int round = 0; round < 100; ++round) {
        for (std::uint32_t id = 0; id < timers; ++id) {  // one at a time, so that all others wait for the far deadline
            wheel.arm(id, now + 5);
            now += 5;
            ASSERT_EQ(wheel.advance(now), 1U);
            wheel.arm(id, far + id);
        }
        wheel.wheel().check_invariants();
    }
    EXPECT_GT(wheel.wheel().stats().compactions, 10U);
    wheel.wheel().check_invariants();
    EXPECT_EQ(wheel.advance(far - 1), 0U);
    EXPECT_EQ(wheel.advance(far + timers), timers);
}

TEST(Wheel, SweepsWhileTimeGoesOnAndSlotsAreBroughtDown) {
    constexpr std::uint32_t timers = 2'000;
    ModelledWheel wheel(timers, start);
    base::Prng prng(13);
    Time now = start;
    std::uint64_t compactions = 0;
    for (int round = 0; round < 400; ++round) {
        for (int i = 0; i < 150; ++i) {
            const auto id = static_cast<std::uint32_t>(prng.below(timers));
            wheel.arm(id, now + 60'000 + prng.below(reach_ms - 60'000));
            wheel.arm(id, now + 1'000 + prng.below(59'000));
        }
        now += prng.below(2'000);
        wheel.advance(now, 16, [&](std::uint32_t id) { wheel.arm(id, now + 2 * day_ms + id); });
        wheel.wheel().check_invariants();
        compactions = wheel.wheel().stats().compactions;
    }
    EXPECT_GT(compactions, 5U);
}

// A slot may be brought down from before the sweep to behind it. Its stale entries must not slip through: they would
// be there still when the sweep ends, and the pool is sized on the promise that they are not.
TEST(Wheel, SweepsWhatIsBroughtDownPastIt) {
    constexpr std::uint32_t timers = 2'000;
    constexpr std::uint32_t moved =
        663;  // 150 more than begin a sweep: it is past level 0, in the low slots of level 1
    constexpr Time window =
        WheelLayout::level1_slots * 1'000 - 8;  // windows 2 ahead have high slots, 20 ahead low ones
    constexpr Time begin = window << WheelLayout::window0_bits;
    const auto at = [](Time windows_ahead) { return (window + windows_ahead) << WheelLayout::window0_bits; };
    ModelledWheel wheel(timers, begin);
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, at(id < 700 ? 2 : 20) + id % 4'096);
    }
    for (std::uint32_t id = 0; id < moved; ++id) {
        wheel.arm(id, at(1) + 2'000 + id);
    }
    wheel.wheel().check_invariants();
    ASSERT_EQ(wheel.wheel().stats().stale, moved);
    wheel.advance(at(1));
    for (int i = 0; i < 20; ++i) {
        wheel.advance(at(1));
    }
    wheel.wheel().check_invariants();
    EXPECT_EQ(wheel.wheel().stats().cascaded, 700U);
    EXPECT_EQ(wheel.wheel().stats().stale, 0U);
    EXPECT_EQ(wheel.advance(at(21)), timers);
}

// The slot that is to be brought down may be in the sweep's hands, half of it detached.
TEST(Wheel, BringsDownASlotThatIsBeingSwept) {
    constexpr std::uint32_t timers = 2'000;
    constexpr std::uint32_t moved = 663;  // as above: the sweep is past level 0, in the only slot of level 1
    const auto at = [](Time windows) { return (3 * 2'048 + 100 + windows) << WheelLayout::window0_bits; };
    ModelledWheel wheel(timers, at(0));
    for (std::uint32_t id = 0; id < timers; ++id) {
        wheel.arm(id, at(2) + id);
    }
    for (std::uint32_t id = 0; id < moved; ++id) {
        wheel.arm(id, at(1) + 2'000 + id);
    }
    ASSERT_EQ(wheel.wheel().stats().compactions, 0U);
    wheel.wheel().check_invariants();
    EXPECT_EQ(wheel.advance(at(2) - 1), moved);
    wheel.wheel().check_invariants();
    EXPECT_EQ(wheel.advance(at(3)), timers - moved);
}

TEST(Wheel, TakesFromTheArenaWhatItSays) {
    for (const std::uint32_t timers : {1U, 63U, 64U, 1'000U, 100'000U}) {
        base::Arena arena(Wheel<Table>::bytes_for(timers));
        Table table(timers);
        const Wheel<Table> wheel(arena, table, timers, 0);
        EXPECT_LE(arena.bytes_used(), Wheel<Table>::bytes_for(timers));
    }
    // 10.9 bytes a timer where it matters, with entries of 8 bytes and room for a quarter of them to be stale.
    EXPECT_LE(Wheel<Table>::bytes_for(10'000'000), 110'000'000U);
}

}  // namespace
}  // namespace regstorm::timer::testing
