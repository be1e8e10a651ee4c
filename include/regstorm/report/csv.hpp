// SPDX-License-Identifier: Apache-2.0
// The series as CSV (RFC 4180), one row per interval, for spreadsheets and plotting tools.
#pragma once

#include <span>
#include <string>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

/// The columns are the fields of series[] in RESULT.md, in their order.
[[nodiscard]] std::string series_csv(std::span<const SeriesRow> series);

}  // namespace regstorm::report
