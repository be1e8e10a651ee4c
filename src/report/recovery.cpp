// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/recovery.hpp"

#include <algorithm>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {
namespace {

bool asks(const SeriesRow& row) { return row.clearings + row.attempted + row.retransmitted + row.failed != 0; }

/// When the rows from `first` on reach each share, counted from `since_s`.
void measure(std::span<const SeriesRow> rows, std::uint64_t endpoints, Recovery& recovery) {
    for (const SeriesRow& row : rows) {
        for (std::size_t i = 0; i < recovery_shares.size(); ++i) {
            std::optional<double>& after_s = recovery.registered_after_s[i];
            if (!after_s && row.registered * 100 >= endpoints * recovery_shares[i]) {
                after_s = row.t_s - recovery.until_s;
            }
        }
    }
}

}  // namespace

std::vector<Recovery> find_recoveries(std::span<const SeriesRow> series, std::uint64_t endpoints) {
    std::vector<Recovery> found;
    std::optional<double> silent_since_s;
    double before_s = 0;
    // Phones that leave are no outage. The row in which the load ends is the last of it.
    const auto end = std::ranges::find_if(series, &SeriesRow::stopping);
    series = series.first(static_cast<std::size_t>(end - series.begin()) + (end == series.end() ? 0 : 1));
    for (std::size_t i = 0; i < series.size(); before_s = series[i++].t_s) {
        const SeriesRow& row = series[i];
        if (row.succeeded == 0) {
            // Phones that wait in silence prolong an outage, but none begins with them.
            silent_since_s = silent_since_s || !asks(row) ? silent_since_s : std::optional(before_s);
            continue;
        }
        if (silent_since_s && before_s - *silent_since_s >= outage_s_min) {
            found.push_back({.from_s = *silent_since_s, .until_s = before_s});
            measure(series.subspan(i), endpoints, found.back());
        }
        silent_since_s.reset();
    }
    if (silent_since_s && before_s - *silent_since_s >= outage_s_min) {
        found.push_back({.from_s = *silent_since_s, .until_s = before_s});  // it lasted to the end
    }
    return found;
}

}  // namespace regstorm::report
