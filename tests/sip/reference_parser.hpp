// SPDX-License-Identifier: Apache-2.0
// The slow parser that the fast one is held against: recursive descent over std::string, a page of grammar (RFC
// 3261 25.1 with the rules of src/sip/GRAMMAR.md) turned into code in the most obvious way. It shares no code with
// src/sip; the contract headers only give it the names of errors and methods.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regstorm/sip/message.hpp"

namespace regstorm::sip::reference {

/// [offset, offset + size) of the datagram.
struct Piece {
    std::size_t offset = 0;
    std::size_t size = 0;
    bool present = false;
};

struct ContactValue {
    Piece uri;
    Piece instance;
    Piece pub_gruu;
    Piece temp_gruu;
    bool has_expires = false;
    bool bad_expires = false;
    std::uint32_t expires_s = 0;
    std::uint32_t reg_id = 0;
    bool has_q = false;
    std::uint32_t q_thousandths = 1000;
};

struct Number {
    bool present = false;
    std::uint32_t value = 0;
};

/// Everything either kind of message can say.
struct Parsed {
    ParseError error = ParseError::none;

    unsigned status = 0;
    Piece method;
    Piece uri;

    std::size_t via_count = 0;
    Piece branch, sent_by, received;
    bool rport_present = false;
    std::uint32_t rport = 0;
    Piece from, from_tag, to, to_tag, call_id;
    std::uint32_t cseq = 0;
    std::string cseq_method;
    Number expires, min_expires, retry_after, max_forwards;
    Piece body;
    Piece authentication_info, event;
    std::vector<Piece> contacts, vias, routes, require, supported, unsupported, service_route;
    std::vector<Piece> www_authenticate, proxy_authenticate, authorization, proxy_authorization;

    std::vector<ContactValue> contact_values;
    bool contacts_malformed = false;
};

[[nodiscard]] Parsed parse(const std::string& datagram, bool response);

}  // namespace regstorm::sip::reference
