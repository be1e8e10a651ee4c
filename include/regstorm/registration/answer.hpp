// SPDX-License-Identifier: Apache-2.0
// From the facts of a final answer to an event of the state machine: RFC 3261 10.2.8, 21, 22 and the device's own
// rules. The worker extracts the facts (it sees both sip and registration); deciding is done here, without bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/registration/schedule.hpp"
#include "regstorm/registration/state_machine.hpp"

namespace regstorm::registration {

/// What a 401/407 holds for us.
enum class ChallengeFact : std::uint8_t {
    none,         ///< no challenge, or none that we can compute, or no password to answer it with
    answerable,   ///< can be answered
    stale,        ///< can be answered, and says stale=true: only the nonce was wrong
    other_realm,  ///< can be answered, for a realm that the refused request held no credentials for (AUT-7)
};

struct Answer {
    std::uint16_t status = 0;
    ChallengeFact challenge = ChallengeFact::none;
    std::uint32_t min_expires_s = 0;               ///< 0: no Min-Expires
    std::optional<std::uint32_t> retry_after_s{};  ///< Retry-After, if the answer has one
    bool leads_elsewhere = false;                  ///< a 3xx to a registrar that this phone may turn to
};

/// Challenges answered within one attempt; more is a registrar that goes round in circles.
inline constexpr std::uint8_t challenges_max = 6;
/// Of them with stale=true (AUT-11; pjsua stops there too).
inline constexpr std::uint8_t stale_answers_max = 3;

[[nodiscard]] constexpr FailureClass failure_class(std::uint16_t status) {
    switch (status) {
        case 401:
        case 407:
            return FailureClass::credentials;
        case 403:
            return FailureClass::forbidden;
        case 404:
            return FailureClass::not_found;
        case 423:
            return FailureClass::too_brief;
        case 480:
            return FailureClass::unavailable;
        default:
            break;
    }
    if (status < 400) {
        return FailureClass::redirected;
    }
    if (status < 500) {
        return FailureClass::other;
    }
    return status < 600 ? FailureClass::unavailable : FailureClass::global;
}

/// `failed` or `gave_up`, as the profile's wait for that class says.
[[nodiscard]] constexpr Event failure_event(const Profile& profile, FailureClass failure,
                                            std::optional<std::uint32_t> retry_after_s = {}) {
    return gives_up(profile, failure, retry_after_s) ? Event::gave_up : Event::failed;
}

/// Whether a 401/407 deserves another request. Rejected credentials are never sent again (RFC 3261 22.1; AUT-12),
/// but a *cached* nonce that is refused was merely old, with or without stale=true (AUT-10: Kamailio 5.6.3 never
/// sends stale=true), and the number of rounds is bounded (AUT-11).
template <class Any>
[[nodiscard]] constexpr bool worth_answering(const Any& record, ChallengeFact challenge) {
    if (challenge == ChallengeFact::none || record.challenges >= challenges_max) {
        return false;
    }
    if (challenge == ChallengeFact::stale) {
        return record.stale_answers < stale_answers_max;
    }
    return record.authorization != Authorization::fresh || challenge == ChallengeFact::other_realm;
}

/// Whether a final answer (200-699) says yes.
[[nodiscard]] constexpr bool accepts(std::uint16_t status) { return status < 300; }

/// The event that a final answer (200-699) to the outstanding request is.
[[nodiscard]] constexpr Event classify(const Answer& answer, const Record& record, const Profile& profile) {
    if (accepts(answer.status)) {
        return Event::accepted;
    }
    if ((answer.status == 401 || answer.status == 407) && worth_answering(record, answer.challenge)) {
        return Event::challenged;
    }
    // REG-7: obey 423 once per attempt, and only when it asks for more than was offered; to a removal it makes no
    // sense.
    if (answer.status == 423 && record.expires_s != 0 && !record.raised_now &&
        answer.min_expires_s > record.expires_s) {
        return Event::too_brief;
    }
    if (answer.leads_elsewhere) {
        return Event::redirected;
    }
    return failure_event(profile, failure_class(answer.status), answer.retry_after_s);
}

}  // namespace regstorm::registration
