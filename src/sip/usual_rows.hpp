// SPDX-License-Identifier: Apache-2.0
// Rows as nearly every server writes them: long name in its usual case, one blank, no folding, CRLF, our own Via back
// in our own layout. These are most rows of most answers, and taking them as a whole costs a third of reading them by
// the grammar. Every function here either takes a row completely, with the result that the general code in message.cpp
// would have, or returns false and leaves what counts untouched; the differential tests hold the two together.
//
// Scans here have no end check: a row ends in CR, which is in every set that is searched, and 16 bytes after its LF
// are readable.
#pragma once

#include "values.hpp"

namespace regstorm::sip::usual {

/// First member of the set at or after `at`, 16 bytes a turn; there is one.
template <const ByteSet& set>
[[nodiscard]] inline const char* find_next(const char* at) {
    for (;;) {
        const std::uint32_t mask = members_16<set>(at);
        if (mask != 0) {
            return at + std::countr_zero(mask);
        }
        at += 16;
    }
}

/// The first `size` bytes at `at` against `text`; 8 readable bytes.
template <std::size_t size>
[[nodiscard]] inline bool starts_with(const char* at, const char (&text)[size]) {
    static_assert(size - 1 <= 8);
    constexpr int unused_bits = 8 * (8 - static_cast<int>(size - 1));
    return load_8(at) << unused_bits == word_of({text, size - 1}) << unused_bits;
}

[[nodiscard]] inline Field field_of(const char* datagram, const char* begin, const char* end) {
    return {static_cast<std::uint16_t>(begin - datagram), static_cast<std::uint16_t>(end - begin)};
}

/// What the parameters of our Via may be; spans, so that nothing is stored before all is read.
struct ViaParameters {
    Span branch;
    Span received;
    std::uint32_t rport = 0;
    bool rport_present = false;
};

/// One parameter; [name, end) without white space or quotes. False: not as we or a server would write it.
[[nodiscard]] inline bool take_via_parameter(Window window, const char* name, const char* end, ViaParameters& out) {
    const auto size = static_cast<std::size_t>(end - name);
    if (starts_with(name, "branch=")) {
        const bool usual = size > 7 && out.branch.empty();
        out.branch = {name + 7, end};
        return usual;
    }
    if (starts_with(name, "rport")) {
        const bool usual = !out.rport_present;
        out.rport_present = true;
        return usual && (size == 5 || (name[5] == '=' && read_digits(window, name + 6, 65535, out.rport) == end));
    }
    if (starts_with(name, "received") && name[8] == '=') {
        const bool usual = size > 9 && out.received.empty();
        out.received = {name + 9, end};
        return usual;
    }
    const char* const name_end = find<token_set, false>(window, name, end);
    return lower(*name) != 'b' && lower(*name) != 'r' && (name_end == end || (name_end != name && *name_end == '='));
}

/// "Via: SIP/2.0/UDP sent-by;..." in [begin, end), one value.
[[nodiscard]] inline bool read_via(Window window, const char* begin, const char* end, Message& out) {
    if (end - begin < 20 || window.end - end < 18 || !starts_with(begin, "Via: SIP") ||
        !starts_with(begin + 8, "/2.0/UDP") || begin[16] != ' ') {
        return false;
    }
    Members<value_end_set> ends(window, begin + 17);
    ViaParameters parameters;
    const char* const sent_by_end = ends.next();
    for (const char* at = sent_by_end; at != end;) {  // one ; a turn
        const char* const name = at + 1;
        if (*at != ';') {
            return false;
        }
        at = ends.next();
        if (!take_via_parameter(window, name, at, parameters)) {
            return false;
        }
    }
    if (sent_by_end == begin + 17 || parameters.branch.empty()) {
        return false;
    }
    out.via_count = 1;
    out.sent_by = field_of(window.begin, begin + 17, sent_by_end);
    out.branch = field_of(window.begin, parameters.branch.begin, parameters.branch.end);
    if (!parameters.received.empty()) {
        out.received = field_of(window.begin, parameters.received.begin, parameters.received.end);
    }
    out.rport = static_cast<std::uint16_t>(parameters.rport);
    out.rport_present = parameters.rport_present;
    return true;
}

/// `<sip:...>` or `<sip:...>;tag=...` in [begin, end); "<sip:" was seen.
[[nodiscard]] inline bool read_party(Window window, const char* begin, const char* end, Field& value, Field& tag) {
    if (window.end - end < 18) {
        return false;
    }
    const char* const close = find_next<uri_end_set>(begin + 5);
    if (*close != '>' || close == begin + 5) {
        return false;
    }
    if (close + 1 != end) {
        const char* const text = close + 6;
        if (!starts_with(close + 1, ";tag=") || text == end || find_next<value_end_set>(text) != end) {
            return false;
        }
        tag = field_of(window.begin, text, end);
    }
    value = field_of(window.begin, begin, end);
    return true;
}

/// "CSeq: number REGISTER" in [begin, end); "CSeq: " was seen.
[[nodiscard]] inline bool read_cseq(Window window, const char* begin, const char* end, Message& out) {
    const char* const digits_end = read_digits(window, begin + 6, 0x7fff'ffff, out.cseq);
    if (digits_end == nullptr || end - digits_end != 9 || *digits_end != ' ' ||
        !starts_with(digits_end + 1, "REGISTER")) {
        return false;
    }
    out.cseq_method = Method::register_;
    return true;
}

/// A value behind `colon`: one blank, then no white space.
[[nodiscard]] inline bool has_plain_value(const char* colon) {
    return colon[1] == ' ' && static_cast<std::uint8_t>(colon[2]) > ' ';
}

/// A row of which the digits are all: "Name: 3600" in [.., end), where `value` is past the blank.
[[nodiscard]] inline bool read_number_row(Window window, const char* value, const char* end, std::uint32_t largest,
                                          bool& present, std::uint32_t& out) {
    std::uint32_t number = 0;
    if (present || read_digits(window, value, largest, number) != end) {
        return false;
    }
    present = true;
    out = number;
    return true;
}

/// Rows that phones write, as they write them.
[[nodiscard]] inline bool take_own_row(const Reading& reading, const char* begin, const char* end, Request& out) {
    const Window window = reading.window;
    switch (load_8(begin)) {
        case word_of("Authoriz"):
            if (!starts_with(begin + 8, "ation: ") || static_cast<std::uint8_t>(begin[15]) <= ' ') {
                return false;
            }
            add_row(out.authorization, field_of(window.begin, begin + 15, end));
            return true;
        case word_of("Max-Forw"): {
            std::uint32_t hops = 0;
            if (!starts_with(begin + 8, "ards: ") ||
                !read_number_row(window, begin + 14, end, 255, out.has_max_forwards, hops)) {
                return false;
            }
            out.max_forwards = static_cast<std::uint8_t>(hops);
            return true;
        }
        case word_of("Supporte"):
            if (!starts_with(begin + 8, "d: ") || static_cast<std::uint8_t>(begin[11]) <= ' ') {
                return false;
            }
            add_row(out.supported, field_of(window.begin, begin + 11, end));
            return true;
        case word_of("Expires:"):
            return begin[8] == ' ' &&
                   read_number_row(window, begin + 9, end, 0xffff'ffff, out.has_expires, out.expires_s);
        case word_of("User-Age"):
            return starts_with(begin + 8, "nt: ");
        case word_of("Allow: I"):
            return true;
        default:
            return false;
    }
}
[[nodiscard]] inline bool take_own_row(const Reading&, const char*, const char*, Response&) { return false; }

/// The topmost Via of a message that has none yet. Of a request the row is kept too, to be echoed.
template <class Kind>
[[nodiscard]] inline bool take_via(Reading& reading, const char* begin, const char* end, Kind& out) {
    if ((reading.seen & seen_via) != 0 || !read_via(reading.window, begin, end, out)) {
        return false;
    }
    if constexpr (std::is_same_v<Kind, Request>) {
        add_row(out.vias, field_of(reading.window.begin, begin + 5, end));
    }
    return reading.first(seen_via);
}

/// The row [begin, line_end) when it is one of the usual ones; line_end is on its LF.
template <class Kind>
[[nodiscard, gnu::always_inline]] inline bool take_row(Reading& reading, const char* begin, const char* line_end,
                                                       Kind& out) {
    const Window window = reading.window;
    const char* const end = line_end - 1;
    if (window.end - begin < 16 || window.end - line_end < 2 || *end != '\r' ||
        static_cast<std::uint8_t>(end[-1]) <= ' ' ||
        (static_cast<std::uint8_t>(line_end[1]) <= ' ' && line_end[1] != '\r')) {
        return false;
    }
    switch (load_8(begin)) {
        case word_of("Via: SIP"):
            return take_via(reading, begin, end, out);
        case word_of("From: <s"):
            return (reading.seen & seen_from) == 0 && starts_with(begin + 6, "<sip:") &&
                   read_party(window, begin + 6, end, out.from, out.from_tag) && reading.first(seen_from);
        case word_of("To: <sip"):
            return (reading.seen & seen_to) == 0 && begin[8] == ':' &&
                   read_party(window, begin + 4, end, out.to, out.to_tag) && reading.first(seen_to);
        case word_of("Call-ID:"):
            if (!has_plain_value(begin + 7) || !reading.first(seen_call_id)) {
                return false;
            }
            out.call_id = field_of(window.begin, begin + 9, end);
            return true;
        case word_of("Contact:"):
            if (!has_plain_value(begin + 7)) {
                return false;
            }
            add_row(out.contacts, field_of(window.begin, begin + 9, end));
            return true;
        case word_of("Content-"):
            return starts_with(begin + 8, "Length: ") && (reading.seen & seen_content_length) == 0 &&
                   read_digits(window, begin + 16, 0xffff'ffff, reading.content_length) == end &&
                   reading.first(seen_content_length);
        case word_of("Server: "):
            return true;
        default:
            if (!starts_with(begin, "CSeq: ")) {
                return take_own_row(reading, begin, end, out);
            }
            return (reading.seen & seen_cseq) == 0 && read_cseq(window, begin, end, out) && reading.first(seen_cseq);
    }
}

}  // namespace regstorm::sip::usual
