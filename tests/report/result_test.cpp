// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <sstream>

#include "example.hpp"

namespace regstorm::report {
namespace {

using Json = nlohmann::ordered_json;

/// Paths of all leaves as RESULT.md writes them: "rrd_us.p99", "series[].t_s", "responses.CODE".
void collect(const Json& json, const std::string& path, std::set<std::string>& paths) {
    if (path == "scenario") {
        paths.insert(path);
    } else if (path == "responses" || path == "registrations.failed_by") {
        paths.insert(path + (path == "responses" ? ".CODE" : ".CAUSE"));
    } else if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            collect(value, path.empty() ? key : path + "." + key, paths);
        }
    } else if (json.is_array() && !json.empty()) {
        collect(json[0], path + "[]", paths);
    } else {
        paths.insert(json.is_array() ? path + "[]" : path);
    }
}

std::set<std::string> documented() {
    std::ifstream file(RESULT_MD);
    std::set<std::string> paths;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `")) {
            paths.insert(line.substr(3, line.find('`', 3) - 3));
        }
    }
    return paths;
}

TEST(ResultJson, IsDocumentedFieldByFieldAndNothingElseIs) {
    std::set<std::string> produced;
    collect(to_json(example_run()), "", produced);
    EXPECT_EQ(produced, documented());
}

TEST(ResultJson, NamesItsSchemaFirst) {
    const Json json = to_json(example_run());
    EXPECT_EQ(json.begin().key(), "schema");
    EXPECT_EQ(json["schema"], "regstorm.result/1");
}

TEST(ResultJson, HoldsWhatTheResultHolds) {
    const Json json = to_json(example_run());
    EXPECT_EQ(json["verdict"]["status"], "valid");
    EXPECT_EQ(json["registrations"]["failed_by"]["403"], 50);
    EXPECT_EQ(json["responses"]["401"], 9'950);
    EXPECT_EQ(json["rrd_us"]["p99"], 950.5);
    EXPECT_EQ(json["generator"]["busy"], Json::parse("[0.25, 0.431]"));
    EXPECT_EQ(json["series"][1]["t_s"], 2.5);
    EXPECT_EQ(json["scenario"]["auth"]["password"], "***");
}

TEST(ResultJson, CallsAnInfiniteRateMax) {
    RunResult result = example_run();
    result.rate_changes = {{.t_s = 1, .rate_per_s = 0},
                           {.t_s = 2, .rate_per_s = std::numeric_limits<double>::infinity()}};
    EXPECT_EQ(to_json(result)["rate_changes"],
              Json::parse(R"([{"t_s": 1.0, "rate_per_s": 0.0}, {"t_s": 2.0, "rate_per_s": "max"}])"));
}

TEST(ResultJson, OfAnEmptyRunIsStillWhole) {
    RunResult result;
    result.rrd_us.mean = 0.0 / static_cast<double>(result.rrd_us.count);
    const Json json = to_json(result);
    EXPECT_TRUE(json["rrd_us"]["mean"].is_null());
    EXPECT_TRUE(json["series"].is_array());
    EXPECT_TRUE(json["responses"].is_object());
    EXPECT_TRUE(json["registrations"]["failed_by"].is_object());
}

TEST(WriteResult, WritesJsonThatReadsBackEvenWithBytesThatAreNoText) {
    const std::string path = testing::TempDir() + "regstorm-write-result.json";
    RunResult result = example_run();
    result.machine.cpu = "bad \xff byte";
    ASSERT_EQ(write_result(result, path), "");
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_EQ(Json::parse(text.str())["endpoints"]["total"], 10'000);
    std::remove(path.c_str());
}

TEST(WriteResult, SaysWhyItCannot) {
    EXPECT_EQ(write_result(example_run(), "/nonexistent/r.json"),
              "/nonexistent/r.json: cannot be written: No such file or directory");
    EXPECT_EQ(write_result(example_run(), "/dev/full"),
              "/dev/full: could not be written whole: No space left on device");
}

TEST(Machine, IsThisOne) {
    const Machine machine = this_machine();
    EXPECT_NE(machine.cpu, "");
    EXPECT_GT(machine.cores, 0U);
    EXPECT_TRUE(machine.kernel.starts_with("Linux "));
}

TEST(Sums, HoldInTheExample) { EXPECT_EQ(check_sums(example_run()), std::vector<std::string>{}); }

TEST(Sums, HoldInAnEmptyRun) { EXPECT_EQ(check_sums(RunResult{}), std::vector<std::string>{}); }

TEST(Sums, BreakWhenAnyOneCounterIsOff) {
    const std::pair<std::function<void(RunResult&)>, const char*> cases[] = {
        {[](RunResult& r) { ++r.endpoints.pending; },
         "endpoints.total (10000) is not registered + pending + failed (10001)"},
        {[](RunResult& r) { ++r.registrations.abandoned; },
         "registrations.attempted (10000) is not succeeded + failed + abandoned (10001)"},
        {[](RunResult& r) { ++r.registrations.failed_by["503"]; },
         "registrations.failed (60) is not the sum of failed_by (61)"},
        {[](RunResult& r) { ++r.removals.failed; }, "removals.attempted (100) is not succeeded + failed (101)"},
        {[](RunResult& r) { ++r.responses[200]; }, "messages.final (19900) is not the sum of responses (19901)"},
        {[](RunResult& r) { ++r.messages.retransmissions[1]; },
         "messages.retransmitted (110) is not the sum of retransmissions (111)"},
        {[](RunResult& r) { r.messages.sent = 5; }, "messages.retransmitted (110) is more than messages.sent (5)"},
        {[](RunResult& r) { r.rrd_us.count = 10'001; },
         "rrd_us.count (10001) is more than registrations.attempted (10000)"},
        {[](RunResult& r) { r.rrd_us.p90 = 1; }, "rrd_us has percentiles out of order"},
        {[](RunResult& r) { r.generator.send_lag_us.max = 0; }, "generator.send_lag_us has percentiles out of order"},
        {[](RunResult& r) { ++r.series[0].attempted; },
         "registrations.attempted (10000) is not the sum of the series (10001)"},
        {[](RunResult& r) { ++r.series[0].succeeded; },
         "registrations.succeeded (9900) is not the sum of the series (9901)"},
        {[](RunResult& r) { ++r.series[1].failed; }, "registrations.failed (60) is not the sum of the series (61)"},
        {[](RunResult& r) { ++r.series[1].retransmitted; },
         "messages.retransmitted (110) is not the sum of the series (111)"},
    };
    for (const auto& [spoil, sentence] : cases) {
        RunResult result = example_run();
        spoil(result);
        EXPECT_EQ(check_sums(result), std::vector<std::string>{sentence});
    }
}

TEST(Sums, CountEveryKindOfDatagramOnce) {
    std::uint64_t Messages::*const kinds[] = {
        &Messages::provisional,      &Messages::stray,      &Messages::late,
        &Messages::duplicate,        &Messages::mismatched, &Messages::multiple_via,
        &Messages::malformed,        &Messages::oversized,  &Messages::requests,
        &Messages::keep_alive_bytes, &Messages::unreachable};
    for (std::uint64_t Messages::*const kind : kinds) {
        RunResult result = example_run();
        ++(result.messages.*kind);
        EXPECT_EQ(check_sums(result),
                  std::vector<std::string>{"messages.received (19913) is not the sum of its kinds (19914)"});
        ++result.messages.received;
        EXPECT_EQ(check_sums(result), std::vector<std::string>{});
    }
}

}  // namespace
}  // namespace regstorm::report
