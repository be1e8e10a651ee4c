// SPDX-License-Identifier: Apache-2.0
// What can be done with results that were kept: `regstorm report` makes the page of one, `regstorm compare` holds two
// against each other.
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/commands.hpp"
#include "app/scenario_input.hpp"
#include "regstorm/report/compare.hpp"
#include "regstorm/report/html.hpp"
#include "regstorm/report/read_result.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::app {
namespace {

constexpr std::size_t keys_told_max = 6;

int refuse(const config::Problem& problem) {
    fmt::print(stderr, "{}\n", config::to_text(problem));
    return bad_usage;
}

}  // namespace

int report_command(const CommandLine& line) {
    const std::string where = "regstorm report";
    if (line.words.size() != 1) {
        return refuse({.where = where, .what = "needs one result", .allowed = "regstorm report RESULT.json [-o FILE]"});
    }
    const std::string& path = line.words[0];
    const std::string output =
        line.output.empty() ? std::filesystem::path(path).replace_extension(".html").string() : line.output;
    const config::Parsed<nlohmann::ordered_json> result = report::read_result(path);
    if (!result.good()) {
        return refuse({.where = where,
                       .what = fmt::format("{} {}", path, result.problem),
                       .allowed = "a file that regstorm run --result has written"});
    }
    std::error_code not_there;
    if (std::filesystem::equivalent(path, output, not_there)) {
        return refuse({.where = where, .what = output + " is the result itself", .fix = "name another file with -o"});
    }
    if (const std::string unwritable = check_writable(output); !unwritable.empty()) {
        return refuse({.where = where, .what = "--output: " + unwritable, .allowed = "a file that can be written"});
    }
    if (const std::string failure = report::write_text(report::html_report(result.value), output); !failure.empty()) {
        fmt::print(stderr, "{}: {}\n", where, failure);
        return cannot_run;
    }
    if (output != "-") {
        fmt::print("{}\n", output);
    }
    return passed;
}

int compare_command(const CommandLine& line) {
    const std::string where = "regstorm compare";
    if (line.words.size() != 2) {
        return refuse(
            {.where = where, .what = "needs two results", .allowed = "regstorm compare A.json B.json [--force]"});
    }
    config::Parsed<nlohmann::ordered_json> results[2];
    for (std::size_t i = 0; i < 2; ++i) {
        results[i] = report::read_result(line.words[i]);
        if (!results[i].good()) {
            return refuse({.where = where,
                           .what = fmt::format("{} {}", line.words[i], results[i].problem),
                           .allowed = "files that regstorm run --result has written"});
        }
    }
    std::vector<std::string> keys = report::differing_keys(results[0].value, results[1].value);
    if (!keys.empty() && !line.force) {
        const std::size_t more = keys.size() - std::min(keys.size(), keys_told_max);
        keys.resize(keys.size() - more);
        return refuse({.where = where,
                       .what = fmt::format("the runs were not alike: {}{}", fmt::join(keys, ", "),
                                           more == 0 ? "" : fmt::format(" and {} more", more)),
                       .fix = "--force compares anyway"});
    }
    fmt::print("{}", report::comparison(results[0].value, results[1].value, line.words[0], line.words[1]));
    return passed;
}

}  // namespace regstorm::app
