// SPDX-License-Identifier: Apache-2.0
// What a 401 or 407 asks for (RFC 3261 22, RFC 7616 3.3, RFC 8760 2).
#include "auth_parameters.hpp"

namespace regstorm::sip {
namespace {

constexpr AuthNames of_a_challenge{AuthName::realm, AuthName::nonce, AuthName::opaque,  AuthName::algorithm,
                                   AuthName::qop,   AuthName::stale, AuthName::userhash};

/// The best of a list like "auth, auth-int"; an empty list counts as none (AUT-4). False when it names only others.
bool read_qop_options(std::string_view list, Qop& out) {
    out = Qop::none;
    bool others = false;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        std::string_view option = list.substr(0, comma);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        const std::size_t first = option.find_first_not_of(" \t");
        if (first == std::string_view::npos) {
            continue;
        }
        option = option.substr(first, option.find_last_not_of(" \t") - first + 1);
        if (is_word(option, "auth")) {
            out = Qop::auth;
            return true;
        }
        if (is_word(option, "auth-int")) {
            out = Qop::auth_int;
        } else {
            others = true;
        }
    }
    return out != Qop::none || !others;
}

}  // namespace

ChallengeError parse_challenge(std::string_view value, Challenge& out) noexcept {
    out = Challenge{};
    AuthParameters parameters(value);
    if (!parameters.digest()) {
        return ChallengeError::not_digest;
    }
    AuthNames seen{};
    bool known_algorithm = true;
    bool known_qop = true;
    const bool readable = read_each(parameters, of_a_challenge, seen, [&](AuthName name, std::string_view text) {
        switch (name) {
            case AuthName::realm:
                out.realm = text;
                break;
            case AuthName::nonce:
                out.nonce = text;
                break;
            case AuthName::opaque:
                out.opaque = text;
                break;
            case AuthName::algorithm:
                known_algorithm = read_algorithm(text, out.algorithm);
                break;
            case AuthName::qop:
                known_qop = read_qop_options(text, out.qop);
                break;
            case AuthName::stale:
                out.stale = is_word(text, "true");
                break;
            default:
                out.userhash = is_word(text, "true");
                break;
        }
        return true;
    });
    if (!readable || !seen.has_all({AuthName::realm, AuthName::nonce})) {
        return ChallengeError::malformed;
    }
    out.has_opaque = seen.has(AuthName::opaque);
    out.algorithm_named = seen.has(AuthName::algorithm);
    if (!known_algorithm) {
        return ChallengeError::unknown_algorithm;
    }
    return known_qop ? ChallengeError::none : ChallengeError::unknown_qop;
}

std::uint32_t select_challenges(const Response& response, std::span<Challenge, realms_max> out) noexcept {
    std::uint32_t count = 0;
    const auto take_rows = [&](const Rows& rows, bool proxy) {
        for (std::uint32_t i = 0; i < rows.count && count < realms_max; ++i) {
            Challenge& candidate = out[count];
            if (parse_challenge(response.text(rows.row[i]), candidate) != ChallengeError::none) {
                continue;
            }
            candidate.proxy = proxy;
            bool first_of_realm = true;
            for (std::uint32_t known = 0; known < count; ++known) {
                first_of_realm &= out[known].proxy != proxy || out[known].realm != candidate.realm;
            }
            count += first_of_realm ? 1 : 0;
        }
    };
    take_rows(response.www_authenticate, false);
    take_rows(response.proxy_authenticate, true);
    return count;
}

}  // namespace regstorm::sip
