// SPDX-License-Identifier: Apache-2.0
// The wheel's storage: slots that are stacks of 256-byte chunks of {id, deadline} out of one preallocated pool.
//
// A linked list of timers costs a dependent cache miss a timer (206 ns at a million timers). Entries in contiguous
// chunks stream: adding one writes an eighth of a hot line, moving one reads an eighth and writes an eighth, and
// because the ids of a chunk are known together, their records can be prefetched together.
//
// Below a few million timers most millisecond slots hold one entry. That one lives in the head itself: its id, and
// what the slot's number does not say of its deadline. A chunk for it would be a miss to write and another to read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/timer/wheel_layout.hpp"

namespace regstorm::timer {

struct WheelEntry {
    std::uint32_t id;
    base::Tick deadline;
};

inline constexpr std::uint32_t chunk_entries = 31;

struct WheelChunk {
    std::uint32_t next;    ///< the chunk below, which is full
    std::uint32_t unused;  ///< keeps entries from straddling lines
    WheelEntry entries[chunk_entries];
};
static_assert(sizeof(WheelEntry) == 8);
static_assert(sizeof(WheelChunk) == 256, "four whole cache lines");

/// A stack of chunks: every chunk but the top one is full. Three states, so that push has one condition:
/// filled < chunk_entries: room in the top chunk; == chunk_entries: top chunk full, or none; above: one single entry.
struct WheelSlot {
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::uint32_t low_bits = WheelLayout::level0_slots - 1;
    static_assert(chunk_entries < low_bits);

    std::uint32_t top = none;              ///< chunk, or the id of the single entry
    std::uint32_t filled = chunk_entries;  ///< entries of the top chunk

    [[nodiscard]] bool empty() const { return top == none && filled == chunk_entries; }
    [[nodiscard]] bool single() const { return filled > chunk_entries; }

    /// Whether an entry is told by its id and the slot alone, once the high bits of its deadline are kept.
    [[nodiscard]] static bool can_be_single(std::uint32_t slot, WheelEntry entry) {
        return (entry.deadline & low_bits) == slot;
    }
    void put_single(WheelEntry entry) {
        top = entry.id;
        filled = (entry.deadline & ~low_bits) | (chunk_entries + 1);
    }
    [[nodiscard]] WheelEntry get_single(std::uint32_t slot) const { return {top, (filled & ~low_bits) | slot}; }
};
static_assert(sizeof(WheelSlot) == 8);

class WheelSlots {
  public:
    static constexpr std::uint32_t slot_count = WheelLayout::slot_count;

    /// Chunks that hold `entries` entries however they are spread: one partly filled chunk for every slot in use,
    /// and one for the stack that a sweep has detached.
    [[nodiscard]] static constexpr std::size_t chunks_for(std::size_t entries) {
        return entries / chunk_entries + std::min<std::size_t>(entries, slot_count) + 1;
    }
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t entries) {
        return base::Arena::bytes_for<WheelChunk>(chunks_for(entries)) +
               base::Arena::bytes_for<std::uint32_t>(chunks_for(entries)) +
               base::Arena::bytes_for<WheelSlot>(slot_count);
    }

    WheelSlots(base::Arena& arena, std::size_t entries)
        : chunks_(arena.make<WheelChunk>(chunks_for(entries))),
          free_(arena.make<std::uint32_t>(chunks_for(entries))),
          slots_(arena.make<WheelSlot>(slot_count)),
          free_count_(static_cast<std::uint32_t>(free_.size())) {
        for (std::uint32_t i = 0; i < free_count_; ++i) {
            free_[i] = free_count_ - 1 - i;
        }
    }

    void add(std::uint32_t slot, WheelEntry entry) {
        ++entries_;
        push(slot, entry);
    }
    /// Entries that were popped and not pushed again.
    void forget(std::size_t count) { entries_ -= count; }

    void push(std::uint32_t slot, WheelEntry entry) {
        WheelSlot& stack = slots_[slot];
        if (stack.filled >= chunk_entries) {
            if (stack.empty()) {
                occupied_.set(slot);
                if (WheelSlot::can_be_single(slot, entry)) {
                    stack.put_single(entry);
                    return;
                }
            }
            grow(stack, slot);
        }
        chunks_[stack.top].entries[stack.filled++] = entry;
    }

    /// Up to `limit` of the newest entries of a stack, where they are: valid until an entry is pushed to that stack or
    /// they are dropped. A single entry is written out to `single`.
    [[nodiscard]] std::span<const WheelEntry> newest(const WheelSlot& stack, std::uint32_t slot, std::uint32_t limit,
                                                     WheelEntry& single) const {
        if (stack.single()) {
            single = stack.get_single(slot);
            return {&single, std::min(limit, 1U)};
        }
        if (stack.top == WheelSlot::none) {
            return {};
        }
        const std::uint32_t count = std::min(limit, stack.filled);
        return {chunks_[stack.top].entries + (stack.filled - count), count};
    }
    void drop_newest(WheelSlot& stack, std::size_t count) {
        if (stack.single()) {
            stack = {};
            return;
        }
        stack.filled -= static_cast<std::uint32_t>(count);
        if (stack.filled == 0) {
            shrink(stack);
        }
    }
    void drop_newest(std::uint32_t slot, std::size_t count) {
        drop_newest(slots_[slot], count);
        mark_if_empty(slot);
    }

    /// Moves up to `limit` entries of the level 0 slots from `first` on and before `end` to `out`, in order, and sets
    /// `first` to the first slot that still holds any (or a later one than `end`). Asks `table` for their records.
    template <class Table>
    [[nodiscard]] std::uint32_t pop_in_order(std::uint32_t& first, std::uint32_t end, std::uint32_t limit,
                                             WheelEntry* out, Table& table) {
        std::uint32_t count = 0;
        std::uint32_t slot = occupied_.next(first);
        while (slot < end && count < limit) {
            WheelSlot& stack = slots_[slot];
            WheelEntry single;
            const std::span<const WheelEntry> entries = newest(stack, slot, limit - count, single);
            for (const WheelEntry& entry : entries) {
                table.prefetch(entry.id);
                out[count++] = entry;
            }
            drop_newest(stack, entries.size());
            if (!stack.empty()) {
                continue;
            }
            slot = occupied_.clear_and_next(slot);
        }
        first = slot;
        return count;
    }

    /// Takes the whole stack away from `slot`, which stays marked as occupied until mark_if_empty().
    [[nodiscard]] WheelSlot detach(std::uint32_t slot) { return std::exchange(slots_[slot], WheelSlot{}); }
    void mark_if_empty(std::uint32_t slot) {
        if (slots_[slot].empty()) {
            occupied_.clear(slot);
        }
    }

    [[nodiscard]] const WheelSlot& operator[](std::uint32_t slot) const { return slots_[slot]; }
    [[nodiscard]] const WheelChunk& chunk(std::uint32_t index) const { return chunks_[index]; }
    [[nodiscard]] bool occupied(std::uint32_t slot) const { return occupied_.test(slot); }
    [[nodiscard]] const WheelLayout::Occupied& occupied() const { return occupied_; }
    [[nodiscard]] std::size_t entries() const { return entries_; }
    [[nodiscard]] std::size_t chunks() const { return chunks_.size(); }
    [[nodiscard]] std::size_t chunks_free() const { return free_count_; }

  private:
    void grow(WheelSlot& stack, std::uint32_t slot) {
        CHECK(free_count_ > 0);
        const std::uint32_t taken = free_[--free_count_];
        if (stack.single()) {
            chunks_[taken].next = WheelSlot::none;
            chunks_[taken].entries[0] = stack.get_single(slot);
            stack = {taken, 1};
        } else {
            chunks_[taken].next = stack.top;
            stack = {taken, 0};
        }
    }

    // Frees the top chunk and asks for the one after the next, which will be wanted in 31 entries' time.
    void shrink(WheelSlot& stack) {
        free_[free_count_++] = stack.top;
        stack = {chunks_[stack.top].next, chunk_entries};
        if (stack.top != WheelSlot::none && chunks_[stack.top].next != WheelSlot::none) {
            const char* lines = reinterpret_cast<const char*>(&chunks_[chunks_[stack.top].next]);
            for (std::size_t i = 0; i < sizeof(WheelChunk); i += base::cache_line_bytes) {
                __builtin_prefetch(lines + i);
            }
        }
    }

    std::span<WheelChunk> chunks_;
    std::span<std::uint32_t> free_;  ///< a stack apart from the chunks: linked through them, each grow() would wait
    std::span<WheelSlot> slots_;
    std::size_t entries_ = 0;  ///< by add() and forget() only, so that moving an entry costs no count
    std::uint32_t free_count_;
    WheelLayout::Occupied occupied_;
};

}  // namespace regstorm::timer
