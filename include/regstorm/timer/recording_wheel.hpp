// SPDX-License-Identifier: Apache-2.0
// A wheel that also writes down what it is told (timer/trace.hpp). It takes the wheel's place in the type of a worker
// that records, so that one that does not has neither a branch nor a byte for it.
//
// Costs 8 bytes for each operation, up to entries_max; what comes later is counted and left out.
#pragma once

#include <cstdint>
#include <span>

#include "regstorm/timer/trace.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::timer {

template <TimerTable Table>
class RecordingWheel {
  public:
    /// 32 MiB: a million registrations, each with its retransmission timer and its refresh.
    static constexpr std::uint32_t entries_max = 4U << 20;

    [[nodiscard]] static constexpr std::size_t bytes_for(std::uint32_t timers) {
        return Wheel<Table>::bytes_for(timers) + base::Arena::bytes_for<TraceEntry>(entries_max);
    }

    RecordingWheel(base::Arena& arena, Table& table, std::uint32_t timers, base::Tick now)
        : wheel_(arena, table, timers, now),
          entries_(arena.make<TraceEntry>(entries_max)),
          header_{.timers = timers, .start = now},
          noted_(now) {}

    void arm(std::uint32_t id, base::Tick when) {
        note(TraceKind::arm, id, when);
        wheel_.arm(id, when);
    }
    void cancel(std::uint32_t id) {
        note(TraceKind::cancel, id, 0);
        wheel_.cancel(id);
    }
    template <class Fire>
    std::uint32_t advance(base::Tick now, std::uint32_t fires_max, Fire&& fire) {
        if (now != noted_) {  // polls are thousands in a tick
            note(TraceKind::advance, 0, now);
            noted_ = now;
        }
        return wheel_.advance(now, fires_max, static_cast<Fire&&>(fire));
    }
    [[nodiscard]] base::Tick next_due(base::Tick now) const { return wheel_.next_due(now); }
    [[nodiscard]] WheelStats stats() const { return wheel_.stats(); }

    [[nodiscard]] const TraceHeader& header() const { return header_; }
    [[nodiscard]] std::span<const TraceEntry> entries() const { return entries_.first(header_.entries); }

  private:
    void note(TraceKind kind, std::uint32_t id, base::Tick tick) {
        if (header_.entries == entries_max) [[unlikely]] {
            ++header_.left_out;
            return;
        }
        entries_[header_.entries++] = {static_cast<std::uint32_t>(kind) << TraceEntry::id_bits | id, tick};
    }

    Wheel<Table> wheel_;
    std::span<TraceEntry> entries_;
    TraceHeader header_;
    base::Tick noted_;
};

}  // namespace regstorm::timer
