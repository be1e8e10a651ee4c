// SPDX-License-Identifier: Apache-2.0
// GUIDE.md is true: every setting of a phone and every shape of load, scenario and profile stands in it, and no key
// stands in it that does not exist.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>

#include "regstorm/config/criteria.hpp"
#include "regstorm/config/library.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

std::string guide() {
    std::ifstream file(GUIDE_MD);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Guide, NamesEverySettingOfAPhoneAndEveryShapeOfLoad) {
    const std::string text = guide();
    ASSERT_FALSE(text.empty());
    for (const Option& option : options()) {
        const std::string_view group = group_of(option);
        if (group != "device" && group != "load" && group != "churn" && group != "capacity") {
            continue;
        }
        // The causes of a wait share one row: `device.retry_wait_401` `_403` ...
        const std::string key(option.key);
        const bool cause = key.starts_with("device.retry_wait_") && text.find("`" + key.substr(17) + "`") != text.npos;
        EXPECT_TRUE(cause || text.find("`" + key + "`") != text.npos) << key;
    }
}

TEST(Guide, NamesNoKeyThatDoesNotExist) {
    const std::string text = guide();
    const std::regex key("`((?:run|auth|device|load|churn|link|registrar|report|capacity|limits)\\.[a-z0-9_]+)`");
    for (auto found = std::sregex_iterator(text.begin(), text.end(), key); found != std::sregex_iterator(); ++found) {
        EXPECT_NE(find_option((*found)[1].str()), nullptr) << (*found)[1];
    }
}

TEST(Guide, NamesEveryFigureThatACriterionCanHave) {
    const std::string text = guide();
    const std::string refused = check_criteria("nothing > 0");
    const std::regex figure("[a-z0-9]+(?:_[a-z0-9]+)*");
    const std::string allowed = refused.substr(refused.find("allowed: ") + 9);
    for (auto found = std::sregex_iterator(allowed.begin(), allowed.end(), figure); found != std::sregex_iterator();
         ++found) {
        EXPECT_NE(text.find("`" + found->str() + "`"), std::string::npos) << found->str();
    }
}

TEST(Guide, NamesEveryScenarioAndProfile) {
    const std::string text = guide();
    for (const std::span<const Embedded> all : {scenarios(), profiles()}) {
        for (const Embedded& one : all) {
            EXPECT_NE(text.find("`" + std::string(one.name) + "`"), text.npos) << one.name;
        }
    }
}

}  // namespace
}  // namespace regstorm::config
