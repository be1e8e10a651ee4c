// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/nearest.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace regstorm::base {
namespace {

TEST(Nearest, FindsTheWordThatWasMeant) {
    const std::vector<std::string_view> known{"target", "endpoints", "rate", "duration"};
    EXPECT_EQ(nearest("endpionts", known), "endpoints");
    EXPECT_EQ(nearest("rat", known), "rate");
    EXPECT_EQ(nearest("target", known), "target");
}

TEST(Nearest, DoesNotGuessWildly) {
    const std::vector<std::string_view> known{"target", "endpoints"};
    EXPECT_EQ(nearest("xyzzyq", known), "");
    EXPECT_EQ(nearest("anything", {}), "");
    EXPECT_EQ(nearest("", known), "");
}

TEST(Nearest, PrefersTheCloserWordAndTakesTheStartOfOne) {
    const std::string_view words[] = {"run", "registrar", "doctor"};
    EXPECT_EQ(nearest("rnu", words), "run");
    EXPECT_EQ(nearest("registar", words), "registrar");
    EXPECT_EQ(nearest("regi", words), "registrar");
    EXPECT_EQ(nearest("teapot", words), "");
}

TEST(EditDistance, CountsSwappedNeighboursAsOneSlip) {
    EXPECT_EQ(edit_distance("rate", "rtae"), 1U);
    EXPECT_EQ(edit_distance("rate", "rates"), 1U);
    EXPECT_EQ(edit_distance("", "rate"), 4U);
    EXPECT_EQ(edit_distance("rate", "rate"), 0U);
}

}  // namespace
}  // namespace regstorm::base
