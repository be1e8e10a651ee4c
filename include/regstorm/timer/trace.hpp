// SPDX-License-Identifier: Apache-2.0
// What a worker did to its timers, in a file: the load that tools/timer_lab replays. A header, then eight bytes for
// each operation, in the byte order of the machine. What no longer fits is counted and left out; the front is kept,
// because a replay without its beginning would unset timers that were never set.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/base/units.hpp"

namespace regstorm::timer {

inline constexpr std::array<char, 8> trace_magic{'r', 's', 't', 'i', 'm', 'e', 'r', '1'};

struct TraceHeader {
    std::array<char, 8> magic = trace_magic;
    std::uint32_t timers = 0;
    base::Tick start = 0;
    std::uint64_t entries = 0;
    std::uint64_t left_out = 0;
};
static_assert(sizeof(TraceHeader) == 32);

enum class TraceKind : std::uint32_t { arm, cancel, advance };

struct TraceEntry {
    static constexpr std::uint32_t id_bits = 30;

    std::uint32_t kind_and_id = 0;  ///< kind in the upper two bits
    base::Tick tick = 0;            ///< the deadline; of `advance`, the time

    [[nodiscard]] TraceKind kind() const { return static_cast<TraceKind>(kind_and_id >> id_bits); }
    [[nodiscard]] std::uint32_t id() const { return kind_and_id & ((1U << id_bits) - 1); }
};
static_assert(sizeof(TraceEntry) == 8);

}  // namespace regstorm::timer
