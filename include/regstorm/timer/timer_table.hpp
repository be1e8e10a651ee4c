// SPDX-License-Identifier: Apache-2.0
// The contract between the wheel and the owner of the timers. The truth about a timer lives in the owner's record,
// next to what the timer is for, so that firing it touches one cache line and cancelling it touches nothing else.
#pragma once

#include <concepts>
#include <cstdint>

#include "regstorm/base/units.hpp"

namespace regstorm::timer {

/// deadline(id): when the timer is due, 0 = not armed. armed(id): the deadline of the entry that the wheel holds for
/// it, 0 = none; only the wheel writes it. Both start as 0. prefetch(id) brings the record into the cache; declare it
/// [[gnu::always_inline]], because GCC 12 takes a function that only prefetches for one without effect and drops calls.
template <class T>
concept TimerTable = requires(T table, std::uint32_t id) {
    { table.deadline(id) } -> std::same_as<base::Tick&>;
    { table.armed(id) } -> std::same_as<base::Tick&>;
    table.prefetch(id);
};

struct WheelStats {
    std::uint64_t fired = 0;
    std::uint64_t refiled = 0;        ///< entries that came due before their timer, which had been moved later
    std::uint64_t stale_dropped = 0;  ///< entries of timers that were cancelled or moved earlier
    std::uint64_t cascaded = 0;       ///< entries brought down a level
    std::uint64_t compactions = 0;    ///< complete sweeps for stale entries
    std::uint64_t live = 0;           ///< entries held, one for each timer that has any
    std::uint64_t stale = 0;          ///< entries held besides
};

}  // namespace regstorm::timer
