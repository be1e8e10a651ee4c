// SPDX-License-Identifier: Apache-2.0
// The checker that the wheel ships with: everything that its files promise, looked at the slow way. Tests call it
// after every random step; it costs a walk over all slots and allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "regstorm/timer/wheel.hpp"

namespace regstorm::timer {

template <TimerTable Table>
void Wheel<Table>::check_invariants() const {
    std::vector<bool> filed(timers_);  // timers for which a matching entry was found
    std::size_t entries = 0;
    std::size_t chunks = 0;
    const auto check_entry = [&](const WheelEntry& entry, std::uint32_t slot) {
        CHECK(entry.id < timers_ && entry.deadline != 0);
        // In its place, or in a higher slot that is being brought down now.
        const std::uint32_t place = Layout::slot_of(entry.deadline, cursor_);
        CHECK(slot == place || (slot == Layout::slot1(entry.deadline) && slot == Layout::coming1(cursor_)) ||
              (slot == Layout::slot2(entry.deadline) && slot == Layout::coming2(cursor_)));
        filed[entry.id] = filed[entry.id] || table_.armed(entry.id) == entry.deadline;
        ++entries;
    };
    const auto check_stack = [&](const WheelSlot& stack, std::uint32_t slot) {
        if (stack.single()) {
            check_entry(stack.get_single(slot), slot);
            return;
        }
        std::uint32_t filled = stack.filled;
        for (std::uint32_t i = stack.top; i != WheelSlot::none; i = slots_.chunk(i).next, filled = chunk_entries) {
            CHECK(++chunks <= slots_.chunks());
            CHECK(filled >= 1 && filled <= chunk_entries);
            for (const WheelEntry& entry : std::span(slots_.chunk(i).entries, filled)) {
                check_entry(entry, slot);
            }
        }
    };
    for (std::uint32_t slot = 0; slot < Layout::slot_count; ++slot) {
        CHECK(slots_.occupied(slot) == (!slots_[slot].empty() || sweep_.holds(slot)));
        check_stack(slots_[slot], slot);
        if (sweep_.holds(slot)) {
            CHECK(!sweep_.held().empty());
            check_stack(sweep_.held(), slot);
        }
    }
    CHECK(entries == slots_.entries());
    CHECK(entries <= Sweep::capacity(timers_));
    CHECK(chunks + slots_.chunks_free() == slots_.chunks());

    std::size_t live = 0;
    for (std::uint32_t id = 0; id < timers_; ++id) {
        const base::Tick deadline = table_.deadline(id);
        const base::Tick armed = table_.armed(id);
        live += armed != 0 ? 1 : 0;
        CHECK((armed != 0) == filed[id]);
        CHECK(deadline == 0 || armed != 0);
        CHECK(deadline == 0 || is_past(armed) || order(armed) <= order(deadline));
    }
    CHECK(live + stats_.stale == entries);
}

}  // namespace regstorm::timer
