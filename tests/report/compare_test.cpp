// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/compare.hpp"

#include <gtest/gtest.h>

#include "example.hpp"

namespace regstorm::report {
namespace {

using Json = nlohmann::ordered_json;
using Keys = std::vector<std::string>;

Json example() { return to_json(example_run()); }

/// The line of the table that begins with `name`.
std::string row(const std::string& table, const std::string& name) {
    const std::size_t begin = table.find("\n" + name + " ") + 1;
    return begin == 0 ? "" : table.substr(begin, table.find('\n', begin) - begin);
}

TEST(Comparison, FindsNothingBetweenARunAndItself) {
    EXPECT_EQ(differing_keys(example(), example()), Keys{});
    const std::string table = comparison(example(), example(), "a.json", "b.json");
    EXPECT_EQ(row(table, "delay p99"), "delay p99                          950 us             950 us   same");
    EXPECT_EQ(row(table, "verdict"), "verdict                             valid              valid");
    EXPECT_EQ(row(table, "criteria"), "criteria                    1 of 2 passed      1 of 2 passed");
}

TEST(Comparison, ShowsDifferencesWithTheirSignAndPercentage) {
    Json other = example();
    other["rrd_us"]["p99"] = 1'901.0;
    other["registrations"]["succeeded"] = 9'801;
    other["registrations"]["failed"] = 159;
    other["options"]["lost"] = 5;
    const std::string table = comparison(example(), other, "a.json", "b.json");
    EXPECT_EQ(row(table, "delay p99"),
              "delay p99                          950 us             1.9 ms   +950 us        +100%");
    EXPECT_EQ(row(table, "registrations"),
              "registrations                       9,900              9,801   -99            -1%");
    EXPECT_EQ(row(table, "failed share (ira)"),
              "failed share (ira)                   0.6%              1.59%   +0.99% points");
    EXPECT_EQ(row(table, "keep-alives lost"), "keep-alives lost                        0                  5   +5");
}

TEST(Comparison, RefusesRunsThatWereNotAlike) {
    Json other = example();
    other["scenario"]["run"]["rate"] = 5'000;
    other["scenario"]["device"]["t1"] = "1s";
    other["scenario"]["run"]["target"] = "198.51.100.7:5060";  // another registrar is what one compares
    other["scenario"]["report"]["result"] = "other.json";
    other["scenario"]["group"] = Json::parse(R"([{"name": "a"}])");
    const Keys keys = differing_keys(example(), other);
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_EQ(keys[0].substr(0, 10), "run.rate (");
    EXPECT_EQ(keys[1], "device.t1 (500ms and 1s)");
    EXPECT_EQ(keys[2], "group (absent and [{\"name\":\"a\"}])");
}

TEST(Comparison, HoldsRanksAgainstEachOtherByTheirPlace) {
    Json other = example();
    other["ranks"][1]["status"] = "generator-limited";
    other["ranks"][1]["send_lag_p99_us"] = 24.0;
    other["ranks"].push_back(other["ranks"][0]);
    const std::string table = comparison(example(), other, "a.json", "b.json");
    EXPECT_EQ(row(table, "rank 0"), "rank 0                              valid              valid");
    EXPECT_EQ(row(table, "rank 1"), "rank 1                              valid  generator-limited");
    EXPECT_NE(table.find("  send lag p99                      12 us              24 us   +12 us         +100%"),
              std::string::npos)
        << table;
    EXPECT_EQ(row(table, "rank 2"), "rank 2                                  -              valid");
    other.erase("ranks");
    EXPECT_EQ(row(comparison(other, other, "a.json", "b.json"), "rank 0"), "");
    other["ranks"] = Json::parse(R"([7, "\u001b[2J", {"status": "\u001b"}])");
    EXPECT_EQ(row(comparison(other, example(), "a.json", "b.json"), "rank 2"),
              "rank 2                                  ?                  -");
}

TEST(Comparison, ShowsTheShareThatWasReadLate) {
    Json other = example();
    other["generator"]["read_late"] = 9'956.5;
    const std::string table = comparison(example(), other, "a.json", "b.json");
    EXPECT_EQ(row(table, "read late share"),
              "read late share                        0%                50%   +50% points");
    EXPECT_EQ(row(comparison(example(), example(), "a.json", "b.json"), "read late share"), "");
}

TEST(Comparison, OfFilesThatLackEverythingStillReads) {
    const Json empty = Json::parse(R"({"schema": "regstorm.result/1", "criteria": [7], "rrd_us": "\u001b[2J"})");
    const std::string table = comparison(empty, example(), "a\nb", "b.json");
    EXPECT_EQ(row(table, "delay p99"), "delay p99                               -             950 us");
    EXPECT_EQ(row(table, "criteria"), "criteria                    0 of 1 passed      1 of 2 passed");
    EXPECT_NE(table.find("a?b"), std::string::npos);
    EXPECT_FALSE(differing_keys(empty, example()).empty());
}

}  // namespace
}  // namespace regstorm::report
