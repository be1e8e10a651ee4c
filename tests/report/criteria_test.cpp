// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/criteria.hpp"

#include <gtest/gtest.h>

#include "example.hpp"

namespace regstorm::report {
namespace {

Criterion judged(const RunResult& result, std::string_view text) {
    const config::Parsed<std::vector<config::Criterion>> parsed = config::parse_criteria(text);
    EXPECT_EQ(parsed.problem, "") << text;
    return judge_criteria(result, parsed.value).at(0);
}

TEST(JudgedCriteria, TakeEachFigureFromItsPlace) {
    RunResult result = example_run();
    result.binding_lost = 7;
    result.options.lost = 8;
    result.options_rtt_us = {.count = 1, .p99 = 1'500};
    result.recoveries.push_back({.registered_after_s = {0.5, 20.0, 3.0, 4.0}});
    const std::tuple<const char*, double, const char*> cases[] = {
        {"rrd_mean > 0s", 130.25, "130 us"},
        {"rrd_p50 > 0s", 120, "120 us"},
        {"rrd_p90 > 0s", 180, "180 us"},
        {"rrd_p99 > 0s", 950.5, "950 us"},
        {"rrd_p999 > 0s", 12'345, "12.3 ms"},
        {"rrd_max > 0s", 3.1e6, "3.1 s"},
        {"send_lag_p99 > 0s", 12, "12 us"},
        {"options_rtt_p99 > 0s", 1'500, "1.5 ms"},
        {"loss > 0", 0.01, "1%"},
        {"ira > 0", 0.006, "0.6%"},
        {"failed > 0", 60, "60"},
        {"retransmitted > 0", 110.0 / 20'110, "0.547%"},
        {"registered > 0", 0.99, "99%"},
        {"options_lost > 0", 8, "8"},
        {"binding_lost > 0", 7, "7"},
        {"recovery_50 > 0s", 1, "1.0 s"},
        {"recovery_90 > 0s", 20, "20 s"},
        {"recovery_99 > 0s", 3.5, "3.5 s"},
        {"per_second > 0", 3'960, "3960 per second"},
    };
    for (const auto& [text, value, measured] : cases) {
        const Criterion criterion = judged(result, text);
        EXPECT_DOUBLE_EQ(criterion.value.value_or(-1), value) << text;
        EXPECT_EQ(criterion.measured, measured) << text;
        EXPECT_FALSE(criterion.passed) << text;
    }
}

TEST(JudgedCriteria, PassWhatDoesNotHold) {
    EXPECT_TRUE(judged(example_run(), "rrd_p99 > 50ms").passed);
    EXPECT_FALSE(judged(example_run(), "rrd_p99 > 500us").passed);
    EXPECT_FALSE(judged(example_run(), "registered < 99.5%").passed);
}

TEST(JudgedGoal, PassesWhatHoldsAndWasMeasured) {
    const std::vector<config::Criterion> goal = config::parse_goal("loss <= 1% and rrd_p99 < 500us").value;
    const std::vector<Criterion> judged = judge_goal(example_run(), goal);
    EXPECT_TRUE(judged.at(0).passed);
    EXPECT_FALSE(judged.at(1).passed);
    EXPECT_FALSE(judge_goal(RunResult{}, goal).at(0).passed);
}

TEST(JudgedCriteria, FailWhatWasNotReached) {
    const Criterion criterion = judged(example_run(), "recovery_100 > 1h");
    EXPECT_FALSE(criterion.passed);
    EXPECT_EQ(criterion.value, std::nullopt);
    EXPECT_EQ(criterion.measured, "not reached");
    RunResult calm = example_run();
    calm.recoveries.clear();
    EXPECT_TRUE(judged(calm, "recovery_100 > 1s").passed);
}

TEST(JudgedCriteria, FailWhatWasNotMeasured) {
    for (const char* text : {"rrd_p99 > 1s", "ira > 1%", "retransmitted > 1%", "options_rtt_p99 > 1s"}) {
        const Criterion criterion = judged(RunResult{}, text);
        EXPECT_FALSE(criterion.passed) << text;
        EXPECT_EQ(criterion.measured, "nothing measured");
    }
}

TEST(JudgedCriteria, PassTogetherOrNotAtAll) {
    RunResult result = example_run();
    EXPECT_FALSE(all_passed(result));
    result.criteria.pop_back();
    EXPECT_TRUE(all_passed(result));
    result.criteria.clear();
    EXPECT_TRUE(all_passed(result));
}

TEST(ReasonToAbort, IsTheFirstCriterionThatAnIntervalFails) {
    const std::vector<config::Criterion> criteria =
        config::parse_criteria("rrd_p99 > 1s; ira > 0.5%; failed > 1").value;
    EXPECT_EQ(reason_to_abort(example_run(), criteria), "ira > 0.5%: 0.6%");
    EXPECT_EQ(reason_to_abort(example_run(), {}), "");
    EXPECT_EQ(reason_to_abort(RunResult{}, criteria), "") << "an interval without registrations says nothing";
}

}  // namespace
}  // namespace regstorm::report
