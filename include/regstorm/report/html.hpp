// SPDX-License-Identifier: Apache-2.0
// The result as one HTML page that loads nothing from anywhere. It is made from the JSON, so that a result file gives
// the same page as the run did.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace regstorm::report {

/// `result` as to_json() made it, or a file of its schema.
[[nodiscard]] std::string html_report(const nlohmann::ordered_json& result);

}  // namespace regstorm::report
