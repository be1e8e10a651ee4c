// SPDX-License-Identifier: Apache-2.0
#include "via.hpp"

#include <algorithm>

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
    using namespace std::string_view_literals;
    for (const std::string_view part : {"sip"sv, "/"sv, "2.0"sv, "/"sv, "udp"sv}) {
        from = take(from, end, part);
    }
    return from != nullptr && is_white(from[-1]) ? from : nullptr;
}

/// A run of value bytes, which goes on over white space around a colon. Gives one past it; `from` when there is none.
const char* read_sent_by(Window window, const char* from, const char* end) {
    const char* at = find<value_end_set>(window, from, end);
    for (;;) {  // every turn takes at least a byte
        const char* const next = skip_white(at, end);
        if (at == from || next == at || next == end || (at[-1] != ':' && *next != ':')) {
            return at;
        }
        const char* const run_end = find<value_end_set>(window, next, end);
        if (run_end == next) {
            return at;
        }
        at = run_end;
    }
}

/// `value` is empty when there is none.
void take_rport(Window window, Span value, TopVia& out) {
    std::uint32_t number = 0;
    out.rport_present = true;
    if (out.rport == 0 && !value.empty() && read_number(window, value, 65535, number)) {
        out.rport = static_cast<std::uint16_t>(number);
    }
}

}  // namespace

bool read_top_via(Window window, Span row, TopVia& out) {
    out.sent_by.begin = read_protocol(row.begin, row.end);
    if (out.sent_by.begin == nullptr) {
        return false;
    }
    out.sent_by.end = read_sent_by(window, out.sent_by.begin, row.end);
    ParameterReader parameters(window, out.sent_by.end, row.end);
    Parameter parameter;
    while (parameters.next(parameter)) {
        if (out.branch.empty() && parameter.is_plain("branch")) {
            out.branch = parameter.value;
        } else if (out.received.empty() && parameter.is_plain("received")) {
            out.received = parameter.value;
        } else if (is_text(parameter.name, "rport")) {
            take_rport(window, parameter.is_plain("rport") ? parameter.value : Span{}, out);
        }
    }
    out.end = parameters.at();
    return !out.sent_by.empty() && !out.branch.empty() && (out.end == row.end || *out.end == ',');
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
