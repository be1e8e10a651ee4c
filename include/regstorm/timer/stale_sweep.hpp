// SPDX-License-Identifier: Apache-2.0
// Keeps the wheel's pool from filling with stale entries, a few entries of work at a time.
//
// A timer that is moved earlier leaves its old entry behind, to die when it comes due: up to 45 days later. After a
// power cut every phone does that at once, and a timer that alternates between a far deadline and near ones leaves a
// copy of the far entry each time. Stopping the wheel to collect them takes 0.2 s at ten million timers, just when
// load is highest; so the sweep pays as it goes. Once `trigger` entries are held, every insertion also sweeps
// `units_per_insert` entries, fast enough to be through before the pool's margin is used up.
//
// The sweep visits slots in order of their index, detaches each and files its live entries again. Two rules make
// that safe while the wheel turns:
// - One mark bit a timer says "an entry that matches this timer lies in the part already swept", so that of several
//   matching copies one survives. An insertion sets it when it files into the swept part and clears it otherwise.
// - Entries only ever go down a level, and lower levels have lower indices, so no entry goes from the swept part back
//   before the sweep. One that goes the other way is examined as it is moved (Wheel::cascade).
// Hence at the end no more than `timers` entries are left plus one for each insertion made meanwhile.
//
// Cost: 1/8 byte a timer, and under stale pressure ~10 records touched for each timer armed
// (bench/timer: BM_MoveEarlier).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/timer/timer_table.hpp"
#include "regstorm/timer/wheel_slots.hpp"

namespace regstorm::timer {

template <TimerTable Table>
class StaleSweep {
  public:
    /// Stale entries that the pool holds beyond one entry a timer. A quarter costs 2 bytes a timer; chosen with
    /// BM_MoveEarlier, where an eighth doubles the price of every arming under pressure.
    [[nodiscard]] static constexpr std::size_t margin(std::size_t timers) {
        return std::max<std::size_t>(timers / 4, 1024);
    }
    /// What the pool must hold.
    [[nodiscard]] static constexpr std::size_t capacity(std::size_t timers) { return timers + margin(timers); }
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t timers) {
        return base::Arena::bytes_for<std::uint64_t>(mark_words(timers));
    }

    StaleSweep(base::Arena& arena, Table& table, WheelStats& stats, std::size_t timers)
        : table_(table),
          stats_(stats),
          marks_(arena.make<std::uint64_t>(mark_words(timers))),
          start_above_(timers + margin(timers) / 2),
          trigger_(start_above_),
          units_per_insert_(work_bound(timers) / (margin(timers) / 2) + 1) {}

    /// Insertions that leave more entries than this must call after_insert().
    [[nodiscard]] std::size_t trigger() const { return trigger_; }
    [[nodiscard]] bool swept(std::uint32_t slot) const { return slot < next_slot_; }
    /// Whether entries that leave `slot` must be examined: it is not swept, and slots below it are.
    [[nodiscard]] bool passes(std::uint32_t slot) const { return next_slot_ != 0 && !swept(slot); }
    /// True while entries of `slot` are in the sweep's hands: finish() before emptying it.
    [[nodiscard]] bool holds(std::uint32_t slot) const { return slot == home_; }
    /// The slot in hand, or one that does not exist.
    [[nodiscard]] std::uint32_t home() const { return home_; }
    [[nodiscard]] const WheelSlot& held() const { return chain_; }

    [[gnu::noinline]] void after_insert(WheelSlots& slots, std::uint32_t id, std::uint32_t slot) {
        if (phase_ == Phase::idle) {
            begin();
        }
        set_mark(id, swept(slot));
        work(slots, units_per_insert_);
    }

    /// Sweeps up to `limit` entries of the slot in hand; returns how many.
    std::uint32_t finish(WheelSlots& slots, std::uint32_t limit) {
        std::uint32_t done = 0;
        while (done < limit && home_ != WheelSlot::none) {
            done += sweep_piece(slots, limit - done);
        }
        return done;
    }

    /// Whether an entry met in the unswept part is worth keeping; drops its timer when that was cancelled.
    [[nodiscard]] bool keep(WheelEntry entry) {
        ++stats_.stale_dropped;
        base::Tick& armed = table_.armed(entry.id);
        if (armed != entry.deadline || marked(entry.id)) {
            --stats_.stale;
            return false;
        }
        if (table_.deadline(entry.id) == 0) {
            armed = 0;
            return false;
        }
        --stats_.stale_dropped;
        set_mark(entry.id, true);
        return true;
    }

  private:
    enum class Phase : std::uint8_t { idle, clear, sweep };
    static constexpr std::size_t words_per_unit = 16;
    static constexpr std::uint32_t prefetch_entries = 16;

    [[nodiscard]] static constexpr std::size_t mark_words(std::size_t timers) { return timers / 64 + 1; }
    // Units of one sweep: an entry, a slot, or words_per_unit words of marks.
    [[nodiscard]] static constexpr std::size_t work_bound(std::size_t timers) {
        return capacity(timers) + std::min<std::size_t>(capacity(timers), WheelLayout::slot_count) +
               mark_words(timers) / words_per_unit + 2;
    }

    [[nodiscard]] bool marked(std::uint32_t id) const { return (marks_[id / 64] >> (id % 64) & 1U) != 0; }
    void set_mark(std::uint32_t id, bool value) {
        const std::uint64_t bit = std::uint64_t{1} << (id % 64);
        marks_[id / 64] = value ? marks_[id / 64] | bit : marks_[id / 64] & ~bit;
    }

    void begin() {
        phase_ = Phase::clear;
        cleared_words_ = 0;
        trigger_ = 0;
    }
    void end() {
        phase_ = Phase::idle;
        next_slot_ = 0;
        trigger_ = start_above_;
        ++stats_.compactions;
    }

    void work(WheelSlots& slots, std::size_t units) {
        while (units > 0 && phase_ != Phase::idle) {
            if (phase_ == Phase::clear) {
                clear_marks();
                --units;
            } else if (home_ == WheelSlot::none) {
                open_next(slots);
                --units;
            } else {
                units -= sweep_piece(slots, static_cast<std::uint32_t>(units));
            }
        }
    }

    void clear_marks() {
        const std::size_t count = std::min(words_per_unit, marks_.size() - cleared_words_);
        std::ranges::fill(marks_.subspan(cleared_words_, count), 0);
        cleared_words_ += count;
        if (cleared_words_ == marks_.size()) {
            phase_ = Phase::sweep;
        }
    }

    void open_next(WheelSlots& slots) {
        const std::uint32_t slot = slots.occupied().next(next_slot_);
        if (slot == WheelLayout::slot_count) {
            end();
            return;
        }
        home_ = slot;
        next_slot_ = slot + 1;
        chain_ = slots.detach(slot);
    }

    std::uint32_t sweep_piece(WheelSlots& slots, std::uint32_t limit) {
        WheelEntry single;
        const std::span<const WheelEntry> entries = slots.newest(chain_, home_, limit, single);
        const auto count = static_cast<std::uint32_t>(entries.size());
        for (const WheelEntry& entry : entries) {
            if (keep(entry)) {
                slots.push(home_, entry);
            } else {
                slots.forget(1);
            }
        }
        slots.drop_newest(chain_, count);
        for (const WheelEntry& entry : slots.newest(chain_, home_, prefetch_entries, single)) {
            table_.prefetch(entry.id);
        }
        if (chain_.empty()) {
            slots.mark_if_empty(home_);
            home_ = WheelSlot::none;
        }
        return count;
    }

    Table& table_;
    WheelStats& stats_;
    std::span<std::uint64_t> marks_;
    std::size_t start_above_;
    std::size_t trigger_;
    std::size_t units_per_insert_;
    std::size_t cleared_words_ = 0;
    Phase phase_ = Phase::idle;
    std::uint32_t next_slot_ = 0;  ///< slots below it are swept, or in hand
    std::uint32_t home_ = WheelSlot::none;
    WheelSlot chain_;
};

}  // namespace regstorm::timer
