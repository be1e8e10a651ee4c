// SPDX-License-Identifier: Apache-2.0
// parse_response() and parse_request(): one walk over the line ends, a look-up of each name, and only the rows that
// matter are read (GRAMMAR.md says what is taken). A datagram is seen once from front to back up to the empty line;
// no step goes back further than the row it is in, so the time is linear in the size whatever it holds.
#include "regstorm/sip/message.hpp"

#include <algorithm>
#include <array>

#include "address.hpp"
#include "methods.hpp"
#include "parameters.hpp"
#include "rows.hpp"
#include "via.hpp"

namespace regstorm::sip {
namespace {

inline constexpr std::uint32_t datagram_bytes_max = 65'535;

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

void add_row(Rows& rows, Field field) {
    if (rows.count < header_rows_max) {
        rows.row[rows.count++] = field;
    } else {
        rows.overflow = true;
    }
}

void clear(Rows& rows) {
    rows.count = 0;
    rows.overflow = false;
}

void clear(Message& out) {
    out.received = {};
    out.from_tag = {};
    out.to_tag = {};
    out.via_count = 0;
    out.has_expires = false;
    out.expires_s = 0;
    clear(out.contacts);
}

void clear(Response& out) {
    clear(static_cast<Message&>(out));
    out.has_min_expires = out.has_retry_after = false;
    out.min_expires_s = out.retry_after_s = 0;
    for (Rows* rows :
         {&out.www_authenticate, &out.proxy_authenticate, &out.service_route, &out.unsupported, &out.require}) {
        clear(*rows);
    }
    out.authentication_info = {};
}

void clear(Request& out) {
    clear(static_cast<Message&>(out));
    for (Rows* rows :
         {&out.vias, &out.routes, &out.authorization, &out.proxy_authorization, &out.supported, &out.require}) {
        clear(*rows);
    }
    out.event = {};
    out.has_max_forwards = false;
    out.max_forwards = 0;
}

[[nodiscard]] ParseError read_via(Reading& reading, Span value, Message& out) {
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

[[nodiscard]] ParseError read_party(const Reading& reading, Span value, Field& tag) {
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

[[nodiscard]] ParseError read_cseq(const Reading& reading, Span value, Message& out) {
    const char* digits_end = value.begin;
    while (digits_end < value.end && is_digit(*digits_end)) {
        ++digits_end;
    }
    const Span method{skip_white(digits_end, value.end), value.end};
    if (!read_number({value.begin, digits_end}, 0x7fff'ffff, out.cseq) || method.begin == digits_end ||
        method.empty() || find<token_set, false>(reading.window, method.begin, method.end) != method.end) {
        return ParseError::bad_cseq;
    }
    out.cseq_method = method_of(method.view());
    return ParseError::none;
}

/// The first of several counts, but each must be a number.
[[nodiscard]] ParseError read_first_number(Span value, std::uint32_t largest, bool& present, std::uint32_t& out) {
    std::uint32_t number = 0;
    if (!read_number(value, largest, number)) {
        return ParseError::bad_number;
    }
    out = present ? out : number;
    present = true;
    return ParseError::none;
}

/// delta-seconds, then the end or what looks like a comment or parameters (RFC 3261 20.33).
[[nodiscard]] ParseError read_retry_after(Span value, Response& out) {
    const char* end = value.begin;
    while (end < value.end && is_digit(*end)) {
        ++end;
    }
    const char* const rest = skip_white(end, value.end);
    if (rest < value.end && *rest != '(' && *rest != ';') {
        return ParseError::bad_number;
    }
    return read_first_number({value.begin, end}, 0xffff'ffff, out.has_retry_after, out.retry_after_s);
}

/// Headers that only a response has.
[[nodiscard]] ParseError read_own(const Reading& reading, Header header, Span value, Response& out) {
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
            return read_first_number(value, 0xffff'ffff, out.has_min_expires, out.min_expires_s);
        case Header::retry_after:
            return read_retry_after(value, out);
        default:
            break;
    }
    return ParseError::none;
}

/// Headers that only a request has.
[[nodiscard]] ParseError read_own(const Reading& reading, Header header, Span value, Request& out) {
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
        case Header::max_forwards: {
            std::uint32_t hops = out.max_forwards;
            const ParseError error = read_first_number(value, 255, out.has_max_forwards, hops);
            out.max_forwards = static_cast<std::uint8_t>(hops);
            return error;
        }
        default:
            break;
    }
    return ParseError::none;
}

template <class Kind>
[[nodiscard]] ParseError read_row(Reading& reading, Header header, Span value, Kind& out) {
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
            return read_first_number(value, 0xffff'ffff, out.has_expires, out.expires_s);
        case Header::content_length:
            if (!reading.first(seen_content_length)) {
                return ParseError::duplicate_header;
            }
            return read_number(value, 0xffff'ffff, reading.content_length) ? ParseError::none : ParseError::bad_number;
        case Header::require:
            add_row(out.require, reading.field(value));
            return ParseError::none;
        default:
            return read_own(reading, header, value, out);
    }
}

/// After the empty line: `body` stands on the first byte of the body.
[[nodiscard]] ParseError finish(const Reading& reading, const char* body, Message& out) {
    if ((reading.seen & seen_all) != seen_all) {
        return ParseError::missing_header;
    }
    const auto offset = static_cast<std::uint32_t>(body - reading.window.begin);
    std::uint32_t size = out.size - offset;
    if ((reading.seen & seen_content_length) != 0) {
        if (reading.content_length > size) {
            return ParseError::content_length;
        }
        size = reading.content_length;
    }
    out.body = {static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(size)};
    return ParseError::none;
}

/// All rows and the empty line.
template <class Kind>
[[nodiscard]] ParseError read_rows(Window window, RowReader rows, Kind& out) {
    Reading reading{window};
    Header header = Header::unknown;
    Span value;
    for (;;) {  // one LF a turn, so at most 65,535
        switch (rows.next(header, value)) {
            case RowStep::blank:
                return finish(reading, rows.from(), out);
            case RowStep::truncated:
                return ParseError::truncated;
            case RowStep::bad_name:
                return ParseError::header_line;
            case RowStep::row:
                break;
        }
        const ParseError error = read_row(reading, header, value, out);
        if (error != ParseError::none) {
            return error;
        }
    }
}

[[nodiscard]] bool is_stun(std::string_view datagram) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(datagram[at]); };
    return datagram.size() >= 20 && byte(0) < 0x40 && std::size_t{byte(2)} * 256 + byte(3) == datagram.size() - 20 &&
           datagram.substr(4, 4) == "\x21\x12\xa4\x42";
}

/// A start line was not found: is it one of the things that are no SIP at all?
[[gnu::cold]] ParseError refuse_start(std::string_view datagram) {
    const bool blank = datagram.find_first_not_of(std::string_view("\r\n\0", 3)) == datagram.npos;
    return datagram.size() <= datagram_bytes_max && (blank || is_stun(datagram)) ? ParseError::keep_alive
                                                                                 : ParseError::start_line;
}

/// "SIP/2.0" in any case; 7 readable bytes.
[[nodiscard]] bool is_version(const char* at) { return is_text({at, at + 7}, "sip/2.0"); }

/// [begin, end) is the start line without its line end.
[[nodiscard]] bool read_start_line(Window, Span line, Response& out) {
    const char* const at = line.begin;
    if (line.size() < 11 || !is_version(at) || at[7] != ' ' || (line.size() > 11 && at[11] != ' ') ||
        !is_digit(at[8]) || !is_digit(at[9]) || !is_digit(at[10])) {
        return false;
    }
    out.status = static_cast<std::uint16_t>((at[8] - '0') * 100 + (at[9] - '0') * 10 + (at[10] - '0'));
    return out.status >= 100 && out.status <= 699;
}

[[nodiscard]] bool read_start_line(Window window, Span line, Request& out) {
    const Span method{line.begin, find<token_set, false>(window, line.begin, line.end)};
    if (method.empty() || line.end - method.end < 10 || *method.end != ' ') {
        return false;
    }
    const char* const uri_end = line.end - 8;
    const Span uri{method.end + 1, uri_end};
    if (*uri_end != ' ' || !is_version(uri_end + 1) || find<uri_end_set>(window, uri.begin, uri.end) != uri.end ||
        !starts_like_uri(window, uri)) {
        return false;
    }
    out.method = method_of(method.view());
    out.method_text = {0, static_cast<std::uint16_t>(method.size())};
    out.uri = {static_cast<std::uint16_t>(uri.begin - window.begin), static_cast<std::uint16_t>(uri.size())};
    return true;
}

template <class Kind>
[[nodiscard]] ParseError parse(Window window, std::string_view datagram, Kind& out) {
    LineFeeds lines(window, window.begin);
    const char* const line_end = lines.next();
    const char* end = line_end != nullptr ? line_end : window.begin + datagram.size();
    end -= end > window.begin && end[-1] == '\r' ? 1 : 0;
    if (datagram.size() > datagram_bytes_max || !read_start_line(window, {window.begin, end}, out)) {
        return refuse_start(datagram);
    }
    if (line_end == nullptr) {
        return ParseError::truncated;
    }
    out.data = datagram.data();
    out.size = static_cast<std::uint32_t>(datagram.size());
    clear(out);
    return read_rows(window, {window, lines, line_end + 1}, out);
}

template <class Kind>
[[nodiscard]] ParseError parse_any_size(std::string_view datagram, Kind& out) {
    if (datagram.size() >= window_bytes_min) [[likely]] {
        return parse({datagram.data(), datagram.data() + datagram.size()}, datagram, out);
    }
    std::array<char, window_bytes_min> copy{};
    std::copy(datagram.begin(), datagram.end(), copy.begin());
    return parse({copy.data(), copy.data() + copy.size()}, datagram, out);
}

}  // namespace

ParseError parse_response(std::string_view datagram, Response& out) noexcept { return parse_any_size(datagram, out); }

ParseError parse_request(std::string_view datagram, Request& out) noexcept { return parse_any_size(datagram, out); }

}  // namespace regstorm::sip
