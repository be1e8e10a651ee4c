// SPDX-License-Identifier: Apache-2.0
// When a phone does the next thing, by its profile. Chance is an argument: a 64-bit draw that derives from the
// endpoint and its transaction, so that the same seed gives the same schedule (INV-6) and nothing is stored.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/registration/profile.hpp"

namespace regstorm::registration {

/// Nothing is armed sooner than this, whatever was granted.
inline constexpr base::Tick refresh_ms_min = 1000;

/// A draw is a number, or what makes it when it is needed: most profiles leave little to chance, and it is five mixes.
[[nodiscard]] constexpr std::uint64_t drawn(std::uint64_t draw) { return draw; }
[[nodiscard]] constexpr std::uint64_t drawn(const std::invocable auto& draw) { return draw(); }

/// Uniform in [low, high], for one draw. Every use of the same draw needs a mix of its own.
[[nodiscard]] constexpr std::uint64_t uniform(const auto& draw, std::uint64_t low, std::uint64_t high) {
    return high <= low ? low : low + base::Prng(drawn(draw)).below(high - low + 1);
}

[[nodiscard]] constexpr base::Tick bounded_wait(std::uint64_t wait_ms) {
    return static_cast<base::Tick>(std::min<std::uint64_t>(wait_ms, wait_ms_max));
}

/// From power on to the first request.
[[nodiscard]] constexpr base::Tick boot_delay_ms(const Profile& profile, const auto& draw) {
    return bounded_wait(profile.boot_delay_ms + uniform(draw, 0, profile.boot_delay_spread_ms));
}

/// The lifetime to ask for.
[[nodiscard]] constexpr std::uint32_t asked_expires_s(const Profile& profile, const auto& draw) {
    return profile.expires_s + static_cast<std::uint32_t>(uniform(draw, 0, profile.expires_spread_s));
}

/// When to refresh a binding granted for `granted_s` (REG-6): before it expires, never sooner than 1 s, whatever
/// was granted. A margin that is not shorter than the lifetime is treated as half the lifetime, as Poly and Mitel
/// document for theirs; one above its allowed share as that share.
[[nodiscard]] constexpr base::Tick refresh_after_ms(const Profile& profile, std::uint32_t granted_s, const auto& draw) {
    const std::uint64_t granted_ms = std::uint64_t{granted_s} * 1000;
    std::uint64_t after_ms = 0;
    if (profile.refresh_before_s == 0) {
        const std::uint64_t high = std::max(profile.refresh_per_mille, profile.refresh_per_mille_max);
        after_ms = uniform(draw, granted_ms * profile.refresh_per_mille / 1000, granted_ms * high / 1000);
    } else {
        const std::uint64_t most_ms = granted_ms * profile.refresh_before_at_most_per_mille / 1000;
        const std::uint64_t before_ms = std::min(std::uint64_t{profile.refresh_before_s} * 1000, most_ms);
        after_ms = before_ms >= granted_ms ? granted_ms / 2 : granted_ms - before_ms;
    }
    return bounded_wait(std::max<std::uint64_t>(after_ms, refresh_ms_min));
}

/// Whether there is no reattempt after this failure.
[[nodiscard]] constexpr bool gives_up(const Profile& profile, FailureClass failure,
                                      std::optional<std::uint32_t> retry_after_s) {
    return profile.wait_ms[static_cast<std::size_t>(failure)] == wait_never &&
           !(profile.retry_after == RetryAfter::exact && retry_after_s);
}

/// The wait after so many failures in a row; never below the first, also when the cap is. At most 255 steps.
[[nodiscard]] constexpr std::uint64_t grown_wait_ms(const Profile& profile, std::uint64_t wait_ms,
                                                    std::uint32_t failures) {
    if (profile.wait_growth_per_mille <= 1000) {
        return wait_ms;
    }
    const std::uint64_t most_ms = std::max<std::uint64_t>(profile.wait_grown_ms_max, wait_ms);
    for (std::uint32_t i = 1; i < failures && wait_ms < most_ms; ++i) {
        wait_ms = wait_ms * profile.wait_growth_per_mille / 1000;
    }
    return std::min(wait_ms, most_ms);
}

/// From a failure to the reattempt: the class's wait, grown and spread as the profile says, against Retry-After.
/// `failures`: in a row, this one included. Only for failures that are not given up on.
[[nodiscard]] constexpr base::Tick retry_after_ms(const Profile& profile, FailureClass failure, std::uint32_t failures,
                                                  std::optional<std::uint32_t> retry_after_s, std::uint64_t draw) {
    if (retry_after_s && profile.retry_after == RetryAfter::exact) {
        return bounded_wait(std::uint64_t{*retry_after_s} * 1000);
    }
    std::uint64_t wait_ms = profile.wait_ms[static_cast<std::size_t>(failure)];
    if (failures <= 1 && profile.wait_first_ms != wait_same) {
        wait_ms = profile.wait_first_ms;
    } else {
        wait_ms = grown_wait_ms(profile, wait_ms, failures);
    }
    wait_ms = uniform(draw, wait_ms * profile.wait_per_mille_min / 1000, wait_ms * profile.wait_per_mille_max / 1000);
    wait_ms += uniform(base::mix64(draw), 0, profile.wait_spread_ms);
    if (retry_after_s && profile.retry_after == RetryAfter::floor) {
        wait_ms = std::max(wait_ms, std::uint64_t{*retry_after_s} * 1000);
    }
    return bounded_wait(wait_ms);
}

}  // namespace regstorm::registration
