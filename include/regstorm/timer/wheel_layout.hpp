// SPDX-License-Identifier: Apache-2.0
// Where a deadline lives in the wheel, and how far the wheel may turn at once.
//
// Three levels. A slot of level 0 is 1 ms, of level 1 is 4.096 s, of level 2 is 69.9 min; together 2^32 ms. The level
// follows from the distance, the slot from the absolute tick: retransmissions (up to 4 s) live and die in level 0, a
// refresh in an hour is moved once, a registration of 45 days twice. Levels 0 and 1 are twice as long as one slot of
// the level above: they hold the window in progress and the one after it, so that the next window can be brought
// down piece by piece, long before it begins, without meeting entries of this one. That costs 40 KB of heads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "regstorm/base/units.hpp"
#include "regstorm/timer/slot_bitmap.hpp"

namespace regstorm::timer {

struct WheelLayout {
    static constexpr std::uint32_t window0_bits = 12;                 // a window of level 0 is a slot of level 1
    static constexpr std::uint32_t window1_bits = window0_bits + 10;  // and one of level 1 is a slot of level 2
    static constexpr std::uint32_t level0_slots = 2U << 12;
    static constexpr std::uint32_t level1_slots = 2U << 10;
    static constexpr std::uint32_t level2_slots = 1U << (32 - window1_bits);
    static constexpr std::uint32_t level1_first = level0_slots;
    static constexpr std::uint32_t level2_first = level1_first + level1_slots;
    static constexpr std::uint32_t slot_count = level2_first + level2_slots;
    /// Distances from here on mean the past: up to 37 hours ago.
    static constexpr base::Tick past_ms_max = 1U << 27;
    static constexpr base::Tick past_begin = 0U - past_ms_max;
    static_assert(past_begin <= (level2_slots - 1) << window1_bits, "slots of level 2 are never mistaken for others");
    static constexpr base::Tick nowhere = ~0U;

    using Occupied = SlotBitmap<slot_count>;

    [[nodiscard]] static constexpr std::uint32_t slot0(base::Tick tick) { return tick % level0_slots; }
    [[nodiscard]] static constexpr std::uint32_t slot1(base::Tick tick) {
        return level1_first + (tick >> window0_bits) % level1_slots;
    }
    [[nodiscard]] static constexpr std::uint32_t slot2(base::Tick tick) {
        return level2_first + (tick >> window1_bits);
    }

    /// The slot of `tick`, seen from `cursor`: the lowest level that holds both their windows. A tick that is over
    /// (`past_begin` or more ahead, in unsigned distance) goes to the slot in progress.
    [[nodiscard]] static constexpr std::uint32_t slot_of(base::Tick tick, base::Tick cursor) {
        const base::Tick into_window0 = cursor % (1U << window0_bits);
        const base::Tick into_window1 = cursor % (1U << window1_bits);
        const base::Tick ahead = tick - (cursor - into_window0);
        if (ahead < level0_slots) {
            return ahead < into_window0 ? slot0(cursor) : slot0(tick);
        }
        if (ahead < (2U << window1_bits) - (into_window1 - into_window0)) {
            return slot1(tick);
        }
        return tick - cursor < past_begin ? slot2(tick) : slot0(cursor);
    }

    /// The slots of levels 1 and 2 that are brought down while the cursor is in the window before theirs.
    [[nodiscard]] static constexpr std::uint32_t coming1(base::Tick cursor) {
        return slot1(cursor + (1U << window0_bits));
    }
    [[nodiscard]] static constexpr std::uint32_t coming2(base::Tick cursor) {
        return slot2(cursor + (1U << window1_bits));
    }

    [[nodiscard]] static constexpr base::Tick left_of_window0(base::Tick cursor) {
        return ~cursor % (1U << window0_bits);
    }
    [[nodiscard]] static constexpr base::Tick left_of_window1(base::Tick cursor) {
        return ~cursor % (1U << window1_bits);
    }

    /// How far the cursor may go at once: to the next occupied slot of level 0, or to the end of the window before
    /// the next occupied slot of a higher level. `nowhere` when all are empty. The cursor's own slot does not count.
    [[nodiscard]] static base::Tick distance_to_stop(const Occupied& occupied, base::Tick cursor) {
        const std::uint32_t from = slot0(cursor + 1);
        const std::uint32_t level0 = next_round(occupied, 0, level0_slots, from);
        const base::Tick distance0 = level0 == nowhere ? nowhere : level0 + 1;
        if (distance0 <= left_of_window0(cursor)) [[likely]] {
            return distance0;
        }
        const std::uint32_t level1 = next_round(occupied, level1_first, level1_slots, coming1(cursor));
        const std::uint32_t level2 = next_round(occupied, level2_first, level2_slots, coming2(cursor));
        const base::Tick distance1 = level1 == nowhere ? nowhere : (level1 << window0_bits) + left_of_window0(cursor);
        const base::Tick distance2 = level2 == nowhere ? nowhere : (level2 << window1_bits) + left_of_window1(cursor);
        return std::min({distance0, distance1, distance2});
    }

  private:
    /// Slots from `from` to the first occupied one of a level, searched round; `nowhere` when the level is empty.
    [[nodiscard]] static std::uint32_t next_round(const Occupied& occupied, std::uint32_t first, std::uint32_t slots,
                                                  std::uint32_t from) {
        const std::uint32_t ahead = occupied.next(from);
        if (ahead < first + slots) {
            return ahead - from;
        }
        const std::uint32_t around = occupied.next(first);
        return around < from ? around + slots - from : nowhere;
    }
};

}  // namespace regstorm::timer
