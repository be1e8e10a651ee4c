// SPDX-License-Identifier: Apache-2.0
// --capture and --trace-endpoint: which taps a run needs, and what is made of what they kept.
#pragma once

#include <string>

#include "app/drive.hpp"
#include "regstorm/config/scenario.hpp"

namespace regstorm::app {

/// One per worker; none when nothing is to be kept.
[[nodiscard]] std::vector<engine::TapPlan> make_taps(const config::Evidence& evidence,
                                                     const std::vector<engine::WorkerPlan>& workers);

/// The file, of what was kept, its failures only, or one phone's.
[[nodiscard]] std::string capture_of(const config::Evidence& evidence, const Driven& driven);
/// The ladder; empty when none was asked for.
[[nodiscard]] std::string trace_of(const config::Evidence& evidence, const Driven& driven);

}  // namespace regstorm::app
