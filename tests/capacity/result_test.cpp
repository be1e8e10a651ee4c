// SPDX-License-Identifier: Apache-2.0
#include "regstorm/capacity/result.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <set>

namespace regstorm::capacity {
namespace {

using Json = nlohmann::ordered_json;

CapacityResult example() {
    CapacityResult result;
    result.method = "search";
    result.goal = "rrd_p99 < 50ms";
    result.registrar = "192.0.2.1:5060";
    result.port = "udp";
    result.finding = {.held = {.rate = 4870, .held = 3},
                      .next = {.rate = 5100, .broke = 2},
                      .limit = Limit::registrar,
                      .confidence = 0.8};
    result.broke_first = "rrd_p99 < 50ms: 812 ms after 1.2 s";
    result.seconds = 160;
    result.trials = {{.rate = 4870, .registrations = {.attempted = 24'350, .failed = 2}, .rrd_us = {.p99 = 1'250}},
                     {.rate = 5100, .fate = Fate::broke, .broke = result.broke_first}};
    result.rfc7502 = Rfc7502Form{.transport = "UDP", .attempts = 50'000, .registration_rate = 4870};
    return result;
}

void collect(const Json& json, const std::string& path, std::set<std::string>& paths) {
    if (json.is_object() && path != "scenario") {
        for (const auto& [key, value] : json.items()) {
            collect(value, path.empty() ? key : path + "." + key, paths);
        }
    } else if (json.is_array() && !json.empty()) {
        collect(json[0], path + "[]", paths);
    } else {
        paths.insert(path);
    }
}

TEST(CapacityJson, IsDocumentedFieldByFieldAndNothingElseIs) {
    std::ifstream file(CAPACITY_RESULT_MD);
    std::set<std::string> documented;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `")) {
            documented.insert(line.substr(3, line.find('`', 3) - 3));
        }
    }
    std::set<std::string> produced;
    collect(to_json(example()), "", produced);
    EXPECT_EQ(produced, documented);
}

TEST(CapacityJson, HasNoFormForASearch) {
    CapacityResult result = example();
    result.rfc7502.reset();
    EXPECT_TRUE(to_json(result)["rfc7502"].is_null());
    EXPECT_EQ(to_json(result)["limit"], "registrar");
}

TEST(CapacityText, SaysTheRateFirstThenWhyItIsNoHigher) {
    CapacityResult result = example();
    result.rfc7502.reset();
    EXPECT_EQ(summary(result, ""),
              "CAPACITY: 4,870 registrations per second\n\n"
              "  goal            rrd_p99 < 50ms\n"
              "  held            3 of 3 trials; one more would with a chance of 80%\n"
              "  next step       5,100 per second: 2 of 2 trials did not hold\n"
              "  broke first     rrd_p99 < 50ms: 812 ms after 1.2 s\n"
              "  limit           the registrar\n"
              "  registrar       192.0.2.1:5060 over udp\n"
              "  trials          2 in 2 min 40 s\n");
}

TEST(CapacityText, SaysWhyNotEvenTheLowestRateHeld) {
    CapacityResult result = example();
    result.finding = {.next = {.rate = 10, .broke = 2}, .limit = Limit::nothing};
    result.trials.back().registrations = {.attempted = 50, .failed = 50, .failed_by = {{"503", 3}, {"transport", 47}}};
    EXPECT_NE(summary(result, "")
                  .find("  failed          47 by transport: ICMP port unreachable: nobody listens at "
                        "192.0.2.1:5060\n"),
              std::string::npos);
    result.trials.back().registrations = {.attempted = 1'000, .abandoned = 1'000};
    EXPECT_NE(summary(result, "")
                  .find("  failed          1,000 without an answer: is a registrar listening at 192.0.2.1:5060?\n"),
              std::string::npos);
    result.trials.back().registrations = {.attempted = 50, .succeeded = 50};  // too slow, but it works
    EXPECT_EQ(summary(result, "").find("failed"), std::string::npos);
}

TEST(CapacityText, HasALineForEachTrial) {
    const CapacityResult result = example();
    EXPECT_EQ(trial_text(result.trials[0]),
              "search                4,870 per second  held: 2 of 24,350 lost, p99 1.25 ms");
    EXPECT_EQ(trial_text(result.trials[1]),
              "search                5,100 per second  broke: rrd_p99 < 50ms: 812 ms after 1.2 s");
}

TEST(CapacityText, FillsInTheFormOfRfc7502) {
    const std::string text = summary(example(), "c.json");
    EXPECT_NE(text.find("  registration    4,870 registrations/s (6.7)\n"), text.npos) << text;
    EXPECT_NE(text.find("  re-registration not measured (6.8)\n"), text.npos) << text;
    EXPECT_NE(text.find("  result          c.json\n"), text.npos) << text;
}

}  // namespace
}  // namespace regstorm::capacity
