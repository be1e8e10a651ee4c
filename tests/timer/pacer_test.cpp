// SPDX-License-Identifier: Apache-2.0
#include "regstorm/timer/pacer.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::timer {
namespace {

using base::Nanoseconds;
using base::ns_per_s;

constexpr Nanoseconds hour_ns = 3'600 * ns_per_s;
constexpr auto ignore = [](Nanoseconds) {};

std::vector<Nanoseconds> take(Pacer& pacer, Nanoseconds now_ns, std::uint32_t max = 1'000'000) {
    std::vector<Nanoseconds> slots;
    const std::uint32_t count = pacer.due(now_ns, max, [&](Nanoseconds intended_ns) { slots.push_back(intended_ns); });
    EXPECT_EQ(count, slots.size());
    return slots;
}

TEST(Pacer, HandsOutEachSlotAtItsIntendedTime) {
    Pacer pacer(10, 1'000, 0, 1);
    EXPECT_EQ(pacer.next_due_ns(), 1'000U);
    EXPECT_EQ(take(pacer, 999), std::vector<Nanoseconds>{});
    EXPECT_EQ(take(pacer, 1'000), std::vector<Nanoseconds>{1'000});
    EXPECT_EQ(take(pacer, 100'000'999), std::vector<Nanoseconds>{});
    EXPECT_EQ(take(pacer, 300'001'000), (std::vector<Nanoseconds>{100'001'000, 200'001'000, 300'001'000}));
}

// Slot k is due at start + k / rate, after hours as in the first second.
TEST(Pacer, DoesNotDrift) {
    for (const double rate : {1.0, 7.0, 333'333.3, 10e6}) {
        SCOPED_TRACE(::testing::Message() << rate << "/s");
        constexpr Nanoseconds start_ns = 123'456'789;
        Pacer pacer(rate, start_ns, 0, 1);
        Nanoseconds last_ns = 0;
        std::uint64_t count = 0;
        // Ten hours, or less where that is billions of slots.
        const Nanoseconds end_ns = start_ns + (rate > 1e6 ? 2 * ns_per_s : rate > 10 ? hour_ns / 60 : 10 * hour_ns);
        for (Nanoseconds now_ns = start_ns; now_ns <= end_ns; now_ns += ns_per_s / 2) {
            count += pacer.due(now_ns, ~0U, [&](Nanoseconds intended_ns) { last_ns = intended_ns; });
        }
        const auto slots = static_cast<long double>(count - 1);
        EXPECT_NEAR(static_cast<double>(static_cast<long double>(last_ns - start_ns) - slots * 1e9L / rate), -0.5,
                    0.51);
        EXPECT_LE(last_ns, end_ns);
        EXPECT_GT(pacer.next_due_ns(), end_ns);
    }
}

// Hours at high rates, without billions of calls: what is behind is the schedule itself.
TEST(Pacer, IsNotASlotOffAfterAYear) {
    for (const double rate : {1.0, 7.0, 333'333.3, 10e6}) {
        SCOPED_TRACE(::testing::Message() << rate << "/s");
        const Pacer pacer(rate, 0, 0, 1);
        const Nanoseconds year_ns = 365 * 24 * hour_ns + 12'345;
        const auto expected = static_cast<std::uint64_t>(static_cast<long double>(year_ns) * rate / 1e9L) + 1;
        EXPECT_EQ(pacer.behind(year_ns), expected);
    }
}

TEST(Pacer, WorkersShareTheScheduleEvenly) {
    constexpr std::uint32_t workers = 7;
    std::vector<Nanoseconds> slots;
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
        Pacer pacer(1'000, 5'000, worker, workers);
        for (const Nanoseconds intended_ns : take(pacer, 5'000 + ns_per_s - 1)) {
            slots.push_back(intended_ns);
        }
    }
    std::ranges::sort(slots);
    ASSERT_EQ(slots.size(), 1'000U);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        ASSERT_NEAR(static_cast<double>(slots[i]), 5'000 + static_cast<double>(i) * 1e6, 1.0);
    }
}

TEST(Pacer, LateSlotsKeepTheirTimesAndAreCounted) {
    Pacer pacer(1'000, 0, 0, 1);
    constexpr Nanoseconds stalled_ns = 10'500'000;
    EXPECT_EQ(pacer.behind(stalled_ns), 11U);
    EXPECT_EQ(take(pacer, stalled_ns, 4), (std::vector<Nanoseconds>{0, 1'000'000, 2'000'000, 3'000'000}));
    EXPECT_EQ(pacer.behind(stalled_ns), 7U);
    EXPECT_EQ(pacer.next_due_ns(), 4'000'000U);
    const std::vector<Nanoseconds> rest = take(pacer, stalled_ns);
    EXPECT_EQ(rest.size(), 7U);
    EXPECT_EQ(rest.back(), 10'000'000U);
    EXPECT_EQ(pacer.behind(stalled_ns), 0U);
}

TEST(Pacer, UnlimitedHandsOutAllItMayIntendedNow) {
    Pacer pacer(Pacer::unlimited, 0, 1, 2);
    EXPECT_EQ(take(pacer, 77, 3), (std::vector<Nanoseconds>{77, 77, 77}));
    EXPECT_EQ(pacer.behind(1'000'000), 0U);
    EXPECT_EQ(pacer.next_due_ns(), 0U);
    pacer.set_rate(1'000, 1'000'000);
    EXPECT_EQ(take(pacer, 10'000'000).size(), 5U);  // every 2 ms, beginning 1 ms after the change
}

TEST(Pacer, PausesAtRateZero) {
    Pacer pacer(0, 0, 0, 1);
    EXPECT_EQ(pacer.due(~Nanoseconds{0} - 1, 5, ignore), 0U);
    EXPECT_EQ(pacer.next_due_ns(), Pacer::never);
    EXPECT_EQ(pacer.behind(hour_ns), 0U);
    pacer.set_rate(10, hour_ns);
    EXPECT_EQ(take(pacer, hour_ns + ns_per_s - 1).size(), 10U);
}

TEST(Pacer, AChangeOfRateKeepsTheShareOfASlotThatHasBuiltUp) {
    Pacer pacer(1, 0, 0, 1);
    EXPECT_EQ(take(pacer, 0).size(), 1U);
    pacer.set_rate(10, ns_per_s / 4);  // three quarters of a slot to wait: 75 ms at the new rate
    EXPECT_EQ(take(pacer, ns_per_s), (std::vector<Nanoseconds>{325'000'000, 425'000'000, 525'000'000, 625'000'000,
                                                               725'000'000, 825'000'000, 925'000'000}));
}

TEST(Pacer, LateSlotsKeepTheirTimesThroughAChangeOfRate) {
    Pacer pacer(10, 0, 0, 1);
    pacer.set_rate(100, 250'000'000);
    EXPECT_EQ(pacer.behind(250'000'000), 3U);
    EXPECT_EQ(pacer.behind(260'000'000), 4U);
    EXPECT_EQ(take(pacer, 270'000'000),
              (std::vector<Nanoseconds>{0, 100'000'000, 200'000'000, 255'000'000, 265'000'000}));
}

TEST(Pacer, LosesNoSlotWhenTheRateChangesWhileItIsBehind) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed);
        base::Prng prng(seed);
        Pacer pacer(1'000, 0, 0, 1);
        long double expected = 1;  // the slot at 0
        double rate = 1'000;
        Nanoseconds now_ns = 0;
        std::uint64_t count = 0;
        Nanoseconds last_ns = 0;
        for (int step = 0; step < 500; ++step) {
            const Nanoseconds span_ns = prng.below(20'000'000);
            now_ns += span_ns;
            expected += static_cast<long double>(span_ns) * rate / 1e9L;
            count += pacer.due(now_ns, static_cast<std::uint32_t>(prng.below(40)), [&](Nanoseconds intended_ns) {
                ASSERT_GE(intended_ns, last_ns);
                ASSERT_LE(intended_ns, now_ns);
                last_ns = intended_ns;
            });
            if (prng.below(2) == 0) {
                rate = prng.below(8) == 0 ? 0 : static_cast<double>(prng.below(3'000));
                pacer.set_rate(rate, now_ns);
            }
            ASSERT_NEAR(static_cast<double>(count + pacer.behind(now_ns)), static_cast<double>(expected), 1.01);
        }
    }
}

}  // namespace
}  // namespace regstorm::timer
