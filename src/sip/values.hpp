// SPDX-License-Identifier: Apache-2.0
// What each header's value says, in any layout of the grammar (GRAMMAR.md 8-16). The general half of the parser;
// usual_rows.hpp is the quick half.
#pragma once

#include <algorithm>

#include "address.hpp"
#include "header_names.hpp"
#include "methods.hpp"
#include "parameters.hpp"
#include "regstorm/sip/message.hpp"
#include "via.hpp"

namespace regstorm::sip {

/// Headers of which one must, or only one may, be there.
enum Seen : std::uint32_t {
    seen_via = 1,
    seen_from = 2,
    seen_to = 4,
    seen_call_id = 8,
    seen_cseq = 16,
    seen_all = 31,
    seen_content_length = 32,
};

/// What holds while one message is being read.
struct Reading {
    Window window;
    std::uint32_t seen = 0;
    std::uint32_t content_length = 0;

    [[nodiscard]] Field field(Span span) const {
        return {static_cast<std::uint16_t>(span.begin - window.begin), static_cast<std::uint16_t>(span.size())};
    }
    /// False when it was seen before.
    [[nodiscard]] bool first(Seen what) {
        const bool is_first = (seen & what) == 0;
        seen |= what;
        return is_first;
    }
};

inline void add_row(Rows& rows, Field field) {
    if (rows.count < header_rows_max) {
        rows.row[rows.count++] = field;
    } else {
        rows.overflow = true;
    }
}

[[nodiscard]] inline ParseError read_via(Reading& reading, Span value, Message& out) {
    std::uint32_t values = 1;
    const char* counted_from = value.begin;
    if (reading.first(seen_via)) {
        TopVia top;
        if (!read_top_via(reading.window, value, top)) {
            return ParseError::bad_via;
        }
        out.branch = reading.field(top.branch);
        out.sent_by = reading.field(top.sent_by);
        if (!top.received.empty()) {
            out.received = reading.field(top.received);
        }
        out.rport = top.rport;
        out.rport_present = top.rport_present;
        counted_from = top.end;
    }
    if (!count_commas(reading.window, counted_from, value.end, values)) {
        return ParseError::bad_via;
    }
    out.via_count = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, out.via_count + values));
    return ParseError::none;
}

[[nodiscard]] inline ParseError read_party(const Reading& reading, Span value, Field& tag) {
    Span uri;
    const char* const after = read_address(reading.window, value.begin, value.end, uri);
    if (after == nullptr) {
        return ParseError::bad_address;
    }
    ParameterReader parameters(reading.window, after, value.end);
    Parameter parameter;
    while (parameters.next(parameter)) {
        if (!tag.present() && parameter.is_plain("tag")) {
            tag = reading.field(parameter.value);
        }
    }
    return parameters.at() == value.end ? ParseError::none : ParseError::bad_address;
}

[[nodiscard]] inline ParseError read_cseq(const Reading& reading, Span value, Message& out) {
    const char* const digits_end = read_digits(reading.window, value.begin, 0x7fff'ffff, out.cseq);
    if (digits_end == nullptr) {
        return ParseError::bad_cseq;
    }
    const Span method{skip_white(digits_end, value.end), value.end};
    if (method.begin == digits_end || method.empty() ||
        find<token_set, false>(reading.window, method.begin, method.end) != method.end) {
        return ParseError::bad_cseq;
    }
    out.cseq_method = method_of(method.view());
    return ParseError::none;
}

/// The first of several counts, but each must be a number.
[[nodiscard]] inline ParseError read_first_number(Window window, Span value, bool& present, std::uint32_t& out) {
    std::uint32_t number = 0;
    if (!read_number(window, value, 0xffff'ffff, number)) {
        return ParseError::bad_number;
    }
    out = present ? out : number;
    present = true;
    return ParseError::none;
}

/// delta-seconds, then the end or what looks like a comment or parameters (RFC 3261 20.33).
[[nodiscard]] inline ParseError read_retry_after(Window window, Span value, Response& out) {
    std::uint32_t seconds = 0;
    const char* const end = read_digits(window, value.begin, 0xffff'ffff, seconds);
    const char* const rest = end == nullptr ? nullptr : skip_white(end, value.end);
    if (rest == nullptr || (rest < value.end && *rest != '(' && *rest != ';')) {
        return ParseError::bad_number;
    }
    out.retry_after_s = out.has_retry_after ? out.retry_after_s : seconds;
    out.has_retry_after = true;
    return ParseError::none;
}

/// Headers that only a response has.
[[nodiscard]] inline ParseError read_own(const Reading& reading, Header header, Span value, Response& out) {
    switch (header) {
        case Header::www_authenticate:
            add_row(out.www_authenticate, reading.field(value));
            break;
        case Header::proxy_authenticate:
            add_row(out.proxy_authenticate, reading.field(value));
            break;
        case Header::service_route:
            add_row(out.service_route, reading.field(value));
            break;
        case Header::unsupported:
            add_row(out.unsupported, reading.field(value));
            break;
        case Header::authentication_info:
            if (!out.authentication_info.present()) {
                out.authentication_info = reading.field(value);
            }
            break;
        case Header::min_expires:
            return read_first_number(reading.window, value, out.has_min_expires, out.min_expires_s);
        case Header::retry_after:
            return read_retry_after(reading.window, value, out);
        default:
            break;
    }
    return ParseError::none;
}

[[nodiscard]] inline ParseError read_max_forwards(Window window, Span value, Request& out) {
    std::uint32_t hops = 0;
    if (!read_number(window, value, 255, hops)) {
        return ParseError::bad_number;
    }
    out.max_forwards = out.has_max_forwards ? out.max_forwards : static_cast<std::uint8_t>(hops);
    out.has_max_forwards = true;
    return ParseError::none;
}

/// Headers that only a request has.
[[nodiscard]] inline ParseError read_own(const Reading& reading, Header header, Span value, Request& out) {
    switch (header) {
        case Header::route:
            add_row(out.routes, reading.field(value));
            break;
        case Header::authorization:
            add_row(out.authorization, reading.field(value));
            break;
        case Header::proxy_authorization:
            add_row(out.proxy_authorization, reading.field(value));
            break;
        case Header::supported:
            add_row(out.supported, reading.field(value));
            break;
        case Header::event:
            if (!out.event.present()) {
                out.event = reading.field(value);
            }
            break;
        case Header::max_forwards:
            return read_max_forwards(reading.window, value, out);
        default:
            break;
    }
    return ParseError::none;
}

template <class Kind>
[[nodiscard]] inline ParseError read_row(Reading& reading, Header header, Span value, Kind& out) {
    switch (header) {
        case Header::unknown:
            return ParseError::none;
        case Header::via:
            if constexpr (std::is_same_v<Kind, Request>) {
                add_row(out.vias, reading.field(value));
            }
            return read_via(reading, value, out);
        case Header::from:
            out.from = reading.field(value);
            return reading.first(seen_from) ? read_party(reading, value, out.from_tag) : ParseError::duplicate_header;
        case Header::to:
            out.to = reading.field(value);
            return reading.first(seen_to) ? read_party(reading, value, out.to_tag) : ParseError::duplicate_header;
        case Header::call_id:
            out.call_id = reading.field(value);
            if (!reading.first(seen_call_id)) {
                return ParseError::duplicate_header;
            }
            return value.empty() ? ParseError::missing_header : ParseError::none;
        case Header::cseq:
            return reading.first(seen_cseq) ? read_cseq(reading, value, out) : ParseError::duplicate_header;
        case Header::contact:
            add_row(out.contacts, reading.field(value));
            return ParseError::none;
        case Header::expires:
            return read_first_number(reading.window, value, out.has_expires, out.expires_s);
        case Header::content_length:
            if (!reading.first(seen_content_length)) {
                return ParseError::duplicate_header;
            }
            return read_number(reading.window, value, 0xffff'ffff, reading.content_length) ? ParseError::none
                                                                                           : ParseError::bad_number;
        case Header::require:
            add_row(out.require, reading.field(value));
            return ParseError::none;
        default:
            return read_own(reading, header, value, out);
    }
}

}  // namespace regstorm::sip
