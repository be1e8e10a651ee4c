// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "regstorm/base/prng.hpp"

namespace regstorm::timer_lab {
namespace {

constexpr Tick start = 1000;
constexpr Tick refresh_ms = 3'240'000;  ///< 0.9 of the hour that a registrar grants
constexpr Tick keep_alive_ms = 30'000;
constexpr Tick t1_ms = 500;
constexpr std::uint64_t fires_per_poll = 64;
constexpr std::uint64_t poll_ms_max = 1000;

Script empty(const Size& size) { return {.timers = size.timers, .start = start, .end = start}; }

void advance(Script& script, Tick now) {
    script.run.push_back({0, now, Kind::advance});
    script.end = now;
}

std::vector<std::uint32_t> shuffled(std::uint32_t count, base::Prng& prng) {
    std::vector<std::uint32_t> ids(count);
    std::iota(ids.begin(), ids.end(), 0U);
    for (std::uint32_t i = count; i > 1; --i) {
        std::swap(ids[i - 1], ids[prng.below(i)]);
    }
    return ids;
}

/// Every timer set within `period_ms`, and set again whenever it fires; polls in which about 64 do, or one
/// a second.
Script periodic(const Size& size, Tick period_ms, bool jitter) {
    Script script = empty(size);
    script.again = {period_ms, jitter};
    base::Prng prng(size.seed);
    for (const std::uint32_t id : shuffled(size.timers, prng)) {
        script.setup.push_back({id, start + 1 + static_cast<Tick>(prng.below(period_ms)), Kind::arm});
    }
    const auto step =
        static_cast<Tick>(std::clamp<std::uint64_t>(fires_per_poll * period_ms / size.timers, 1, poll_ms_max));
    const std::uint64_t polls =
        std::max<std::uint64_t>(1, size.operations * period_ms / (std::uint64_t{size.timers} * step));
    for (std::uint64_t poll = 1; poll <= polls; ++poll) {
        advance(script, start + static_cast<Tick>(poll) * step);
    }
    return script;
}

Script refresh(const Size& size) { return periodic(size, refresh_ms, true); }
Script keep_alive(const Size& size) { return periodic(size, keep_alive_ms, false); }

/// Each request sets a timer for its retransmission; ninety-nine in a hundred answers come first and unset it.
Script retransmit(const Size& size) {
    constexpr std::uint32_t answer_ms_min = 10;
    constexpr std::uint32_t answer_ms_max = 50;
    Script script = empty(size);
    base::Prng prng(size.seed);
    std::array<std::vector<std::uint32_t>, answer_ms_max + 1> answers;
    // No id again before its first timer is over.
    const std::uint32_t per_ms = std::clamp(size.timers / (2 * t1_ms), 1U, 256U);
    std::uint64_t started = 0;
    Tick now = start;
    while (2 * started < size.operations || size.operations == 0) {
        ++now;
        for (std::uint32_t i = 0; i < per_ms; ++i) {
            const auto id = static_cast<std::uint32_t>(started++ % size.timers);
            script.run.push_back({id, now + t1_ms, Kind::arm});
            if (prng.below(100) != 0) {
                const std::uint64_t later = answer_ms_min + prng.below(answer_ms_max - answer_ms_min);
                answers[(now + later) % answers.size()].push_back(id);
            }
        }
        std::vector<std::uint32_t>& answered = answers[now % answers.size()];
        for (const std::uint32_t id : answered) {
            script.run.push_back({id, 0, Kind::cancel});
        }
        answered.clear();
        advance(script, now);
    }
    for (Tick rest = 0; rest < t1_ms; ++rest) {
        std::vector<std::uint32_t>& answered = answers[++now % answers.size()];
        for (const std::uint32_t id : answered) {
            script.run.push_back({id, 0, Kind::cancel});
        }
        answered.clear();
        advance(script, now);
    }
    return script;
}

/// Every timer due in the same millisecond, a minute ahead: a power cut, seen from the registrar's side.
Script bulk(const Size& size) {
    constexpr Tick ahead_ms = 60'000;
    constexpr Tick step_ms = 100;
    Script script = empty(size);
    base::Prng prng(size.seed);
    for (const std::uint32_t id : shuffled(size.timers, prng)) {
        script.run.push_back({id, start + ahead_ms, Kind::arm});
    }
    for (Tick now = step_ms; now <= ahead_ms; now += step_ms) {
        advance(script, start + now);
    }
    return script;
}

/// No pattern at all: any timer set, moved or unset, anywhere in a span so long that about as many fire.
Script uniform(const Size& size) {
    constexpr std::uint64_t batch = 32;
    const std::uint64_t span_ms = std::clamp<std::uint64_t>(size.timers * std::uint64_t{4} / 3, t1_ms, refresh_ms);
    Script script = empty(size);
    base::Prng prng(size.seed);
    for (const std::uint32_t id : shuffled(size.timers, prng)) {
        script.setup.push_back({id, start + 1 + static_cast<Tick>(prng.below(span_ms)), Kind::arm});
    }
    Tick now = start;
    for (std::uint64_t done = 0; done < size.operations; done += batch) {
        for (std::uint64_t i = 0; i < batch; ++i) {
            const auto id = static_cast<std::uint32_t>(prng.below(size.timers));
            if (i % 4 == 3) {
                script.run.push_back({id, 0, Kind::cancel});
            } else {
                script.run.push_back({id, now + 1 + static_cast<Tick>(prng.below(span_ms)), Kind::arm});
            }
        }
        now += 1 + static_cast<Tick>(prng.below(20));
        advance(script, now);
    }
    return script;
}

}  // namespace

Tick Again::after(std::uint32_t id, Tick now) const {
    if (!jitter) {
        return now + period_ms;
    }
    const std::uint64_t draw = base::mix64(std::uint64_t{id} << 32 | now) >> 32;
    return now + period_ms - period_ms / 10 + static_cast<Tick>(draw * (period_ms / 5) >> 32);
}

std::span<const Workload> workloads() {
    static constexpr std::array all{
        Workload{"refresh", "registered phones: each refreshes within the hour, again and again", refresh},
        Workload{"retransmit", "a storm of requests: 99 % of the timers are unset after 10 to 50 ms", retransmit},
        Workload{"keep_alive", "every timer fires each 30 s", keep_alive},
        Workload{"bulk", "all timers set to one millisecond, a minute ahead", bulk},
        Workload{"uniform", "timers set, moved and unset without any pattern", uniform},
    };
    return all;
}

}  // namespace regstorm::timer_lab
