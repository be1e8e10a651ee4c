// SPDX-License-Identifier: Apache-2.0
// The last step before a command runs: a scenario that is good, or everything that is wrong with it.
#pragma once

#include "regstorm/config/load.hpp"

namespace regstorm::app {

/// config::load(), and whether the result can be written where it shall go: an hour's run must not end with that.
[[nodiscard]] config::Loaded load_checked(const config::Request& request);

/// "/tmp/r.json" is writable, or why it is not; empty when it is. Creates nothing.
[[nodiscard]] std::string check_writable(const std::string& path);

}  // namespace regstorm::app
