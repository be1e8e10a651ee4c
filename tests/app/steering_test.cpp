// SPDX-License-Identifier: Apache-2.0
// What keys make of the rate; that they arrive is tested on a terminal (tests/interop/keys_test.py).
#include "app/steering.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace regstorm::app {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

TEST(Steering, WithoutAKeyThePlanStands) {
    Steering steering([](double) { return 1000.0; });
    EXPECT_EQ(steering.wish(1), std::nullopt);
    steering.press('x', 1);
    EXPECT_EQ(steering.wish(1), std::nullopt);
    EXPECT_FALSE(steering.stop_wanted());
}

TEST(Steering, PauseIsRateZeroAndGoingOnTheRateThatWasPlannedThen) {
    Steering steering([](double t_s) { return t_s < 5 ? 1000.0 : 2000.0; });
    steering.press('p', 6);
    EXPECT_EQ(steering.wish(6), 0.0);
    EXPECT_TRUE(steering.paused());
    EXPECT_EQ(steering.wish(7), std::nullopt) << "said once";
    steering.press(' ', 8);
    EXPECT_EQ(steering.wish(8), 2000.0);
    EXPECT_FALSE(steering.paused());
}

TEST(Steering, TenStepsAreADecadeUpAndDown) {
    Steering steering([](double) { return 100.0; });
    for (int i = 0; i < 10; ++i) {
        steering.press('+', 0);
    }
    EXPECT_NEAR(steering.wish(0).value(), 1000, 1e-6);
    for (int i = 0; i < 20; ++i) {
        steering.press('-', 0);
    }
    EXPECT_NEAR(steering.wish(0).value(), 10, 1e-6);
}

TEST(Steering, ARateChosenDuringAPauseHoldsWhenItEnds) {
    Steering steering([](double) { return 100.0; });
    steering.press('p', 0);
    steering.press('+', 0);
    EXPECT_EQ(steering.wish(0), 0.0);
    steering.press('p', 1);
    EXPECT_NEAR(steering.wish(1).value(), 125.89, 0.01);
}

TEST(Steering, StaysWithinWhatARateMayBe) {
    Steering steering([](double) { return 90e6; });
    steering.press('+', 0);
    EXPECT_EQ(steering.wish(0), 100e6);
    Steering fastest([](double) { return unlimited; });
    fastest.press('+', 0);
    EXPECT_EQ(fastest.wish(0), std::nullopt) << "there is nothing above as fast as it goes";
    fastest.press('p', 0);
    fastest.press('p', 0);
    EXPECT_EQ(fastest.wish(0), unlimited);
}

TEST(Steering, EveryChangeIsKeptForTheResult) {
    Steering steering([](double) { return 100.0; });
    steering.press('p', 2);
    static_cast<void>(steering.wish(2));
    steering.press('p', 3);
    static_cast<void>(steering.wish(3));
    ASSERT_EQ(steering.changes().size(), 2U);
    EXPECT_EQ(steering.changes()[0].t_s, 2);
    EXPECT_EQ(steering.changes()[0].rate_per_s, 0);
    EXPECT_EQ(steering.changes()[1].rate_per_s, 100);
}

TEST(Steering, QAsksForAnOrderlyStop) {
    Steering steering([](double) { return 100.0; });
    steering.press('q', 0);
    EXPECT_TRUE(steering.stop_wanted());
}

TEST(Keyboard, IsAbsentWhereNobodyWantsIt) {
    Keyboard keyboard(false);
    EXPECT_FALSE(keyboard.present());
    EXPECT_EQ(keyboard.next(), std::nullopt);
}

}  // namespace
}  // namespace regstorm::app
