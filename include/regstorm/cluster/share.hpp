// SPDX-License-Identifier: Apache-2.0
// How a run is divided: over the workers of a process, and over processes (ranks) with their workers. One arithmetic
// for all of it, so that a phone has the same number, user and slot whoever sends for it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace regstorm::cluster {

/// What one of several has of a row that is numbered from 0.
struct Part {
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    friend bool operator==(const Part&, const Part&) = default;
};

/// Contiguous, in order; where `total` does not divide, the first ones have one more.
[[nodiscard]] constexpr Part part_of(std::uint32_t total, std::uint32_t parts, std::uint32_t which) {
    const std::uint32_t rest = total % parts;
    return {which * (total / parts) + std::min(which, rest), total / parts + (which < rest ? 1 : 0)};
}

/// This process among those of its run. Alone it has every worker, as many as the scenario says.
struct Share {
    std::uint32_t rank = 0;
    std::uint32_t ranks = 1;
    std::uint32_t first_worker = 0;  ///< the run's number of its first worker
    std::uint32_t workers = 0;       ///< its own
    std::uint32_t of_workers = 0;    ///< of all ranks; 0: it is alone
};

/// Workers of all ranks at most: the branch has eight bits for them.
inline constexpr std::uint32_t workers_max = 256;

}  // namespace regstorm::cluster
