// SPDX-License-Identifier: Apache-2.0
// name-addr and addr-spec (RFC 3261 25.1; GRAMMAR.md 11): what From, To and every Contact value start with.
#pragma once

#include "byte_sets.hpp"

namespace regstorm::sip {

/// Bare URI: [from, run_end) is what stands before the first ; or , or the end. Returns where it ends, or nullptr.
[[nodiscard]] inline const char* read_bare_uri(Window window, const char* from, const char* run_end, Span& uri) {
    uri = {from, find<uri_end_set>(window, from, run_end)};
    return starts_like_uri(window, uri) ? uri.end : nullptr;
}

/// Reads the address at `from` (white space skipped already), gives its URI and returns one past it: past the `>`, or
/// past a bare URI. nullptr when it cannot be read.
[[nodiscard]] inline const char* read_address(Window window, const char* from, const char* end, Span& uri) {
    const char* open = from;
    if (from < end && *from == '"') {
        const char* const after = skip_quoted(window, from, end);
        if (after == nullptr) {
            return nullptr;
        }
        open = skip_white(after, end);
        if (open == end || *open != '<') {
            return nullptr;
        }
    } else if (from == end || *from != '<') {
        open = find<name_end_set>(window, from, end);
        if (open == end || *open == ';' || *open == ',') {
            return read_bare_uri(window, from, open, uri);
        }
        if (*open != '<') {
            return nullptr;
        }
    }
    uri.begin = skip_white(open + 1, end);
    uri.end = find<uri_end_set>(window, uri.begin, end);
    const char* const close = skip_white(uri.end, end);
    if (close == end || *close != '>' || !starts_like_uri(window, uri)) {
        return nullptr;
    }
    return close + 1;
}

}  // namespace regstorm::sip
