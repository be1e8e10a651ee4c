// SPDX-License-Identifier: Apache-2.0
// The result for people: the verdict first, then what happened in a page, then why what failed has failed.
#pragma once

#include <string>
#include <string_view>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

struct SummaryStyle {
    bool colour = false;
    std::string result_path{};  ///< named at the end when a result was written
};

[[nodiscard]] std::string summary(const RunResult& result, const SummaryStyle& style);

/// One sentence for a key of registrations.failed_by; `target` is the registrar as the user named it, `timeout` what
/// a transaction waits ("32s").
[[nodiscard]] std::string explain_failure(std::string_view cause, std::string_view target, std::string_view timeout);

}  // namespace regstorm::report
