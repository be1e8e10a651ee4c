// SPDX-License-Identifier: Apache-2.0
// The units every room agrees on. Names carry the unit last: sent_ns, deadline_ms, expires_s.
#pragma once

#include <cstdint>

namespace regstorm::base {

/// Nanoseconds of a monotonic clock; 64 bits last 584 years.
using Nanoseconds = std::uint64_t;
/// A millisecond tick of the run, modulo 2^32 (49.7 days); compare by unsigned distance only.
using Tick = std::uint32_t;
/// Row of an endpoint in its worker's table.
using EndpointIndex = std::uint32_t;

inline constexpr Nanoseconds ns_per_us = 1'000;
inline constexpr Nanoseconds ns_per_ms = 1'000'000;
inline constexpr Nanoseconds ns_per_s = 1'000'000'000;

/// Bytes.
inline constexpr std::uint64_t mib = 1024 * 1024;
inline constexpr std::uint64_t huge_page_bytes = 2 * mib;

/// One cache line: what a random event may touch of an endpoint, and what two cores must never share.
inline constexpr std::uint32_t cache_line_bytes = 64;

}  // namespace regstorm::base
