// SPDX-License-Identifier: Apache-2.0
// What the embedded registrar counts. Every datagram that it receives ends in exactly one of the first group, every
// REGISTER in exactly one of the second.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/registrar/rule.hpp"

namespace regstorm::registrar {

struct RegistrarCounters {
    std::uint64_t received = 0;

    std::uint64_t registers = 0;       ///< REGISTER requests
    std::uint64_t options = 0;         ///< OPTIONS, answered 200 unless a rule wants something else
    std::uint64_t other_requests = 0;  ///< anything else: 405, or nothing for ACK
    std::uint64_t ping_answers = 0;    ///< final responses to our own OPTIONS
    std::uint64_t responses = 0;       ///< other SIP responses: nothing was asked
    std::uint64_t malformed = 0;       ///< neither; dropped
    std::uint64_t not_payload = 0;     ///< oversized, fragments, ICMP errors

    std::uint64_t accepted = 0;        ///< 200
    std::uint64_t challenged = 0;      ///< 401 to a request without usable credentials
    std::uint64_t stale = 0;           ///< 401 stale=true: right password, old nonce
    std::uint64_t wrong_password = 0;  ///< 403
    std::uint64_t too_brief = 0;       ///< 423
    std::uint64_t bad_request = 0;     ///< 400
    std::uint64_t full = 0;            ///< 503: more bindings than were planned for

    std::uint64_t refused_on_cue = 0;  ///< the answer of a rule
    std::uint64_t ignored_on_cue = 0;  ///< silence, as a rule wanted
    std::uint64_t unsent = 0;  ///< the port had no room for an answer, so nothing was done; the phone asks again

    // Not in a sum: what the rules did, and what became of it.
    std::array<std::uint64_t, rules_max> by_rule{};  ///< requests that felt the rule, in the order of the plan
    std::uint64_t unsent_others = 0;                 ///< answers to other methods, copies and 100s without room
    std::uint64_t held = 0;                          ///< answers that waited
    std::uint64_t not_held = 0;                      ///< answers lost because too many were waiting
    std::uint64_t pings = 0;                         ///< OPTIONS of our own
    std::uint64_t not_pinged = 0;                    ///< contacts without an address to send to

    /// Both sums hold.
    [[nodiscard]] bool balanced() const {
        return received == registers + options + other_requests + ping_answers + responses + malformed + not_payload &&
               registers == accepted + challenged + stale + wrong_password + too_brief + bad_request + full +
                                refused_on_cue + ignored_on_cue + unsent;
    }
};

}  // namespace regstorm::registrar
