// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/rate_steps.hpp"

#include <gtest/gtest.h>

namespace regstorm::config {
namespace {

using namespace std::chrono_literals;

TEST(RateSteps, SayWhenAndHowFast) {
    const Parsed<std::vector<RateStep>> steps = parse_rate_steps("10s 2k, 1500ms 0");
    EXPECT_EQ(steps.problem, "goes back in time at 1500ms");
    const Parsed<std::vector<RateStep>> good = parse_rate_steps(" 0s 5,10s  2k ,1m 0.5");
    ASSERT_TRUE(good.good()) << good.problem;
    EXPECT_EQ(good.value, (std::vector<RateStep>{{0s, 5}, {10s, 2000}, {1min, 0.5}}));
    EXPECT_TRUE(parse_rate_steps("").value.empty());
}

TEST(RateSteps, ExplainWhatIsWrongAndWhere) {
    EXPECT_EQ(check_rate_steps("10s"), "is no step at \"10s\"; write when and how fast, as in 10s 2k");
    EXPECT_EQ(check_rate_steps("10 2k"), "has no unit; write 10s or 10ms (at \"10 2k\")");
    EXPECT_EQ(check_rate_steps("1s max"), "steps have no rate max (at \"1s max\")");
    EXPECT_NE(check_rate_steps("1s 2x"), "");
    std::string many;
    for (int i = 1; i <= 101; ++i) {
        many += std::to_string(i) + "s 1,";
    }
    EXPECT_EQ(check_rate_steps(many), "has more than 100 steps");
}

}  // namespace
}  // namespace regstorm::config
