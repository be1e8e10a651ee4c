// SPDX-License-Identifier: Apache-2.0
// The wheel's storage: slots that are stacks of 256-byte chunks of {id, deadline} out of one preallocated pool.
//
// A linked list of timers costs a dependent cache miss a timer (206 ns at a million timers). Entries in contiguous
// chunks stream: adding one writes an eighth of a hot line, moving one reads an eighth and writes an eighth, and
// because the ids of a chunk are known together, their records can be prefetched together.
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
    std::uint32_t unused;  ///< keeps entries in the same place of every line
    WheelEntry entries[chunk_entries];
};
static_assert(sizeof(WheelEntry) == 8);
static_assert(sizeof(WheelChunk) == 256, "four whole cache lines");

/// A stack of chunks: every chunk but the top one is full. An empty stack pretends a full top, so that push has
/// one condition.
struct WheelSlot {
    static constexpr std::uint32_t none = 0xffffffff;
    std::uint32_t top = none;
    std::uint32_t filled = chunk_entries;  ///< entries of the top chunk

    [[nodiscard]] bool empty() const { return top == none; }
};
static_assert(sizeof(WheelSlot) == 8);

class WheelSlots {
  public:
    static constexpr std::uint32_t slot_count = WheelLayout::slot_count;

    /// Chunks that hold `entries` entries however they are spread: one partly filled chunk for every slot in use,
    /// and one for the chain that a sweep has detached.
    [[nodiscard]] static constexpr std::size_t chunks_for(std::size_t entries) {
        return entries / chunk_entries + std::min<std::size_t>(entries, slot_count) + 1;
    }
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t entries) {
        return base::Arena::bytes_for<WheelChunk>(chunks_for(entries)) + base::Arena::bytes_for<WheelSlot>(slot_count);
    }

    WheelSlots(base::Arena& arena, std::size_t entries)
        : chunks_(arena.make<WheelChunk>(chunks_for(entries))), slots_(arena.make<WheelSlot>(slot_count)) {}

    void push(std::uint32_t slot, WheelEntry entry) {
        WheelSlot& stack = slots_[slot];
        if (stack.filled == chunk_entries) {
            grow(stack);
            occupied_.set(slot);
        }
        chunks_[stack.top].entries[stack.filled++] = entry;
        ++entries_;
    }

    /// Moves up to `limit` entries of the top chunk to `out` (room for chunk_entries) and says how many.
    std::uint32_t pop(std::uint32_t slot, std::uint32_t limit, WheelEntry* out) {
        const std::uint32_t count = pop(slots_[slot], limit, out);
        if (count != 0) {
            mark_if_empty(slot);
        }
        return count;
    }
    std::uint32_t pop(WheelSlot& stack, std::uint32_t limit, WheelEntry* out) {
        const std::uint32_t count = std::min(top_count(stack), limit);
        if (count == 0) {
            return 0;
        }
        WheelChunk& chunk = chunks_[stack.top];
        stack.filled -= count;
        std::copy_n(chunk.entries + stack.filled, count, out);
        entries_ -= count;
        if (stack.filled == 0) {
            shrink(stack);
        }
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
    [[nodiscard]] std::uint32_t next_occupied(std::uint32_t from) const { return occupied_.next(from); }
    [[nodiscard]] std::size_t entries() const { return entries_; }
    [[nodiscard]] std::size_t chunks() const { return chunks_.size(); }

    /// Counts the free chunks the slow way, for check_invariants().
    [[nodiscard]] std::size_t count_free() const {
        std::size_t count = chunks_.size() - untouched_;
        for (std::uint32_t i = free_; i != WheelSlot::none && count <= chunks_.size(); i = chunks_[i].next) {
            ++count;
        }
        return count;
    }

    /// The entries that pop() would give, newest first: valid until the next change of the stack.
    [[nodiscard]] std::span<const WheelEntry> top(const WheelSlot& stack) const {
        return stack.empty() ? std::span<const WheelEntry>{}
                             : std::span<const WheelEntry>{chunks_[stack.top].entries, stack.filled};
    }

  private:
    [[nodiscard]] static std::uint32_t top_count(const WheelSlot& stack) { return stack.empty() ? 0 : stack.filled; }

    // Freed chunks first (their lines are hot), then ones that were never used.
    void grow(WheelSlot& stack) {
        std::uint32_t taken = free_;
        if (taken != WheelSlot::none) {
            free_ = chunks_[taken].next;
        } else {
            CHECK(untouched_ < chunks_.size());
            taken = untouched_++;
        }
        chunks_[taken].next = stack.top;
        stack.top = taken;
        stack.filled = 0;
    }

    void shrink(WheelSlot& stack) {
        WheelChunk& chunk = chunks_[stack.top];
        const std::uint32_t below = chunk.next;
        chunk.next = free_;
        free_ = stack.top;
        stack.top = below;
        stack.filled = chunk_entries;
        if (below != WheelSlot::none && chunks_[below].next != WheelSlot::none) {
            const char* lines = reinterpret_cast<const char*>(&chunks_[chunks_[below].next]);
            for (std::size_t i = 0; i < sizeof(WheelChunk); i += base::cache_line_bytes) {
                __builtin_prefetch(lines + i);
            }
        }
    }

    std::span<WheelChunk> chunks_;
    std::span<WheelSlot> slots_;
    std::size_t entries_ = 0;
    std::uint32_t free_ = WheelSlot::none;
    std::uint32_t untouched_ = 0;
    WheelLayout::Occupied occupied_;
};

}  // namespace regstorm::timer
