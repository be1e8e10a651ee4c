// SPDX-License-Identifier: Apache-2.0
// The table itself: every row is whole, and every default lies within its own range.
#include <gtest/gtest.h>
#include <set>

#include "regstorm/config/load.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

TEST(OptionTable, HasWholeRowsWithUniqueKeys) {
    std::set<std::string_view> keys;
    for (const Option& option : options()) {
        EXPECT_TRUE(keys.insert(option.key).second) << option.key;
        EXPECT_TRUE(is_group(group_of(option))) << option.key;
        EXPECT_FALSE(option.help.empty()) << option.key;
        EXPECT_FALSE(option.help.ends_with('.')) << option.key;
        EXPECT_EQ(option.flag.empty(), option.flag_of == FlagOf::none) << option.key;
        EXPECT_TRUE(option.flag.empty() || option.flag.starts_with("--")) << option.key;
        EXPECT_FALSE(placeholder(option).empty()) << option.key;
        EXPECT_FALSE(allowed(option).empty()) << option.key;
        EXPECT_EQ(find_option(option.key), &option);
    }
}

TEST(OptionTable, HasUniqueFlagsPerCommand) {
    for (const Command command : {Command::run, Command::registrar, Command::capacity}) {
        std::set<std::string_view> flags;
        for (const Option& option : options()) {
            if (has_flag(option, command)) {
                EXPECT_TRUE(flags.insert(option.flag).second) << option.flag;
                EXPECT_EQ(find_flag(option.flag, command), &option);
            }
        }
    }
}

TEST(OptionTable, SwitchesOffWhatIsOnByDefaultAndOnWhatIsOff) {
    for (const Option& option : options()) {
        if (std::holds_alternative<Member<bool>>(option.member) && !option.flag.empty()) {
            EXPECT_EQ(option.flag.starts_with("--no-"), value_text(option, Scenario{}) == "true") << option.key;
        }
    }
}

TEST(OptionTable, AcceptsItsOwnDefaults) {
    for (const Option& option : options()) {
        Request request;
        request.command = Command::registrar;  // defaults alone, without first-run over them
        request.settings = {
            {.where = "default", .key = std::string(option.key), .value = value_text(option, Scenario{})}};
        for (const Problem& problem : load(request).problems) {
            EXPECT_NE(problem.where, "default") << to_text(problem);
        }
    }
}

TEST(OptionTable, GivesEveryOptionAMemberOfItsOwn) {
    // A row that was copied and kept the member of another would show here: each pointer must be new.
    std::set<const void*> members;
    Scenario scenario;
    for (const Option& option : options()) {
        std::visit(
            [&](const auto& member) {
                if constexpr (requires { member.readable; }) {
                    EXPECT_TRUE(members.insert(&member.readable(scenario)).second) << option.key;
                    EXPECT_EQ(static_cast<const void*>(&member.readable(scenario)), &member.writable(scenario));
                }
            },
            option.member);
    }
}

TEST(OptionTable, SplitsSetsAtTheFirstEquals) {
    const Setting setting = parse_set("auth.password=a=b");
    EXPECT_EQ(setting.key, "auth.password");
    EXPECT_EQ(setting.value, "a=b");
    EXPECT_EQ(parse_set("=5").key, "");
    EXPECT_EQ(parse_set("novalue").key, "");
    EXPECT_EQ(parse_set("auth.domain=").value, "");
}

TEST(NearestKey, FindsSlipsAndWrongGroups) {
    EXPECT_EQ(nearest_key("run.endpoint"), "run.endpoints");
    EXPECT_EQ(nearest_key("run.rtae"), "run.rate");
    EXPECT_EQ(nearest_key("run.password"), "auth.password");
    EXPECT_EQ(nearest_key("user_agent"), "device.user_agent");
    EXPECT_EQ(nearest_key("device.register_expires"), "device.register_expiration");
    EXPECT_EQ(nearest_key("completely.different"), "");
    EXPECT_EQ(nearest_key(""), "");
    EXPECT_EQ(nearest_key(std::string(10'000, 'x')), "");
}

}  // namespace
}  // namespace regstorm::config
