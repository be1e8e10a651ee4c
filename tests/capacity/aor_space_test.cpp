// SPDX-License-Identifier: Apache-2.0
#include "regstorm/capacity/aor_space.hpp"

#include <gtest/gtest.h>

namespace regstorm::capacity {
namespace {

TEST(AorSpace, GivesTheSameUsersAgainAfterATrialThatLeftNothing) {
    AorSpace space(0, false, true);
    EXPECT_EQ(space.take(1000).first, 0U);
    space.give_back(true);
    const Block next = space.take(5000);
    EXPECT_EQ(next.first, 0U);
    EXPECT_EQ(next.count, 5000U);
    EXPECT_EQ(next.sweep, 0U);
}

TEST(AorSpace, GivesUsersThatNobodyRegisteredAfterOneThatLeftBindings) {
    AorSpace space(0, false, true);
    static_cast<void>(space.take(1000));
    space.give_back(false);
    EXPECT_EQ(space.take(500).first, 1000U);
    space.give_back(true);
    EXPECT_EQ(space.take(500).first, 1000U) << "those are clean";
    space.give_back(false);
    EXPECT_EQ(space.take(10).first, 1500U);
}

TEST(AorSpace, SweepsWhenNoUserIsLeft) {
    AorSpace space(2000, false, true);
    static_cast<void>(space.take(1500));
    space.give_back(false);
    const Block block = space.take(1000);
    EXPECT_EQ(block.first, 0U);
    EXPECT_EQ(block.sweep, 1500U);
    space.give_back(true);
    EXPECT_EQ(space.take(1000).sweep, 0U);
}

TEST(AorSpace, SweepsWhenPhonesDifferByTheirNumbers) {
    AorSpace space(0, false, false);
    static_cast<void>(space.take(10));
    space.give_back(false);
    EXPECT_EQ(space.take(10).sweep, 10U);
}

TEST(AorSpace, AlwaysMovesOnWhenUsersAreToBeNew) {
    AorSpace space(0, true, true);
    static_cast<void>(space.take(1000));
    space.give_back(true);
    EXPECT_EQ(space.take(300).first, 1000U);
    space.give_back(true);
    EXPECT_EQ(space.take(300).first, 1300U);
}

TEST(AorSpace, NeverGivesMoreUsersThanThereAre) {
    AorSpace space(100, false, true);
    EXPECT_EQ(space.take(1000).count, 100U);
    EXPECT_EQ(space.size(), 100U);
}

}  // namespace
}  // namespace regstorm::capacity
