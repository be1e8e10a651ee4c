// SPDX-License-Identifier: Apache-2.0
#include "via.hpp"

#include <array>

namespace regstorm::sip {
namespace {

/// Takes `expected` (lower case) and the white space after it. nullptr: something else stands there.
const char* take(const char* from, const char* end, std::string_view expected) {
    if (from == nullptr || static_cast<std::size_t>(end - from) < expected.size() ||
        !is_text({from, from + expected.size()}, expected)) {
        return nullptr;
    }
    return skip_white(from + expected.size(), end);
}

/// The protocol and the white space after it, which must be there. nullptr: not SIP/2.0/UDP.
const char* read_protocol(const char* from, const char* end) {
    for (const std::string_view part : {"sip", "/", "2.0", "/", "udp"}) {
        from = take(from, end, part);
    }
    return from != nullptr && is_white(from[-1]) ? from : nullptr;
}

/// host [":" port]; gives one past it, nullptr when it is none. White space may stand around the colon.
const char* read_sent_by(Window window, const char* from, const char* end) {
    const char* at = from;
    if (at < end && *at == '[') {
        at = find<ipv6_set, false>(window, from + 1, end);
        if (at == end || *at != ']' || at == from + 1) {
            return nullptr;
        }
        ++at;
    } else {
        at = find<host_set, false>(window, from, end);
        if (at == from) {
            return nullptr;
        }
    }
    const char* const colon = skip_white(at, end);
    if (colon == end || *colon != ':') {
        return at;
    }
    const char* const port = skip_white(colon + 1, end);
    for (at = port; at < end && is_digit(*at); ++at) {
    }
    std::uint32_t number = 0;
    return read_number({port, at}, 65535, number) ? at : nullptr;
}

}  // namespace

bool read_top_via(Window window, Span row, TopVia& out) {
    out.sent_by.begin = read_protocol(row.begin, row.end);
    if (out.sent_by.begin == nullptr) {
        return false;
    }
    out.sent_by.end = read_sent_by(window, out.sent_by.begin, row.end);
    if (out.sent_by.end == nullptr) {
        return false;
    }
    ParameterReader parameters(window, out.sent_by.end, row.end);
    Parameter parameter;
    while (parameters.next(parameter)) {
        if (out.branch.empty() && parameter.is_plain("branch")) {
            out.branch = parameter.value;
        } else if (out.received.empty() && parameter.is_plain("received")) {
            out.received = parameter.value;
        } else if (is_text(parameter.name, "rport")) {
            std::uint32_t number = 0;
            out.rport_present = true;
            if (out.rport == 0 && parameter.is_plain("rport") && read_number(parameter.value, 65535, number)) {
                out.rport = static_cast<std::uint16_t>(number);
            }
        }
    }
    out.end = parameters.at();
    return !out.branch.empty() && (out.end == row.end || *out.end == ',');
}

bool count_commas(Window window, const char* from, const char* end, std::uint32_t& count) {
    while ((from = find<quote_or_comma_set>(window, from, end)) < end) {
        if (*from == ',') {
            ++count;
            ++from;
        } else if ((from = skip_quoted(window, from, end)) == nullptr) {
            return false;
        }
    }
    return true;
}

}  // namespace regstorm::sip
