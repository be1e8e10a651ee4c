// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/csv.hpp"

#include <fmt/format.h>

namespace regstorm::report {

std::string series_csv(std::span<const SeriesRow> series) {
    std::string text = "t_s,registered,clearings,attempted,succeeded,failed,retransmitted,rrd_p50_us,rrd_p99_us\r\n";
    for (const SeriesRow& row : series) {
        text +=
            fmt::format("{:.3f},{},{},{},{},{},{},{:.3f},{:.3f}\r\n", row.t_s, row.registered, row.clearings,
                        row.attempted, row.succeeded, row.failed, row.retransmitted, row.rrd_p50_us, row.rrd_p99_us);
    }
    return text;
}

}  // namespace regstorm::report
