// SPDX-License-Identifier: Apache-2.0
// The text of report.fail_if: what can be said, and what is said about what cannot.
#include "regstorm/config/criteria.hpp"

#include "scratch.hpp"

namespace regstorm::config {
namespace {

Criterion one(std::string_view text) {
    const Parsed<std::vector<Criterion>> parsed = parse_criteria(text);
    EXPECT_EQ(parsed.problem, "") << text;
    EXPECT_EQ(parsed.value.size(), 1U) << text;
    return parsed.value.empty() ? Criterion{} : parsed.value[0];
}

TEST(Criteria, NothingIsNone) {
    for (const std::string_view text : {"", "  ", ";"}) {
        EXPECT_EQ(parse_criteria(text).problem, "");
        EXPECT_TRUE(parse_criteria(text).value.empty());
    }
}

TEST(Criteria, HaveAFigureAComparisonAndAValueInItsUnit) {
    EXPECT_EQ(one("rrd_p99 > 50ms").value, 50'000);
    EXPECT_EQ(one("rrd_p99 > 50ms").figure, Figure::rrd_p99);
    EXPECT_EQ(one("send_lag_p99>=1s").comparison, Comparison::at_least);
    EXPECT_EQ(one("recovery_100 > 1m").value, 60);
    EXPECT_EQ(one("recovery_100 > 1m").figure, Figure::recovery_100);
    EXPECT_EQ(one("ira > 0.5%").value, 0.005);
    EXPECT_EQ(one("registered<=0.9").comparison, Comparison::at_most);
    EXPECT_EQ(one("failed > 10k").value, 10'000);
    EXPECT_EQ(one("per_second < 2.5k").value, 2'500);
    EXPECT_EQ(one("per_second < 2.5k").figure, Figure::per_second);
    EXPECT_EQ(one("  rrd_max>2s  ").text, "rrd_max > 2s");
}

TEST(Criteria, StandInARow) {
    const Parsed<std::vector<Criterion>> parsed = parse_criteria("rrd_p50 > 1ms; ira > 1% ;failed > 0;");
    ASSERT_EQ(parsed.value.size(), 3U) << parsed.problem;
    EXPECT_EQ(parsed.value[2].text, "failed > 0");
}

TEST(Criteria, HoldAtTheirBoundOnlyWhenTheySaySo) {
    EXPECT_FALSE(holds(one("failed > 5"), 5));
    EXPECT_TRUE(holds(one("failed > 5"), 6));
    EXPECT_TRUE(holds(one("failed >= 5"), 5));
    EXPECT_FALSE(holds(one("failed < 5"), 5));
    EXPECT_TRUE(holds(one("failed <= 5"), 5));
}

TEST(Criteria, AreRefusedInOneLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"failed > 1; recovry_99 > 1s", "criterion 2: there is no figure recovry_99"},
        {"rrd_p99 > 50", "criterion 1: rrd_p99 \"50\" has no unit; write 50s or 50ms; allowed: a time, as in"},
        {"rrd_p99", "criterion 1: rrd_p99 is not compared with anything; allowed: > >= < <="},
        {"rrd_p99 = 5ms", "rrd_p99 is not compared with anything"},
        {"ira > 5", "ira \"5\" is more than 100%; allowed: a share"},
        {"ira > 5ms", "ira \"5ms\" is not a share"},
        {"failed > 1.5", "failed \"1.5\" is not a whole number; allowed: a count"},
        {"failed > -1", "failed \"-1\" is negative"},
        {"per_second < max", "per_second \"max\" is no number"},
        {"> 5", "criterion 1: names no figure; allowed: rrd_mean, rrd_p50"},
        {"failed > 1;; ira > 1%", "criterion 2: names no figure"},
        {"failed > 1\x01", "has a control character"},
    };
    for (const auto& [text, problem] : cases) {
        EXPECT_NE(check_criteria(text).find(problem), std::string::npos) << check_criteria(text);
        EXPECT_EQ(check_criteria(text).find('\n'), std::string::npos);
    }
    EXPECT_TRUE(check_criteria("rrd_p9 > 50ms").ends_with("did you mean rrd_p90?")) << check_criteria("rrd_p9 > 50ms");
}

TEST(Criteria, OfAnIntervalAreWhatAnIntervalHas) {
    EXPECT_EQ(check_interval_criteria("rrd_p99 > 50ms; registered < 50%"), "");
    EXPECT_NE(check_interval_criteria("recovery_99 > 5s").find("recovery_99 is known at the end only"),
              std::string::npos);
}

TEST(Goal, IsWhatHasToHoldWithAndBetween) {
    const std::vector<Criterion> goal = parse_goal("loss <= 0.01% and rrd_p99 < 50ms").value;
    ASSERT_EQ(goal.size(), 2U);
    EXPECT_EQ(goal[0].text, "loss <= 0.01%");
    EXPECT_EQ(goal[1].figure, Figure::rrd_p99);
    EXPECT_EQ(parse_goal("ira < 1%; failed < 9 and loss <= 0").value.size(), 3U);
    EXPECT_EQ(check_goal(Scenario{}.capacity.goal), "");
}

TEST(Goal, IsNotNothing) {
    EXPECT_NE(check_goal(""), "");
    EXPECT_NE(check_goal("rrd_p99 < 50ms and"), "");
    EXPECT_NE(check_goal("rrd_p99 < 50ms or loss <= 0"), "");
}

TEST(Criteria, AreTakenByFlagAndKeyAlike) {
    Request request;
    request.settings = {parse_set("report.fail_if=ira > 1%"), parse_set("report.abort_if=send_lag_p99 > 1s")};
    const Loaded loaded = load(request);
    EXPECT_EQ(loaded.scenario.report.fail_if, "ira > 1%");
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_TRUE(
        to_text(loaded.problems[0]).starts_with("--set report.abort_if: \"send_lag_p99 > 1s\" cannot be judged"))
        << to_text(loaded.problems[0]);
}

}  // namespace
}  // namespace regstorm::config
