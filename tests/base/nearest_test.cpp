// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/nearest.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace regstorm::base {
namespace {

TEST(Nearest, FindsTheWordThatWasMeant) {
    const std::vector<std::string> known{"target", "endpoints", "rate", "duration"};
    EXPECT_EQ(nearest("endpionts", known), "endpoints");
    EXPECT_EQ(nearest("rat", known), "rate");
    EXPECT_EQ(nearest("target", known), "target");
}

TEST(Nearest, DoesNotGuessWildly) {
    const std::vector<std::string> known{"target", "endpoints"};
    EXPECT_EQ(nearest("xyzzyq", known), "");
    EXPECT_EQ(nearest("anything", {}), "");
    EXPECT_EQ(nearest("", known), "");
}

}  // namespace
}  // namespace regstorm::base
