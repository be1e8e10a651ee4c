// SPDX-License-Identifier: Apache-2.0
// A device profile as the hot path reads it: numbers and rules, compiled once from the scenario. A new device is a
// new set of values; a new kind of rule is a new row here and one function that applies it.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/base/units.hpp"

namespace regstorm::registration {

/// RFC 3261 17.1.2.2 and Table 4.
struct Timers {
    base::Tick t1_ms = 500;
    base::Tick t2_ms = 4000;
    base::Tick t4_ms = 5000;

    [[nodiscard]] constexpr base::Tick timer_f_ms() const { return 64 * t1_ms; }
};

/// Why an attempt failed, as far as devices tell it apart when they decide how long to wait.
enum class FailureClass : std::uint8_t {
    timeout,      ///< Timer F
    transport,    ///< ICMP unreachable (RFC 3261 8.1.3.1: as if 503)
    credentials,  ///< 401/407 that cannot be answered, or that refuses what was answered
    forbidden,    ///< 403
    not_found,    ///< 404
    too_brief,    ///< 423 that cannot be obeyed
    redirected,   ///< 3xx
    unavailable,  ///< 480 and 5xx
    global,       ///< 6xx
    other,        ///< any other 4xx
};
inline constexpr std::uint32_t failure_class_count = 10;

/// A wait of this length means: give up (Grandstream: "0 = stop", already translated).
inline constexpr base::Tick wait_never = 0xffff'ffff;
/// The longest deadline that is ever armed: 45 days, the longest expiry a phone can be given (64,800 min), well
/// below the 49.7 days of a 32-bit millisecond.
inline constexpr base::Tick wait_ms_max = 64'800u * 60'000u;

struct Profile {
    Timers timers;
    std::uint32_t expires_s = 3600;         ///< what is asked for
    std::uint32_t refresh_before_s = 0;     ///< refresh at granted minus this; 0: refresh_per_mille of granted
    std::uint32_t refresh_per_mille = 900;  ///< used when refresh_before_s is 0
    std::array<base::Tick, failure_class_count> wait_ms{};  ///< from failure to reattempt, by class
    bool authorize_refresh = true;  ///< credentials from the cached nonce on re-REGISTER; off: bare, challenged again

    /// The same wait after every failure: what Grandstream documents, without jitter or back-off.
    constexpr void wait_after_failure(base::Tick wait) { wait_ms.fill(wait); }
};

/// When to refresh a binding granted for `granted_s` (REG-6): before it expires, never sooner than 1 s, whatever
/// was granted. A margin that is not shorter than the lifetime is treated as half the lifetime, as Poly and Mitel
/// document for theirs.
[[nodiscard]] constexpr base::Tick refresh_after_ms(const Profile& profile, std::uint32_t granted_s) {
    constexpr std::uint64_t floor_ms = 1000;
    const std::uint64_t granted_ms = std::uint64_t{granted_s} * 1000;
    const std::uint64_t before_ms = std::uint64_t{profile.refresh_before_s} * 1000;
    std::uint64_t after_ms = granted_ms - before_ms;
    if (profile.refresh_before_s == 0) {
        after_ms = granted_ms * profile.refresh_per_mille / 1000;
    } else if (before_ms >= granted_ms) {
        after_ms = granted_ms / 2;
    }
    if (after_ms < floor_ms) {
        return floor_ms;
    }
    return after_ms > wait_ms_max ? wait_ms_max : static_cast<base::Tick>(after_ms);
}

}  // namespace regstorm::registration
