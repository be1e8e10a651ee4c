// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/verdict.hpp"

#include <gtest/gtest.h>

#include "example.hpp"

namespace regstorm::report {
namespace {

using Reasons = std::vector<std::string>;

TEST(Verdict, IsValidWhenTheGeneratorKeptUp) {
    const Verdict verdict = judge(example_run(), {}, "");
    EXPECT_EQ(verdict.status, Status::valid);
    EXPECT_EQ(verdict.reasons, Reasons{});
}

TEST(Verdict, BlamesTheGeneratorForLateSends) {
    RunResult result = example_run();
    result.generator.send_lag_us.p99 = 10'000;  // at the limit is within it
    EXPECT_EQ(judge(result, {}, "").status, Status::valid);
    result.generator.send_lag_us.p99 = 12'500;
    const Verdict verdict = judge(result, {}, "");
    EXPECT_EQ(verdict.status, Status::generator_limited);
    EXPECT_EQ(verdict.reasons, Reasons{"requests left too late: 99% within 12.5 ms of their time (allowed 10 ms)"});
}

TEST(Verdict, ToleratesMissedSlotsUpToTheirShare) {
    RunResult result = example_run();
    result.generator.missed_slots = 100;  // of 10,000: 1 %, just allowed
    EXPECT_EQ(judge(result, {}, "").status, Status::valid);
    result.generator.missed_slots = 200;
    EXPECT_EQ(judge(result, {}, "").reasons,
              Reasons{"200 of 10,000 planned registrations could not be started in time (2%; allowed 1%)"});
}

TEST(Verdict, BlamesTheGeneratorForAnswersThatItLeftLying) {
    RunResult result = example_run();
    result.generator.read_late = result.messages.received / 100;  // 1 %, just allowed
    EXPECT_EQ(judge(result, {}, "").status, Status::valid);
    result.generator.read_late = result.messages.received / 10;
    EXPECT_EQ(judge(result, {}, "").status, Status::generator_limited);
    EXPECT_EQ(judge(result, {.read_late = 0.1}, "").status, Status::valid);
}

TEST(Verdict, ToleratesNoLossUnlessToldTo) {
    RunResult result = example_run();
    result.generator.tx_dropped = 1;
    result.generator.rx_dropped = 87;
    EXPECT_EQ(judge(result, {}, "").reasons,
              (Reasons{"1 of 20,110 datagrams were lost on their way out of this machine (0.00497%; allowed 0%)",
                       "87 of 20,000 datagrams arrived and were lost in this machine (0.435%; allowed 0%)"}));
    EXPECT_EQ(judge(result, {.tx_dropped = 0.01, .rx_dropped = 0.01}, "").status, Status::valid);
}

TEST(Verdict, OfAnAbortedRunNamesTheCauseFirst) {
    RunResult result = example_run();
    result.generator.tx_dropped = 1;
    const Verdict verdict = judge(result, {}, "SIGINT");
    EXPECT_EQ(verdict.status, Status::aborted);
    ASSERT_EQ(verdict.reasons.size(), 2U);
    EXPECT_EQ(verdict.reasons[0], "stopped early by SIGINT");
}

TEST(Verdict, OfARunThatDidNothingIsNotValid) {
    const Verdict verdict = judge(RunResult{}, {}, "");
    EXPECT_EQ(verdict.status, Status::aborted);
    EXPECT_EQ(verdict.reasons, Reasons{"no registration was attempted"});
}

TEST(Verdict, OfARankIsTheRunsWithItsName) {
    RunResult result = example_run();
    result.ranks[1].generator.missed_slots = 500;
    result.ranks[1].verdict = judge(result.ranks[1], {});
    const Verdict verdict = judge(result, {}, "");
    EXPECT_EQ(verdict.status, Status::generator_limited);
    EXPECT_EQ(
        verdict.reasons,
        Reasons{"rank 1 on far: 500 of 5,000 planned registrations could not be started in time (10%; allowed 1%)"});
}

TEST(Verdict, NamesALostRankBeforeAnythingElse) {
    RunResult result = example_run();
    result.ranks[0].generator.tx_dropped = 1;
    result.ranks[0].verdict = judge(result.ranks[0], {});
    result.ranks[1].lost = true;
    result.ranks[1].verdict = judge(result.ranks[1], {});
    const Verdict verdict = judge(result, {}, "");
    EXPECT_EQ(verdict.status, Status::aborted);
    ASSERT_EQ(verdict.reasons.size(), 2U);
    EXPECT_EQ(verdict.reasons[0], "rank 1 on far was lost");
    EXPECT_EQ(verdict.reasons[1].find("rank 0 on near: 1 of 10,055 datagrams"), 0U);
}

}  // namespace
}  // namespace regstorm::report
