// SPDX-License-Identifier: Apache-2.0
// A device written down as a profile that reads back as the same device.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "regstorm/config/scenario.hpp"

namespace regstorm::config {

/// What is said beside a key, by key.
using Remarks = std::map<std::string, std::string, std::less<>>;

/// kind, description and [device] with every key of the option table, each with its remark.
[[nodiscard]] std::string profile_text(const Scenario& scenario, std::string_view description, const Remarks& remarks);

}  // namespace regstorm::config
