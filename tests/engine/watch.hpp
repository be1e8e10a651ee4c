// SPDX-License-Identifier: Apache-2.0
// Runs code in a process of its own and counts what it must not do there: allocations, by replacing malloc and its
// family in the whole program, and system calls, by a seccomp filter that traps every one of them. Reading the clock
// through the vDSO is no system call and passes.
#pragma once

#include <cstdint>
#include <functional>

namespace regstorm::engine {

struct Watched {
    std::uint64_t allocations = 0;  ///< calls of malloc, calloc, realloc, free and the aligned ones
    std::uint64_t system_calls = 0;
    std::uint64_t last_system_call = 0;  ///< its number
    std::uint64_t result = 0;            ///< what the watched code returned
    int status = -1;                     ///< of the process: 0 when it ended as it should
};

/// Runs prepare(), then, watched, the code that it returns.
Watched watch(const std::function<std::function<std::uint64_t()>()>& prepare);

/// From now on every call of the malloc family adds to `count`; nullptr: no longer.
void count_allocations(std::uint64_t* count);
/// From now on, and until the process ends, every system call but its end fails and adds to `watched`.
void trap_system_calls(Watched& watched);

}  // namespace regstorm::engine
