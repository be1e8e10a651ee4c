// SPDX-License-Identifier: Apache-2.0
// All that passes between a worker and the controller: commands one way, snapshots the other. Neither waits. The
// controller owns the mailbox; the worker owns a snapshot from taking it off `empty` until putting it on `full`.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "regstorm/base/spsc_ring.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/stats/histogram.hpp"

namespace regstorm::engine {

enum class Phase : std::uint8_t {
    linking,   ///< the port resolves its neighbour
    ready,     ///< waiting for `start`
    running,   ///< load
    draining,  ///< no new attempts; outstanding ones end
    leaving,   ///< un-REGISTER, paced
    done,      ///< nothing left to do; its last snapshot is final
    failed,    ///< the port never became ready
};

enum class CommandKind : std::uint8_t {
    start,
    pace,   ///< another rate from now on, instead of all that was planned; 0 pauses
    renew,  ///< every phone registers again, paced
    drain,
    leave,
    quit,
};

struct Command {
    CommandKind kind = CommandKind::quit;
    base::Nanoseconds at_ns = 0;  ///< start: when slot 0 is intended
    double rate_per_s = 0;        ///< pace, renew, leave: of the whole run; 0 of the latter two: the plan's
};

/// Phones by state.
using Census = std::array<std::uint32_t, registration::state_count>;

/// A copy of everything a worker knows about itself; cumulative since its start.
struct Snapshot {
    base::Nanoseconds at_ns = 0;
    Phase phase = Phase::linking;
    bool idle = false;  ///< nothing outstanding, and nothing left to leave
    Census census{};
    Census census_at_stop{};           ///< when the load ended: `drain`, `leave` or `quit`, whichever came first
    std::uint32_t first_outcomes = 0;  ///< endpoints whose first attempt has ended
    stats::Counters counters;
    stats::Histogram rrd;             ///< registration delay, ns, from the intended time (RFC 6076)
    stats::Histogram send_lag;        ///< actual minus intended start of attempts, ns
    stats::Histogram keep_alive_rtt;  ///< from the first OPTIONS sent to its final answer, ns
    port::PortHealth port;
    base::Nanoseconds busy_ns = 0;         ///< in polls that found something to do
    base::Nanoseconds polling_ns = 0;      ///< in all polls since `start`
    base::Nanoseconds longest_gap_ns = 0;  ///< between two polls since `start`
};
static_assert(std::is_trivially_copyable_v<Snapshot>);

class Mailbox {
  public:
    static constexpr std::uint8_t snapshots = 4;

    Mailbox() {
        for (std::uint8_t i = 0; i < snapshots; ++i) {
            static_cast<void>(empty_.push(i));
        }
    }

    // Controller's side.
    [[nodiscard]] bool command(const Command& command) { return commands_.push(command); }
    /// Copies the oldest unread snapshot out; false when there is none.
    [[nodiscard]] bool read(Snapshot& out) {
        std::uint8_t slot = 0;
        if (!full_.pop(slot)) {
            return false;
        }
        out = slots_[slot];
        static_cast<void>(empty_.push(slot));  // never full: as many places as slots
        return true;
    }

    // Worker's side.
    [[nodiscard]] bool next_command(Command& out) { return commands_.pop(out); }
    /// Lets `fill` write a snapshot and hands it over; false when the controller has not read the last ones yet.
    template <class Fill>
    [[nodiscard]] bool publish(Fill&& fill) {
        std::uint8_t slot = 0;
        if (!empty_.pop(slot)) {
            return false;
        }
        fill(slots_[slot]);
        static_cast<void>(full_.push(slot));
        return true;
    }

  private:
    base::SpscRing<Command, 16> commands_;
    base::SpscRing<std::uint8_t, snapshots> full_;
    base::SpscRing<std::uint8_t, snapshots> empty_;
    std::array<Snapshot, snapshots> slots_;
};

}  // namespace regstorm::engine
