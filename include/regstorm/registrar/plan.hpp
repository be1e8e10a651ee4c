// SPDX-License-Identifier: Apache-2.0
// What the embedded registrar is to be: decided once, read by its loop.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/base/units.hpp"
#include "regstorm/registrar/rule.hpp"
#include "regstorm/sip/digest.hpp"

namespace regstorm::registrar {

/// What a REGISTER that asks for less than min_expires_s gets.
enum class TooBrief : std::uint8_t {
    refuse,  ///< 423 and Min-Expires (RFC 3261 10.2.8)
    raise,   ///< 200 with min_expires_s, as Kamailio does by default
};

struct RegistrarPlan {
    std::uint32_t aors = 0;      ///< most addresses-of-record that can be bound at once
    std::uint32_t bindings = 0;  ///< most bindings of all AoRs together
    bool authenticate = true;
    sip::DigestAlgorithm algorithm = sip::DigestAlgorithm::md5;
    sip::Qop qop = sip::Qop::auth;  ///< what challenges offer
    std::string realm;
    std::string password;  ///< of every user
    std::uint32_t min_expires_s = 60;
    std::uint32_t max_expires_s = 86'400;
    std::uint32_t default_expires_s = 3'600;  ///< when neither Contact nor Expires says (RFC 3261 10.2)
    TooBrief too_brief = TooBrief::refuse;
    std::uint32_t nonce_lifetime_s = 300;
    std::uint64_t secret = 0;  ///< keys the nonces

    RuleSet rules{};                 ///< how to misbehave
    std::uint64_t seed = 0;          ///< of what the rules leave to chance
    std::uint32_t lanes = 1;         ///< ports that it serves, each told apart by its number
    std::uint32_t held_answers = 0;  ///< room for answers that wait, per lane; 0 unless a rule delays
};

/// Bindings of one AoR at most; one more is answered 503 with Retry-After, as Kamailio does.
inline constexpr std::uint32_t bindings_per_aor_max = 8;
/// Longest Contact URI that is kept; a longer one is answered 400.
inline constexpr std::uint32_t contact_chars_max = 164;

}  // namespace regstorm::registrar
