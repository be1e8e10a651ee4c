// SPDX-License-Identifier: Apache-2.0
#include "regstorm/capacity/rfc7502.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace regstorm::capacity {
namespace {

std::vector<double> rates(Rfc7502Search& search, double capacity) {
    std::vector<double> tried;
    while (const std::optional<double> rate = search.next()) {
        tried.push_back(*rate);
        search.add(*rate <= capacity);
    }
    return tried;
}

TEST(Rfc7502, ClimbsByATenthFallsByATenthAndStopsWhenTenTrialsBroughtNothing) {
    Rfc7502Search search({});
    // By hand from section 4.10: 100, then floor(r + r / 10); 160 is the first above 150, and 160 less a tenth is 144.
    const std::vector<double> tried = rates(search, 150);
    EXPECT_EQ(std::vector(tried.begin(), tried.begin() + 9),
              (std::vector<double>{100, 110, 121, 133, 146, 160, 144, 158, 142}));
    EXPECT_EQ(search.rate(), 148) << "found while it creeps up again";
}

TEST(Rfc7502, CountsOnlyTrialsThatHeldAndWereNoHigher) {
    Rfc7502Search search({.rate_start = 5, .stalls = 10});
    EXPECT_EQ(rates(search, 100), std::vector<double>(11, 5)) << "floor() does not let 5 grow by a tenth";
    EXPECT_EQ(search.rate(), 5);
}

TEST(Rfc7502, TakesBackALargeWeightWithEachFailure) {
    Rfc7502Search search({.rate_start = 100, .increase = 1.0, .decrease = 0.1});
    search.add(true);
    EXPECT_EQ(search.next(), 200);
    search.add(false);  // d is w / 2
    EXPECT_EQ(search.next(), 100);
    search.add(true);  // w is half of what it was
    EXPECT_EQ(search.next(), 150);
}

TEST(Rfc7502, EndsWhenNothingHolds) {
    Rfc7502Search search({});
    EXPECT_GT(rates(search, 0).size(), 10U);
    EXPECT_EQ(search.rate(), 0);
}

TEST(Rfc7502, EndsAboveTheHighestRateAllowed) {
    Rfc7502Search search({.rate_max = 130});
    EXPECT_EQ(rates(search, 1e9), (std::vector<double>{100, 110, 121}));
    EXPECT_TRUE(search.at_rate_max());
    EXPECT_EQ(search.rate(), 121);
}

}  // namespace
}  // namespace regstorm::capacity
