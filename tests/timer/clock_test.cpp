// SPDX-License-Identifier: Apache-2.0
#include "regstorm/timer/clock.hpp"

#include <gtest/gtest.h>

namespace regstorm::timer {
namespace {

static_assert(Clock<SystemClock>);
static_assert(Clock<VirtualClock>);

TEST(Clock, ATimerSetForLaterIsNeverEarly) {
    for (const base::Nanoseconds now_ns : {0ULL, 1ULL, 999'999ULL, 1'000'000ULL, 1'000'001ULL}) {
        const base::Tick due = tick_after(now_ns, 500);
        EXPECT_GE(due * base::ns_per_ms, now_ns + 500 * base::ns_per_ms);
        EXPECT_LT(due * base::ns_per_ms, now_ns + 501 * base::ns_per_ms);
    }
}

TEST(Clock, TicksWrapAfterFortyNineDays) {
    const base::Nanoseconds wrap_ns = (1ULL << 32) * base::ns_per_ms;
    EXPECT_EQ(tick_at(wrap_ns - 1), 0xffffffffU);
    EXPECT_EQ(tick_at(wrap_ns), 0U);
    EXPECT_EQ(tick_after(wrap_ns - 1, 500), 500U);
}

TEST(Clock, TheVirtualClockMovesOnlyWhenTold) {
    VirtualClock clock(5);
    EXPECT_EQ(clock.now_ns(), 5U);
    clock.advance_to(7);
    EXPECT_EQ(clock.now_ns(), 7U);
    EXPECT_DEATH(clock.advance_to(6), "bug at");
}

}  // namespace
}  // namespace regstorm::timer
