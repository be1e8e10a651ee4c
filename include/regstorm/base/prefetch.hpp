// SPDX-License-Identifier: Apache-2.0
// Asks for memory that is to be written, wherever another core has it.
#pragma once

namespace regstorm::base {

/// Asks for the cache line at `at` as its only owner. The compiler's own __builtin_prefetch(at, 1) asks for a shared
/// copy unless it is told that every processor knows the other instruction; those that do not, ignore it.
[[gnu::always_inline]] inline void prefetch_to_write(const void* at) {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(at)));
#else
    __builtin_prefetch(at, 1);
#endif
}

}  // namespace regstorm::base
