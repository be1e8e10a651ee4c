// SPDX-License-Identifier: Apache-2.0
// Whether the figures describe the registrar or the generator. Tools of this kind report their own drops as the
// registrar's failures; this one says so instead, and its exit code too.
#pragma once

#include <string_view>

#include "regstorm/config/scenario.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

/// One rank by itself.
[[nodiscard]] Verdict judge(const Rank& rank, const config::Limits& limits);

/// With ranks, those are judged before, and the worst of all is the run's. `aborted_by` is empty when the run came to
/// its own end ("SIGINT", "port failed: ..."). An aborted run still names what the generator could not do.
[[nodiscard]] Verdict judge(const RunResult& result, const config::Limits& limits, std::string_view aborted_by);

}  // namespace regstorm::report
