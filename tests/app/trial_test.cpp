// SPDX-License-Identifier: Apache-2.0
// When a trial of a search is over before its end.
#include "app/trial.hpp"

#include <gtest/gtest.h>

namespace regstorm::app {
namespace {

using stats::Counter;

constexpr std::uint32_t users = 1000;

/// Half of the users have an outcome: `failed` failed, and `slow` of the others took 80 ms, the rest 1 ms.
Interval halfway(std::uint32_t failed, std::uint32_t slow) {
    Interval now;
    now.total.counters.add(Counter::attempted, users / 2);
    now.total.counters.add(Counter::failed, failed);
    now.total.counters.add(Counter::succeeded, users / 2 - failed);
    for (std::uint32_t i = 0; i < users / 2 - failed; ++i) {
        now.total.rrd.record((i < slow ? 80 : 1) * base::ns_per_ms);
    }
    return now;
}

bool lost(const Interval& now, std::string_view goal) {
    RunPlan plan;
    plan.schedule.endpoints = users;
    return is_lost(now, plan, config::parse_goal(goal).value);
}

TEST(Trial, IsNotLostWhileTheUsersToComeCanStillMendIt) {
    EXPECT_FALSE(lost(halfway(0, 10), "rrd_p99 < 50ms"));
    EXPECT_FALSE(lost(halfway(10, 0), "loss <= 1%"));
}

TEST(Trial, IsLostWhenMoreAreLateThanTheGoalAllowsOfAllUsers) {
    EXPECT_TRUE(lost(halfway(0, 11), "rrd_p99 < 50ms"));
    EXPECT_TRUE(lost(halfway(0, 11), "loss <= 1% and rrd_p99 < 50ms"));
    EXPECT_FALSE(lost(halfway(0, 11), "rrd_p90 < 50ms"));
}

TEST(Trial, IsLostWhenMoreHaveFailedThanTheGoalAllowsOfAllUsers) {
    EXPECT_TRUE(lost(halfway(11, 0), "loss <= 1%"));
    EXPECT_TRUE(lost(halfway(1, 0), "failed <= 0"));
}

TEST(Trial, IsNotLostForFailuresThatAreMadeUpForByTryingAgain) {
    EXPECT_FALSE(lost(halfway(400, 0), "loss <= 30%")) << "400 of 1,000 users, but of 1,400 attempts";
    Interval again = halfway(500, 0);
    again.total.counters.add(Counter::attempted, 600);
    again.total.counters.add(Counter::failed, 600);
    EXPECT_FALSE(lost(again, "loss <= 50%")) << "more outcomes than users";
    EXPECT_TRUE(lost(again, "loss <= 49%"));
}

TEST(Trial, IsNeverLostForWhatLaterAnswersCanMend) {
    EXPECT_FALSE(lost(halfway(100, 100), "per_second > 1000000"));
    EXPECT_FALSE(lost(halfway(100, 100), "registered > 99%"));
    EXPECT_FALSE(lost(halfway(100, 100), "rrd_p99 > 1s"));
}

}  // namespace
}  // namespace regstorm::app
