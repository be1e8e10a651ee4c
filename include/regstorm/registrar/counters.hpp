// SPDX-License-Identifier: Apache-2.0
// What the embedded registrar counts. Every datagram that it receives ends in exactly one of the first group, every
// REGISTER in exactly one of the second.
#pragma once

#include <cstdint>

namespace regstorm::registrar {

struct RegistrarCounters {
    std::uint64_t received = 0;

    std::uint64_t registers = 0;       ///< REGISTER requests
    std::uint64_t options = 0;         ///< OPTIONS, answered 200
    std::uint64_t other_requests = 0;  ///< anything else: 405, or nothing for ACK
    std::uint64_t responses = 0;       ///< SIP responses: nothing was asked
    std::uint64_t malformed = 0;       ///< neither; dropped
    std::uint64_t not_payload = 0;     ///< oversized, fragments, ICMP errors

    std::uint64_t accepted = 0;        ///< 200
    std::uint64_t challenged = 0;      ///< 401 to a request without usable credentials
    std::uint64_t stale = 0;           ///< 401 stale=true: right password, old nonce
    std::uint64_t wrong_password = 0;  ///< 403
    std::uint64_t too_brief = 0;       ///< 423
    std::uint64_t bad_request = 0;     ///< 400
    std::uint64_t full = 0;            ///< 503: more bindings than were planned for

    std::uint64_t unsent = 0;  ///< answers the port had no room for; the phone asks again
};

}  // namespace regstorm::registrar
