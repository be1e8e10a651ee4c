// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/prng.hpp"

#include <gtest/gtest.h>
#include <set>

namespace regstorm::base {
namespace {

TEST(Prng, RepeatsExactlyFromTheSameSeed) {
    Prng left(42);
    Prng right(42);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(left.next(), right.next());
    }
}

// The published outputs of SplitMix64 for seed 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64").
TEST(Prng, IsSplitMix64) {
    Prng prng(1234567);
    EXPECT_EQ(prng.next(), 6457827717110365317ULL);
    EXPECT_EQ(prng.next(), 3203168211198807973ULL);
    EXPECT_EQ(prng.next(), 9817491932198370423ULL);
}

TEST(Prng, StaysBelowItsBoundAndReachesAllOfIt) {
    Prng prng(7);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t value = prng.below(10);
        ASSERT_LT(value, 10U);
        seen.insert(value);
        const double unit = prng.unit();
        ASSERT_GE(unit, 0.0);
        ASSERT_LT(unit, 1.0);
    }
    EXPECT_EQ(seen.size(), 10U);
}

}  // namespace
}  // namespace regstorm::base
