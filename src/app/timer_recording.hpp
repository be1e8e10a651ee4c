// SPDX-License-Identifier: Apache-2.0
// Files of what workers did to their timers, for tools/timer_lab.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "regstorm/timer/trace.hpp"

namespace regstorm::app {

/// FILE of the first worker, FILE.1 of the next.
[[nodiscard]] std::string recording_path(const std::string& path, std::size_t worker);

/// Why it could not be written; empty when it was.
[[nodiscard]] std::string write_recording(const std::string& path, const timer::TraceHeader& header,
                                          std::span<const timer::TraceEntry> entries);

}  // namespace regstorm::app
