// SPDX-License-Identifier: Apache-2.0
// The byte sets of the grammar (RFC 3261 25.1; GRAMMAR.md) and the few steps over them that every value needs.
#pragma once

#include <cstdint>
#include <string_view>

#include "scan.hpp"

namespace regstorm::sip {

constexpr bool is_one_of(char byte, std::string_view text) { return text.find(byte) != text.npos; }
constexpr bool is_white(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }
constexpr bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
constexpr char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }
constexpr bool is_alpha(char byte) { return lower(byte) >= 'a' && lower(byte) <= 'z'; }

inline constexpr ByteSet token_set =
    make_byte_set([](char byte) { return is_alpha(byte) || is_digit(byte) || is_one_of(byte, "-.!%*_+`'~"); });
/// What ends an unquoted parameter value.
inline constexpr ByteSet value_end_set =
    make_byte_set([](char byte) { return is_white(byte) || is_one_of(byte, ";,\""); });
/// What may not stand in a URI between angle brackets.
inline constexpr ByteSet uri_end_set =
    make_byte_set([](char byte) { return byte <= 0x20 || byte == 0x7f || is_one_of(byte, "<>\""); });
/// What ends a display name or a bare URI.
inline constexpr ByteSet name_end_set = make_byte_set([](char byte) { return is_one_of(byte, "\"<>;,"); });
inline constexpr ByteSet quote_set = make_byte_set([](char byte) { return byte == '"' || byte == '\\'; });
inline constexpr ByteSet quote_or_comma_set = make_byte_set([](char byte) { return byte == '"' || byte == ','; });
inline constexpr ByteSet scheme_set =
    make_byte_set([](char byte) { return is_alpha(byte) || is_digit(byte) || is_one_of(byte, "+-."); });
inline constexpr ByteSet host_set =
    make_byte_set([](char byte) { return is_alpha(byte) || is_digit(byte) || is_one_of(byte, "-._"); });
inline constexpr ByteSet ipv6_set = make_byte_set([](char byte) {
    return is_digit(byte) || (lower(byte) >= 'a' && lower(byte) <= 'f') || byte == ':' || byte == '.';
});

/// A piece of the datagram while it is being read.
struct Span {
    const char* begin = nullptr;
    const char* end = nullptr;

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(end - begin); }
    [[nodiscard]] bool empty() const { return begin == end; }
    [[nodiscard]] std::string_view view() const { return {begin, size()}; }
};

[[nodiscard]] inline const char* skip_white(const char* from, const char* end) {
    while (from < end && is_white(*from)) {
        ++from;
    }
    return from;
}

[[nodiscard]] inline Span trim(const char* from, const char* end) {
    from = skip_white(from, end);
    while (end > from && is_white(end[-1])) {
        --end;
    }
    return {from, end};
}

/// `from` stands on the opening quote; returns one past the closing one, nullptr when there is none.
[[nodiscard]] inline const char* skip_quoted(Window window, const char* from, const char* end) {
    for (++from; (from = find<quote_set>(window, from, end)) < end; from += 2) {
        if (*from == '"') {
            return from + 1;
        }
    }
    return nullptr;
}

/// Letters compared without case; `expected` is in lower case.
[[nodiscard]] inline bool is_text(Span span, std::string_view expected) {
    if (span.size() != expected.size()) {
        return false;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (lower(span.begin[i]) != expected[i]) {
            return false;
        }
    }
    return true;
}

/// All of it digits, at least one, and at most `largest`. Leading zeros are allowed, however many.
[[nodiscard]] inline bool read_number(Span span, std::uint32_t largest, std::uint32_t& out) {
    std::uint64_t value = 0;
    for (const char* at = span.begin; at < span.end; ++at) {
        const auto digit = static_cast<std::uint8_t>(*at - '0');
        value = value * 10 + digit;
        if (digit > 9 || value > largest) {
            return false;
        }
    }
    out = static_cast<std::uint32_t>(value);
    return !span.empty();
}

/// scheme ":" and at least one byte more (GRAMMAR.md 7); the rest of the URI's bytes are the caller's to check.
[[nodiscard]] inline bool starts_like_uri(Window window, Span uri) {
    if (uri.size() > 4 && (load_4(uri.begin) | 0x00202020U) == word_of("sip:")) [[likely]] {
        return true;
    }
    const char* const colon = find<scheme_set, false>(window, uri.begin, uri.end);
    return !uri.empty() && is_alpha(*uri.begin) && colon < uri.end - 1 && *colon == ':';
}

}  // namespace regstorm::sip
