// SPDX-License-Identifier: Apache-2.0
#include "regstorm/stats/breakdown.hpp"

#include <gtest/gtest.h>

namespace regstorm::stats {
namespace {

TEST(Breakdown, KeepsGroupsAndOutcomesApart) {
    Breakdown breakdown(2);
    breakdown.record(0, Outcome::succeeded, 100);
    breakdown.record(1, Outcome::succeeded, 200);
    breakdown.record(1, Outcome::unanswered, 300);
    EXPECT_EQ(breakdown.of(0, Outcome::succeeded).max(), 100U);
    EXPECT_EQ(breakdown.of(1, Outcome::succeeded).max(), 200U);
    EXPECT_EQ(breakdown.of(1, Outcome::unanswered).max(), 300U);
    EXPECT_EQ(breakdown.of(0, Outcome::rejected).count(), 0U);
}

TEST(Breakdown, HasALastGroupForAllThatAreTooMany) {
    Breakdown breakdown(1000);
    EXPECT_EQ(breakdown.groups(), Breakdown::groups_max);
    breakdown.record(63, Outcome::rejected, 1);
    breakdown.record(999, Outcome::rejected, 2);
    EXPECT_EQ(breakdown.of(500, Outcome::rejected).count(), 2U);
}

TEST(Breakdown, MergesIntoAFreshOne) {
    Breakdown worker(3);
    worker.record(2, Outcome::rejected, 7);
    Breakdown all;
    all.merge(worker);
    all.merge(worker);
    EXPECT_EQ(all.groups(), 3U);
    EXPECT_EQ(all.of(2, Outcome::rejected).count(), 2U);
}

}  // namespace
}  // namespace regstorm::stats
