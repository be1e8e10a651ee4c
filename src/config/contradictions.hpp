// SPDX-License-Identifier: Apache-2.0
// Values that are right by themselves and wrong together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "regstorm/config/load.hpp"

namespace regstorm::config {

/// Who set an option last, by key: "--rate", "my.toml:3:8: run.rate". Defaults and profiles are not in it.
using Origins = std::map<std::string, std::string, std::less<>>;

/// Judges a scenario whose every value is within its own range.
void check_contradictions(const Scenario& scenario, Command command, const Origins& origins,
                          std::vector<Problem>& problems);

}  // namespace regstorm::config
