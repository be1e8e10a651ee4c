// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/recovery.hpp"

#include <gtest/gtest.h>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {
namespace {

SeriesRow row(double t_s, std::uint64_t registered, std::uint64_t attempted, std::uint64_t succeeded) {
    return {.t_s = t_s, .registered = registered, .attempted = attempted, .succeeded = succeeded};
}

TEST(Recovery, IsMeasuredFromTheFirstSuccessAfterTheOutage) {
    const std::vector<SeriesRow> series{row(1, 100, 100, 100), row(2, 100, 5, 0),  row(3, 40, 0, 0), row(4, 0, 60, 0),
                                        row(5, 55, 60, 55),    row(6, 95, 40, 40), row(7, 99, 4, 4), row(8, 100, 1, 1)};
    const std::vector<Recovery> found = find_recoveries(series, 100);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].from_s, 1);
    EXPECT_EQ(found[0].until_s, 4);
    EXPECT_EQ(found[0].registered_after_s, (std::array<std::optional<double>, 4>{1, 2, 3, 4}));
}

TEST(Recovery, SaysNothingOfWhatTheRunDidNotSee) {
    const std::vector<SeriesRow> series{row(1, 0, 10, 0), row(2, 0, 10, 0), row(3, 0, 0, 0), row(4, 60, 60, 60)};
    const std::vector<Recovery> found = find_recoveries(series, 100);
    ASSERT_EQ(found.size(), 1U) << "down from the start";
    EXPECT_EQ(found[0].registered_after_s[0], 1);
    EXPECT_EQ(found[0].registered_after_s[1], std::nullopt);
}

TEST(Recovery, FindsEachOutageAndNoneWhereNobodyAskedOrTheGapIsShort) {
    EXPECT_TRUE(find_recoveries({}, 100).empty());
    const std::vector<SeriesRow> quiet{row(1, 100, 100, 100), row(2, 100, 0, 0), row(9, 100, 0, 0), row(10, 100, 1, 1)};
    EXPECT_TRUE(find_recoveries(quiet, 100).empty()) << "nothing was asked";
    const std::vector<SeriesRow> gap{row(1, 100, 100, 100), row(2, 100, 1, 0), row(3, 100, 1, 1)};
    EXPECT_TRUE(find_recoveries(gap, 100).empty());
    const std::vector<SeriesRow> two{row(1, 0, 9, 0), row(3, 0, 9, 0), row(4, 9, 9, 9),
                                     row(5, 9, 9, 0), row(7, 9, 9, 0), row(8, 9, 9, 9)};
    EXPECT_EQ(find_recoveries(two, 10).size(), 2U);
}

TEST(Recovery, AnOutageThatLastsToTheEndIsReportedWithoutAReturn) {
    const std::vector<SeriesRow> series{row(1, 100, 100, 100), row(2, 90, 9, 0), row(9, 0, 90, 0)};
    const std::vector<Recovery> found = find_recoveries(series, 100);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].from_s, 1);
    EXPECT_EQ(found[0].until_s, 9);
    EXPECT_EQ(found[0].registered_after_s[0], std::nullopt);
}

TEST(Recovery, ARunThatEndsIsNoOutage) {
    std::vector<SeriesRow> series{row(1, 100, 100, 100), row(2, 100, 1, 0), row(3, 60, 1, 0), row(9, 0, 1, 0)};
    EXPECT_EQ(find_recoveries(series, 100).size(), 1U);
    for (std::size_t i = 1; i < series.size(); ++i) {
        series[i].stopping = true;
    }
    EXPECT_TRUE(find_recoveries(series, 100).empty());
}

}  // namespace
}  // namespace regstorm::report
