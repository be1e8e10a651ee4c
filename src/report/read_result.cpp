// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/read_result.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {
namespace {

/// A result has five; whoever writes it out again calls itself for each.
constexpr int nesting_max = 64;

}  // namespace

config::Parsed<nlohmann::ordered_json> read_result(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return {{}, "is a directory"};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return {{}, fmt::format("cannot be read: {}", std::strerror(errno))};
    }
    bool too_deep = false;
    const auto bounded = [&](int depth, nlohmann::ordered_json::parse_event_t, const nlohmann::ordered_json&) {
        too_deep = too_deep || depth > nesting_max;
        return !too_deep;
    };
    nlohmann::ordered_json result = nlohmann::ordered_json::parse(file, bounded, false);
    if (too_deep) {
        return {{}, fmt::format("is no result: it nests deeper than {} levels", nesting_max)};
    }
    if (!result.is_object()) {
        return {{}, "is no result: it is not a JSON object"};
    }
    const auto schema = result.find("schema");
    if (schema == result.end() || !schema->is_string()) {
        return {{}, "is no result: it names no schema"};
    }
    if (*schema != result_schema) {
        return {
            {},
            fmt::format("has the schema {}, and this regstorm reads {}", schema->get<std::string>(), result_schema)};
    }
    return {std::move(result), {}};
}

}  // namespace regstorm::report
