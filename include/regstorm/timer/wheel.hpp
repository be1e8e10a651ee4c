// SPDX-License-Identifier: Apache-2.0
// The hierarchical timing wheel: one deadline for each of millions of endpoints, never early, in order of ticks.
//
// At a million timers the cost is cache misses, not instructions. A heap (127 ns), a linked wheel (206 ns) and DPDK's
// skip list (1653 ns) all chase pointers through records that are not cached. This wheel stores {id, deadline} in
// contiguous chunks (wheel_slots.hpp) and leaves the truth in the owner's record (timer_table.hpp):
// - Cancelling writes deadline = 0. Moving later writes deadline only; the entry files itself again when it comes due.
//   Moving earlier adds a second entry; the first one no longer matches `armed` and is dropped when met.
// - Entries of the coming window are brought down a level in pieces while the window before it passes. They are
//   moved without touching their records.
// - Before a batch of entries is examined, the records of the next are prefetched.
// After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987. Ticks are unsigned 32-bit milliseconds
// compared by distance: deadlines up to 45 days ahead, calls late by up to 3 days, deadlines up to
// 37 hours in the past.
// Bounds: the pool holds 1.25 entries a timer (stale_sweep.hpp keeps it so); one advance() fires at most fires_max
// timers and touches at most fires_max + 2 * touch_slack entries. Costs are in bench/timer/wheel_bench.cpp; 10.9 bytes
// a timer at ten million.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/timer/stale_sweep.hpp"
#include "regstorm/timer/timer_table.hpp"
#include "regstorm/timer/wheel_slots.hpp"

namespace regstorm::timer {

template <TimerTable Table>
class Wheel {
  public:
    /// The farthest deadline: 45 days, the longest registration a phone can be given (64,800 minutes).
    static constexpr base::Tick horizon_ms = 45U * 24 * 3600 * 1000;
    /// How far advance() may be behind while timers are due. It may jump farther when none is (next_due).
    static constexpr base::Tick lateness_ms_max = 3U * 24 * 3600 * 1000;

    [[nodiscard]] static constexpr std::size_t bytes_for(std::uint32_t timers) {
        return WheelSlots::bytes_for(Sweep::capacity(timers)) + Sweep::bytes_for(timers);
    }

    Wheel(base::Arena& arena, Table& table, std::uint32_t timers, base::Tick now)
        : table_(table),
          cursor_(now),
          gathered_to_(now),
          timers_(timers),
          slots_(arena, Sweep::capacity(timers)),
          sweep_(arena, table, stats_, timers) {}
    Wheel(const Wheel&) = delete;
    Wheel& operator=(const Wheel&) = delete;

    /// Sets or moves the timer of `id`. A past deadline fires at the next advance().
    void arm(std::uint32_t id, base::Tick when) {
        DCHECK(id < timers_);
        when += when == 0 ? 1 : 0;
        table_.deadline(id) = when;
        const base::Tick armed = table_.armed(id);
        if (armed != 0 && order(when) >= order(armed)) {
            return;  // the entry that the wheel holds comes due first and is filed again then
        }
        stats_.stale += armed != 0 ? 1 : 0;
        file(id, when);
    }

    void cancel(std::uint32_t id) {
        DCHECK(id < timers_);
        table_.deadline(id) = 0;
    }

    /// Fires what is due at `now`, at most `fires_max` timers, as fire(id, deadline); returns how many. `fire` may arm
    /// and cancel any timer. Work that is left over is done by the next call, which may have the same `now`.
    template <class Fire>
    std::uint32_t advance(base::Tick now, std::uint32_t fires_max, Fire&& fire) {
        if (is_past(now)) {
            return 0;
        }
        bring_down_ahead();
        Budget budget{fires_max, fires_max + touch_slack};
        for (;;) {
            const base::Tick last = cursor_ + std::min(now - cursor_, Layout::left_of_window0(cursor_));
            if (!fire_until(last, budget, fire) || last == now || !enter_next_window(budget)) {
                break;
            }
            cursor_ += std::min(Layout::distance_to_stop(slots_.occupied(), cursor_), now - cursor_);
        }
        const std::uint32_t fired = fires_max - budget.fires;
        stats_.fired += fired;
        return fired;
    }

    /// A tick that is not later than the earliest deadline, for clocks that jump: `now` itself when advance(now) has
    /// work, else after `now`; 45 days after it when nothing is armed.
    [[nodiscard]] base::Tick next_due(base::Tick now) const {
        const base::Tick lag = now - cursor_;
        if (slots_.occupied(Layout::slot0(cursor_))) {
            return now;
        }
        const base::Tick stop = Layout::distance_to_stop(slots_.occupied(), cursor_);
        if (stop == Layout::nowhere) {
            return now + horizon_ms;
        }
        // A stop at the end of a window is there to prepare the next one, where the deadlines are.
        const base::Tick ahead = stop + (slots_.occupied(Layout::slot0(cursor_ + stop)) ? 0 : 1);
        return ahead <= lag ? now : cursor_ + ahead;
    }

    [[nodiscard]] WheelStats stats() const {
        WheelStats stats = stats_;
        stats.live = slots_.entries() - stats.stale;
        return stats;
    }

    /// Aborts when anything is not as this file promises. Slow, for tests; not from inside `fire`.
    void check_invariants() const;

  private:
    using Layout = WheelLayout;
    using Sweep = StaleSweep<Table>;

    static constexpr std::uint32_t touch_slack = 256;   ///< entries moved or dropped besides those fired
    static constexpr std::uint32_t batch_entries = 32;  ///< BM_RefreshCycle
    static_assert(Layout::past_begin > horizon_ms + lateness_ms_max, "a late wheel still reaches the horizon");

    struct Budget {
        std::uint32_t fires;
        std::uint32_t touches;
    };

    [[nodiscard]] bool is_past(base::Tick tick) const { return tick - cursor_ >= Layout::past_begin; }
    /// Ticks in the order of time, seen from the cursor.
    [[nodiscard]] base::Tick order(base::Tick tick) const { return tick - (cursor_ - Layout::past_ms_max); }

    void file(std::uint32_t id, base::Tick when) {
        table_.armed(id) = when;
        const std::uint32_t slot = Layout::slot_of(when, cursor_);
        slots_.add(slot, {id, when});
        // Distances past the batch's end, or past ticks, both of which wrap.
        disturbed_ |= when - cursor_ <= gathered_to_ - cursor_ || is_past(when);
        if (slots_.entries() > sweep_.trigger()) [[unlikely]] {
            sweep_.after_insert(slots_, id, slot);
        }
    }

    /// Fires what is due from the cursor to `last`, in the same window; false when the budget is used up before.
    template <class Fire>
    [[nodiscard]] bool fire_until(base::Tick last, Budget& budget, Fire& fire) {
        for (;;) {
            WheelEntry batch[batch_entries];
            const std::uint32_t limit = std::min({budget.fires, budget.touches, batch_entries});
            const std::uint32_t count = gather(last, limit, budget, batch);
            if (count == 0) {
                return cursor_ == last && !slots_.occupied(Layout::slot0(last));
            }
            budget.touches -= count;
            slots_.forget(count);
            disturbed_ = false;
            for (std::uint32_t i = 0; i < count; ++i) {
                cursor_ = is_past(batch[i].deadline) ? cursor_ : batch[i].deadline;
                budget.fires -= examine(batch[i], fire);
                if (disturbed_) [[unlikely]] {
                    put_back(std::span(batch, count).subspan(i + 1));
                    break;
                }
            }
        }
    }

    /// Takes up to `limit` entries due until `last` out of their slots, in order, and asks for their records, so that
    /// these arrive together. Moves the cursor when there are none. A timer armed before gathered_to_ meanwhile sends
    /// the batch back.
    [[nodiscard]] std::uint32_t gather(base::Tick last, std::uint32_t limit, Budget& budget, WheelEntry* batch) {
        const std::uint32_t first = Layout::slot0(cursor_);
        const std::uint32_t end = first + (last - cursor_) + 1;
        if (sweep_.home() < end && sweep_.home() >= first) [[unlikely]] {
            budget.touches -= sweep_.finish(slots_, budget.touches);
            if (budget.touches == 0) {
                return 0;
            }
        }
        std::uint32_t slot = first;
        const std::uint32_t count = slots_.pop_in_order(slot, end, limit, batch, table_);
        gathered_to_ = cursor_ + (std::min(slot, end - 1) - first);
        if (count == 0) {
            cursor_ = gathered_to_;
        }
        return count;
    }

    [[gnu::cold, gnu::noinline]] void put_back(std::span<const WheelEntry> entries) {
        gathered_to_ = cursor_;
        for (const WheelEntry& entry : entries) {
            if (table_.armed(entry.id) == entry.deadline) {
                file(entry.id, entry.deadline);
            } else {
                drop_stale();
            }
        }
    }

    /// One entry that is due. Returns 1 when its timer fired.
    template <class Fire>
    std::uint32_t examine(WheelEntry entry, Fire& fire) {
        base::Tick& armed = table_.armed(entry.id);
        base::Tick& deadline = table_.deadline(entry.id);
        const base::Tick when = deadline;
        if (armed != entry.deadline) [[unlikely]] {
            drop_stale();
            return 0;
        }
        if (when != entry.deadline && when != 0 && order(when) > order(cursor_)) [[unlikely]] {
            ++stats_.refiled;
            file(entry.id, when);
            return 0;
        }
        armed = 0;
        deadline = 0;
        if (when == 0) {
            ++stats_.stale_dropped;
            return 0;
        }
        fire(entry.id, when);
        return 1;
    }

    void drop_stale() {
        ++stats_.stale_dropped;
        --stats_.stale;
    }

    /// One piece for each call, so that a herd of millions in one window is spread over thousands of polls.
    void bring_down_ahead() {
        std::uint32_t touches = touch_slack / 4;
        if (bring_down(Layout::coming1(cursor_), touches)) {
            static_cast<void>(bring_down(Layout::coming2(cursor_), touches));
        }
    }

    /// At the last tick of a window, what the next one still lacks is brought down; false when the budget is used up.
    [[nodiscard]] bool enter_next_window(Budget& budget) {
        if (Layout::left_of_window0(cursor_) != 0) [[likely]] {
            return true;
        }
        return (Layout::left_of_window1(cursor_) != 0 || bring_down(Layout::coming2(cursor_), budget.touches)) &&
               bring_down(Layout::coming1(cursor_), budget.touches);
    }

    [[nodiscard]] bool bring_down(std::uint32_t slot, std::uint32_t& touches) {
        if (!slots_.occupied(slot)) [[likely]] {
            return true;
        }
        if (sweep_.holds(slot)) [[unlikely]] {
            touches -= sweep_.finish(slots_, touches);
        }
        const bool passes_sweep = sweep_.passes(slot);
        while (touches > 0) {
            WheelEntry single;
            const std::span<const WheelEntry> entries = slots_.newest(slots_[slot], slot, touches, single);
            if (entries.empty()) {
                return true;
            }
            touches -= static_cast<std::uint32_t>(entries.size());
            stats_.cascaded += entries.size();
            for (const WheelEntry& entry : entries) {
                const std::uint32_t lower = Layout::slot_of(entry.deadline, cursor_);
                if (passes_sweep && sweep_.swept(lower) && !sweep_.keep(entry)) [[unlikely]] {
                    slots_.forget(1);
                } else {
                    slots_.push(lower, entry);
                }
            }
            slots_.drop_newest(slot, entries.size());
        }
        return !slots_.occupied(slot);
    }

    Table& table_;
    base::Tick cursor_;       ///< the tick in progress: every earlier one is finished, its own slot may be filled again
    base::Tick gathered_to_;  ///< entries up to here are in a batch
    bool disturbed_ = false;  ///< a timer was armed up to there
    std::uint32_t timers_;
    WheelStats stats_;
    WheelSlots slots_;
    Sweep sweep_;
};

}  // namespace regstorm::timer

#include "regstorm/timer/wheel_check.hpp"
