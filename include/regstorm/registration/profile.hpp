// SPDX-License-Identifier: Apache-2.0
// A device profile as the hot path reads it: numbers and rules, compiled once from the scenario. A new device is a
// new set of values; a new kind of rule is a new row here and one function that applies it (schedule.hpp).
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/base/units.hpp"

namespace regstorm::registration {

/// RFC 3261 17.1.2.2 and Table 4.
struct Timers {
    base::Tick t1_ms = 500;
    base::Tick t2_ms = 4000;
    base::Tick f_ms = 0;  ///< 0: 64 * T1, as the RFC has it; some makers set it by itself

    [[nodiscard]] constexpr base::Tick timer_f_ms() const { return f_ms != 0 ? f_ms : 64 * t1_ms; }
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
/// The first wait is no exception.
inline constexpr base::Tick wait_same = 0xffff'fffe;
/// The longest deadline that is ever armed: 45 days, the longest expiry a phone can be given (64,800 min), well
/// below the 49.7 days of a 32-bit millisecond.
inline constexpr base::Tick wait_ms_max = 64'800u * 60'000u;

/// What a phone removes before the first REGISTER of a boot (Grandstream "Unregister before New Registration").
enum class Unregister : std::uint8_t {
    none,
    instance,  ///< its own contact
    all,       ///< Contact: *
};

/// What Retry-After does to the wait (RFC 3261 20.33).
enum class RetryAfter : std::uint8_t {
    ignored,
    floor,  ///< never sooner than it says (RFC 5626 4.5)
    exact,  ///< it replaces the profile's own wait, also one that means "never"
};

/// OPTIONS keep-alive (Grandstream "SIP OPTIONS Keep Alive").
struct KeepAliveRule {
    bool enabled = false;
    std::uint8_t max_lost = 3;  ///< unanswered in a row; then a new registration. Any final answer is alive
    base::Tick interval_ms = 30'000;
};

/// SUBSCRIBE to message-summary or to the registration's own state (RFC 3842, RFC 3680).
struct SubscriptionRule {
    bool enabled = false;
    std::uint32_t expires_s = 3600;
    base::Tick retry_wait_ms = 20'000;
};

/// What keeps a NAT's mapping open.
enum class NatPing : std::uint8_t { none, crlf, zeros, stun };
struct NatPingRule {
    NatPing bytes = NatPing::none;
    base::Tick interval_ms = 20'000;
};

struct Profile {
    Timers timers;
    bool registers = true;  ///< off: the phone exists and answers, but never registers
    Unregister unregister_first = Unregister::none;
    base::Tick boot_delay_ms = 0;         ///< from power on to the first request
    base::Tick boot_delay_spread_ms = 0;  ///< plus uniform up to this

    std::uint32_t expires_s = 3600;      ///< what is asked for
    std::uint32_t expires_spread_s = 0;  ///< plus uniform up to this, drawn anew for each attempt
    std::uint32_t refresh_before_s = 0;  ///< refresh at granted minus this; 0: after a share of what was granted
    std::uint32_t refresh_before_at_most_per_mille = 1000;  ///< the share of the lifetime that the margin may take
    std::uint32_t refresh_per_mille = 900;                  ///< used when refresh_before_s is 0
    std::uint32_t refresh_per_mille_max = 0;                ///< above the last: uniform between the two

    std::array<base::Tick, failure_class_count> wait_ms{};  ///< from failure to reattempt, by class
    base::Tick wait_first_ms = wait_same;                   ///< instead, after the first failure in a row
    std::uint32_t wait_growth_per_mille = 1000;             ///< with each failure in a row, up to wait_grown_ms_max
    base::Tick wait_grown_ms_max = wait_ms_max;
    std::uint32_t wait_per_mille_min = 1000;  ///< times uniform between these two
    std::uint32_t wait_per_mille_max = 1000;
    base::Tick wait_spread_ms = 0;  ///< plus uniform up to this
    RetryAfter retry_after = RetryAfter::floor;

    bool authorize_register = false;  ///< credentials from a cached nonce on a REGISTER that is no refresh, too
    bool authorize_refresh = true;    ///< credentials from the cached nonce on re-REGISTER; off: challenged again
    KeepAliveRule keep_alive;
    SubscriptionRule subscription;
    NatPingRule nat_ping;
    bool accept_unsolicited_notify = true;  ///< 200; off: 481 (RFC 6665 4.1)
    bool follow_redirects = true;           ///< a 3xx is followed, once per attempt (RFC 3261 8.1.3.4)
    bool failback_at_refresh = true;        ///< from the secondary registrar; off: when that one fails

    /// The same wait after every failure: what Grandstream documents, without jitter or back-off.
    constexpr void wait_after_failure(base::Tick wait) { wait_ms.fill(wait); }
};

}  // namespace regstorm::registration
