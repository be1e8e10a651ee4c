// SPDX-License-Identifier: Apache-2.0
// Drives a facility through a script. Operations of one kind that follow each other are timed together, for a clock
// costs as much as a timer; every advance() is timed by itself, for it is what a poll loop has to wait for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "facility.hpp"
#include "measurement.hpp"
#include "perf_counters.hpp"
#include "script.hpp"

namespace regstorm::timer_lab {

inline std::uint64_t clock_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

template <TimerFacility Timers>
class Drive {
  public:
    explicit Drive(const Script& script)
        : script_(script),
          records_(script.timers),
          timers_(records_, script.start, script.end - script.start),
          last_(script.start) {
        found_.facility = Timers::name;
        found_.timers = script.timers;
    }

    Measurement run() {
        const std::uint64_t before_ns = clock_ns();
        apply(script_.setup);
        found_.fill_ns = clock_ns() - before_ns;
        found_.fill_count = script_.setup.size();
        found_.bytes = timers_.bytes();
        PerfCounters counters;
        counters.start();
        std::span<const Operation> rest = script_.run;
        while (!rest.empty()) {
            rest = rest.subspan(one_kind(rest));
        }
        counters.stop();
        for (std::size_t i = 0; i < event_count; ++i) {
            found_.events[i] = counters.value(static_cast<Event>(i));
        }
        found_.events_refusal = counters.refusal();
        found_.operations = found_.count[0] + found_.count[1] + found_.fired;
        return std::move(found_);
    }

  private:
    /// The owner of a timer has its record at hand when it sets it; here that is a prefetch as long as a burst.
    static constexpr std::size_t ahead = 16;

    /// Carries out the operations at the front that are of one kind; returns how many.
    std::size_t one_kind(std::span<const Operation> rest) {
        const Kind kind = rest.front().kind;
        if (kind == Kind::advance) {
            advance(rest.front().tick);
            ++found_.count[static_cast<std::size_t>(kind)];
            return 1;
        }
        const auto end = std::ranges::find_if(rest, [kind](const Operation& other) { return other.kind != kind; });
        const auto size = static_cast<std::size_t>(end - rest.begin());
        const std::uint64_t before_ns = clock_ns();
        apply(rest.first(size));
        found_.spent_ns[static_cast<std::size_t>(kind)] += clock_ns() - before_ns;
        found_.count[static_cast<std::size_t>(kind)] += size;
        found_.bytes = std::max(found_.bytes, static_cast<std::size_t>(timers_.bytes()));
        return size;
    }

    void apply(std::span<const Operation> operations) {
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (i + ahead < operations.size()) {
                __builtin_prefetch(&records_[operations[i + ahead].id], 1);
            }
            const Operation& operation = operations[i];
            if (operation.kind == Kind::arm) {
                timers_.arm(operation.id, operation.tick);
            } else {
                timers_.cancel(operation.id);
            }
        }
    }

    void advance(Tick now) {
        if constexpr (HasOwnClock<Timers>) {
            timers_.await(now);
        }
        const auto fire = [&](std::uint32_t id, Tick deadline) {
            ++records_[id].fired;
            ++found_.fired;
            const bool early = deadline > now;
            found_.early += early ? 1 : 0;
            // What came due since the last occasion is on time, however far apart occasions are.
            found_.lateness_ms.record(early || deadline > last_ ? 0 : now - deadline);
            if (script_.again.period_ms != 0) {
                timers_.arm(id, script_.again.after(id, now));
            }
        };
        for (bool done = false; !done;) {
            const std::uint64_t before_ns = clock_ns();
            done = timers_.advance(now, fire);
            const std::uint64_t spent_ns = clock_ns() - before_ns;
            found_.spent_ns[static_cast<std::size_t>(Kind::advance)] += spent_ns;
            found_.stall_ns.record(spent_ns);
        }
        last_ = now;
    }

    const Script& script_;
    std::vector<Record> records_;
    Timers timers_;
    Measurement found_;
    Tick last_;  ///< of the last advance()
};

template <TimerFacility Timers>
Measurement measure(const Script& script) {
    return Drive<Timers>(script).run();
}

/// The line of a facility in registered.cpp.
template <TimerFacility Timers>
constexpr Facility facility() {
    return {Timers::name, Timers::note, measure<Timers>};
}

}  // namespace regstorm::timer_lab
