// SPDX-License-Identifier: Apache-2.0
// The page as text: what is in it, and that nothing in it can come from anywhere or become code. What it looks like in
// a browser is tests/interop/page_test.py.
#include "regstorm/report/html.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "example.hpp"
#include "regstorm/report/read_result.hpp"

namespace regstorm::report {
namespace {

using Json = nlohmann::ordered_json;

std::size_t occurrences(const std::string& text, std::string_view of) {
    std::size_t count = 0;
    for (std::size_t at = text.find(of); at != text.npos; at = text.find(of, at + of.size())) {
        ++count;
    }
    return count;
}

std::string data_of(const std::string& page) {
    const std::string_view open = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = page.find(open) + open.size();
    return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(HtmlReport, HoldsTheResultAndTheDefaults) {
    const Json result = to_json(example_run());
    const Json data = Json::parse(data_of(html_report(result)));
    EXPECT_EQ(data["result"], result);
    EXPECT_EQ(data["defaults"], config::to_json(config::Scenario{}));
}

TEST(HtmlReport, LoadsNothingFromAnywhere) {
    const std::string page = html_report(to_json(example_run()));
    EXPECT_NE(page.find("default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"), page.npos);
    // What Chart.js itself could load the policy above forbids.
    std::string own = page;
    const std::size_t chart = own.find("<script>/*!");
    ASSERT_NE(chart, own.npos);
    own.erase(chart, own.find("</script>", chart) - chart);
    for (const std::string_view forbidden : {" src=", " href=", "<link", "@import", "url(", "<iframe", "innerHTML"}) {
        EXPECT_EQ(own.find(forbidden), own.npos) << forbidden;
    }
    // The two that are left stand in comments of Chart.js, whose licence asks for them.
    EXPECT_EQ(occurrences(page, "https://"), 2U);
    EXPECT_EQ(
        occurrences(page, " * https://www.chartjs.org\n") + occurrences(page, " * https://github.com/kurkle/color"),
        2U);
    EXPECT_EQ(occurrences(page, "http://"), 0U);
    EXPECT_NE(page.find("(c) 2022 Chart.js Contributors"), page.npos);
}

TEST(HtmlReport, LeavesNoMarkerOfTheTemplateBehind) {
    const std::string page = html_report(to_json(example_run()));
    for (const std::string_view marker : {"@DATA@", "@CHART_JS@", "@PAGE_JS@"}) {
        EXPECT_EQ(page.find(marker), page.npos) << marker;
    }
}

TEST(HtmlReport, KeepsHostileStringsData) {
    const std::size_t elements = occurrences(html_report(to_json(example_run())), "<");
    const std::string hostile = "</script><img src=x onerror=alert(1)><!--<script>\xe2\x80\xa8&amp;@DATA@\xff";
    RunResult result = example_run();
    result.scenario["device"]["user_agent"] = hostile;
    result.registrations.failed_by[hostile] = 1;
    result.verdict.reasons = {hostile};
    result.machine.cpu = hostile;
    const std::string page = html_report(to_json(result));
    EXPECT_EQ(page.find("<img"), page.npos);
    EXPECT_EQ(occurrences(page, "<"), elements) << "no tag more than in the page of a harmless result";
    const std::string data = data_of(page);
    EXPECT_EQ(data.find_first_of("<>&\n"), data.npos);
    EXPECT_EQ(data.find("\xe2\x80\xa8"), data.npos);
    EXPECT_TRUE(Json::parse(data)["result"]["machine"]["cpu"].get<std::string>().starts_with("</script><img"));
}

class ReadResult : public testing::Test {
  protected:
    ~ReadResult() override { std::remove(path_.c_str()); }
    std::string problem_of(const std::string& text) {
        std::ofstream(path_, std::ios::binary) << text;
        return read_result(path_).problem;
    }
    std::string path_ = testing::TempDir() + "regstorm-read-result.json";
};

TEST_F(ReadResult, GivesBackWhatWasWritten) {
    ASSERT_EQ(write_result(example_run(), path_), "");
    const config::Parsed<Json> read = read_result(path_);
    EXPECT_EQ(read.problem, "");
    EXPECT_EQ(read.value, to_json(example_run()));
}

TEST_F(ReadResult, SaysWhatAFileIsNot) {
    EXPECT_EQ(problem_of(""), "is no result: it is not a JSON object");
    EXPECT_EQ(problem_of("{\"schema\": "), "is no result: it is not a JSON object");
    EXPECT_EQ(problem_of("[1]"), "is no result: it is not a JSON object");
    EXPECT_EQ(problem_of("{}"), "is no result: it names no schema");
    EXPECT_EQ(problem_of("{\"schema\": \"regstorm.result/2\"}"),
              "has the schema regstorm.result/2, and this regstorm reads regstorm.result/1");
    EXPECT_EQ(read_result("/nonexistent/r.json").problem, "cannot be read: No such file or directory");
    EXPECT_EQ(read_result("/").problem, "is a directory");
}

}  // namespace
}  // namespace regstorm::report
