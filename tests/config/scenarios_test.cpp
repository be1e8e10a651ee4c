// SPDX-License-Identifier: Apache-2.0
// The ready-made scenarios: each can be used as it is, and against a registrar of the user's own.
#include <gtest/gtest.h>

#include "regstorm/config/library.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::config {
namespace {

std::string problems_of(const Loaded& loaded) {
    std::string all;
    for (const Problem& problem : loaded.problems) {
        all += to_text(problem) + "\n";
    }
    return all;
}

TEST(Scenarios, CanBeUsedAsTheyAreAndSayWhatTheyHurtAndWhatToLookAt) {
    ASSERT_GE(scenarios().size(), 12U);
    for (const Embedded& scenario : scenarios()) {
        SCOPED_TRACE(scenario.name);
        EXPECT_EQ(problems_of(load({.scenario = std::string(scenario.name)})), "");
        EXPECT_FALSE(description_of(scenario).empty());
        if (scenario.name != "first-run") {
            EXPECT_NE(scenario.text.find("Hurts:"), std::string_view::npos);
            EXPECT_NE(scenario.text.find("at:"), std::string_view::npos);
        }
    }
}

TEST(Scenarios, LetTheirRegistrarStandBackForTheUsersOwn) {
    for (const Embedded& scenario : scenarios()) {
        SCOPED_TRACE(scenario.name);
        const Loaded loaded =
            load({.scenario = std::string(scenario.name), .settings = {{"--target", "run.target", "192.0.2.9"}}});
        if (loaded.scenario.churn.rebind_rate.per_second > 0) {
            EXPECT_NE(problems_of(loaded).find("use a port that bypasses the kernel"), std::string::npos);
        } else {
            EXPECT_EQ(problems_of(loaded), "");
        }
        EXPECT_EQ(loaded.scenario.registrar.misbehave, "");
    }
}

}  // namespace
}  // namespace regstorm::config
