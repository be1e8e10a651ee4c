// SPDX-License-Identifier: Apache-2.0
// A result.json as somebody left it: perhaps of another schema, perhaps no JSON at all.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "regstorm/config/values.hpp"

namespace regstorm::report {

/// The problem stands after the path: "is not JSON".
[[nodiscard]] config::Parsed<nlohmann::ordered_json> read_result(const std::string& path);

}  // namespace regstorm::report
