// SPDX-License-Identifier: Apache-2.0
// [[group]]: parts of the population, over the scenario's own phones.
#include <fstream>
#include <gtest/gtest.h>

#include "regstorm/config/load.hpp"

namespace regstorm::config {
namespace {

Loaded load_text(const std::string& text) {
    const std::string path = testing::TempDir() + "groups.toml";
    std::ofstream(path) << text;
    return load({.scenario = path});
}

std::string first_problem(const std::string& text) {
    const Loaded loaded = load_text(text);
    const std::string line = loaded.problems.empty() ? "" : to_text(loaded.problems[0]);
    return line.substr(line.find("groups.toml") == line.npos ? 0 : line.find("groups.toml"));
}

TEST(Groups, LieOverTheScenarioWithTheirProfileBelowTheirOwnKeys) {
    const Loaded loaded = load_text(R"(
[auth]
password = "all"
[device]
profile = "grandstream-gsc35xx"
t2 = "8s"
[[group]]
name = "as they are"
share = 3
[[group]]
endpoints = "2k"
target = "192.0.2.9:5070"
device.profile = "yealink-t5x"
device.registration_retry_wait = 7
auth.password = "own"
)");
    ASSERT_TRUE(loaded.good()) << to_text(loaded.problems[0]);
    ASSERT_EQ(loaded.scenario.groups.size(), 2U);
    const PhoneGroup& same = loaded.scenario.groups[0];
    EXPECT_EQ(same.name, "as they are");
    EXPECT_EQ(same.share, 3);
    EXPECT_EQ(same.device.t2, 8s);
    EXPECT_EQ(same.device.unregister_before_registration, Unregister::instance);
    const PhoneGroup& own = loaded.scenario.groups[1];
    EXPECT_EQ(own.name, "group 2");
    EXPECT_EQ(own.endpoints, 2000U);
    EXPECT_EQ(own.target, (Target{"192.0.2.9", 5070}));
    EXPECT_EQ(own.device.profile, "yealink-t5x");
    EXPECT_EQ(own.device.registration_retry_wait, 7s);
    EXPECT_EQ(own.auth.password, "own");
    EXPECT_EQ(loaded.scenario.auth.password, "all");
}

TEST(Groups, TellWhatIsWrongInOneLine) {
    EXPECT_EQ(first_problem("[[group]]\nname = \"x\"\n"),
              "groups.toml:1:1: x: says neither share nor endpoints, or both; allowed: share = WEIGHT, or endpoints = "
              "COUNT");
    EXPECT_EQ(first_problem("[[group]]\nshare = 1\ndevice.t3 = \"1s\"\n"),
              "groups.toml:3:8: unknown key device.t3; did you mean device.t1?");
    EXPECT_EQ(first_problem("[[group]]\nshare = -1\n"),
              "groups.toml:2:9: group.share: is not what a group can say; allowed: name, share (above 0), endpoints, "
              "target, device.*, auth.*");
    EXPECT_EQ(first_problem("[[group]]\nendpoints = 0\n"),
              "groups.toml:2:13: group.endpoints: is no count of phones; allowed: 1 to 100M");
    EXPECT_EQ(first_problem("group = 3\n"),
              "groups.toml:1:9: group: is no list of groups; allowed: [[group]], up to 1000 times");
    EXPECT_NE(
        first_problem("[[group]]\nshare = 1\ndevice.profile = \"yealnk-t5x\"\n").find("did you mean yealink-t5x?"),
        std::string::npos);
}

}  // namespace
}  // namespace regstorm::config
