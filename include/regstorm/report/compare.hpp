// SPDX-License-Identifier: Apache-2.0
// Two results side by side. Figures of runs that were not alike say nothing about the registrar, so what differs in the
// scenario is found first.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regstorm::report {

/// Keys of the scenario that decide whether figures can be compared, and differ: "run.rate (1000 and 5000)".
[[nodiscard]] std::vector<std::string> differing_keys(const nlohmann::ordered_json& left,
                                                      const nlohmann::ordered_json& right);

/// The table for the terminal; `left_name` and `right_name` head the columns.
[[nodiscard]] std::string comparison(const nlohmann::ordered_json& left, const nlohmann::ordered_json& right,
                                     std::string_view left_name, std::string_view right_name);

}  // namespace regstorm::report
