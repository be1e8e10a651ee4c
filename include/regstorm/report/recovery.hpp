// SPDX-License-Identifier: Apache-2.0
// How long the population took to come back after the registrar had been away: found in the series of a run, so that
// nobody has to say when the outage was.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace regstorm::report {

struct SeriesRow;

/// Shares of all endpoints whose return is measured, in per cent.
inline constexpr std::array<std::uint32_t, 4> recovery_shares{50, 90, 99, 100};

/// A stretch in which phones sent and not one registration succeeded, and what came after it.
struct Recovery {
    double from_s = 0;   ///< of the outage, since the start of the run
    double until_s = 0;  ///< the first success after it, or the end of the run
    /// From then until so many per cent of the endpoints were registered; nothing: not within the run.
    std::array<std::optional<double>, recovery_shares.size()> registered_after_s{};
};

/// An outage lasts this long at least; shorter gaps are a matter of chance at low rates.
inline constexpr double outage_s_min = 2;

/// As exact as the series' interval.
[[nodiscard]] std::vector<Recovery> find_recoveries(std::span<const SeriesRow> series, std::uint64_t endpoints);

}  // namespace regstorm::report
