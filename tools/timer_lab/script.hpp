// SPDX-License-Identifier: Apache-2.0
// What is done to a timer facility, written down before it is done: chance and bookkeeping of a workload are not
// measured, and every facility gets the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "regstorm/base/units.hpp"

namespace regstorm::timer_lab {

using base::Tick;

enum class Kind : std::uint8_t { arm, cancel, advance };
inline constexpr std::size_t kind_count = 3;

struct Operation {
    std::uint32_t id = 0;
    Tick tick = 0;  ///< the deadline; of `advance`, the time
    Kind kind = Kind::arm;
};

/// A timer that fired is armed again `period_ms` later, give or take a tenth when `jitter`; 0: it is not.
struct Again {
    Tick period_ms = 0;
    bool jitter = false;

    [[nodiscard]] Tick after(std::uint32_t id, Tick now) const;
};

struct Script {
    std::uint32_t timers = 0;
    Tick start = 0;
    Tick end = 0;                  ///< the last time that it advances to
    std::vector<Operation> setup;  ///< measured apart: filling an empty facility
    std::vector<Operation> run;
    Again again;
};

struct Size {
    std::uint32_t timers = 0;
    std::uint64_t operations = 0;  ///< about so many in `run`, fires included
    std::uint64_t seed = 1;
};

struct Workload {
    const char* name;
    const char* note;
    Script (*make)(const Size& size);
};
[[nodiscard]] std::span<const Workload> workloads();

/// A recorded run (regstorm/timer/trace.hpp). Throws std::runtime_error with one sentence.
[[nodiscard]] Script read_trace(const std::string& path);

}  // namespace regstorm::timer_lab
