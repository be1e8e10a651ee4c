// SPDX-License-Identifier: Apache-2.0
// parse_response() and parse_request(): one walk over the line ends, a look-up of each name, and only the rows that
// matter are read (GRAMMAR.md says what is taken). A datagram is seen once from front to back up to the empty line;
// no step goes back further than the row it is in, so the time is linear in the size whatever it holds.
#include "regstorm/sip/message.hpp"

#include <algorithm>
#include <array>

#include "rows.hpp"
#include "usual_rows.hpp"
#include "values.hpp"

namespace regstorm::sip {
namespace {

inline constexpr std::uint32_t datagram_bytes_max = 65'535;

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
    out.sole_contact_uri = {};
    out.shape = 0;
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
    out.sole_contact_uri = out.bare_rport = {};
    out.shape = 0;
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
    while (rows.advance()) {  // one LF a turn, so at most 65,535
        if (usual::take_row(reading, rows.begin(), rows.line_end(), out)) [[likely]] {
            continue;
        }
        switch (rows.read(header, value)) {
            case RowStep::blank:
                return finish(reading, rows.after(), out);
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
    return ParseError::truncated;
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
[[nodiscard]] bool is_version(const char* at) {
    return std::memcmp(at, "SIP/2.0", 7) == 0 || is_text({at, at + 7}, "sip/2.0");
}

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
    return read_rows(window, {window, lines, line_end}, out);
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
