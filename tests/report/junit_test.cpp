// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/junit.hpp"

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "example.hpp"

namespace regstorm::report {
namespace {

pugi::xml_document parsed(const RunResult& result) {
    pugi::xml_document document;
    const std::string text = junit_xml(result);
    const pugi::xml_parse_result outcome = document.load_string(text.c_str());
    EXPECT_TRUE(outcome) << outcome.description() << "\n" << text;
    return document;
}

TEST(Junit, HasACaseForTheVerdictAndOneForEachCriterion) {
    const pugi::xml_document document = parsed(example_run());
    const pugi::xml_node suite = document.child("testsuite");
    EXPECT_EQ(suite.attribute("tests").as_int(), 3);
    EXPECT_EQ(suite.attribute("failures").as_int(), 1);
    EXPECT_STREQ(suite.attribute("time").value(), "2.500");
    pugi::xml_node test = suite.child("testcase");
    EXPECT_STREQ(test.attribute("name").value(), "verdict");
    EXPECT_FALSE(test.child("failure"));
    test = test.next_sibling();
    EXPECT_STREQ(test.attribute("name").value(), "not rrd_p99 > 50ms");
    EXPECT_FALSE(test.child("failure"));
    test = test.next_sibling();
    EXPECT_STREQ(test.child("failure").attribute("message").value(), "measured: 0.6%");
    EXPECT_FALSE(test.next_sibling());
}

TEST(Junit, FailsTheVerdictWhenItIsNotValid) {
    RunResult result = example_run();
    result.criteria.clear();
    result.verdict = {.status = Status::generator_limited, .reasons = {"one", "two"}};
    EXPECT_STREQ(parsed(result).child("testsuite").child("testcase").child("failure").attribute("message").value(),
                 "generator-limited: one; two");
    result.verdict = {};
    result.registrations.succeeded = 0;
    EXPECT_STREQ(parsed(result).child("testsuite").child("testcase").child("failure").attribute("message").value(),
                 "no registration succeeded");
}

TEST(Junit, HoldsAnyText) {
    RunResult result = example_run();
    result.criteria = {{.text = "a<b> & \"c\" ]]>", .measured = "\x01\xff\x7f", .passed = false}};
    const pugi::xml_document document = parsed(result);
    const pugi::xml_node test = document.child("testsuite").last_child();
    EXPECT_STREQ(test.attribute("name").value(), "not a<b> & \"c\" ]]>");
    EXPECT_STREQ(test.child("failure").attribute("message").value(), "measured: ?\xef\xbf\xbd?");
}

}  // namespace
}  // namespace regstorm::report
