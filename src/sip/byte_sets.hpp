// SPDX-License-Identifier: Apache-2.0
// The byte sets of the grammar (RFC 3261 25.1; GRAMMAR.md) and the few steps over them that every value needs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "scan.hpp"

namespace regstorm::sip {

constexpr bool is_one_of(char byte, std::string_view text) { return text.find(byte) != text.npos; }
constexpr bool is_white(char byte) {
    return static_cast<std::uint8_t>(byte) <= 0x20 &&
           (1ULL << byte & (1ULL << ' ' | 1ULL << '\t' | 1ULL << '\r' | 1ULL << '\n')) != 0;
}
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

/// White space off both ends; what is left of nothing but white space stands at `from`.
[[nodiscard]] inline Span trim(const char* from, const char* end) {
    while (end > from && is_white(end[-1])) {
        --end;
    }
    return {skip_white(from, end), end};
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

/// Digits become 0-9, everything else 10-255.
[[nodiscard]] inline std::uint64_t digit_values(std::uint64_t word) { return word ^ 0x3030303030303030ULL; }

/// The highest bit of each byte that is no digit's value, up to the first such; a carry out of it may disturb the rest.
[[nodiscard]] inline std::uint64_t not_digits(std::uint64_t values) {
    return ((values + 0x7676767676767676ULL) | values) & 0x8080808080808080ULL;
}

/// How many of the eight bytes, from the first on, are digits.
[[nodiscard]] inline std::uint32_t count_digits(std::uint64_t word) {
    const std::uint64_t other = not_digits(digit_values(word));
    return static_cast<std::uint32_t>(other == 0 ? 8 : std::countr_zero(other) / 8);
}

/// The number that eight digits' values spell: pairs, then fours, then all at once.
[[nodiscard]] inline std::uint64_t spelled(std::uint64_t values) {
    values = (values * 10 + (values >> 8)) & 0x00ff00ff00ff00ffULL;
    values = (values * 100 + (values >> 16)) & 0x0000ffff0000ffffULL;
    return (values * 10000 + (values >> 32)) & 0xffffffffULL;
}

/// The number that the first `count` (1-8) bytes spell.
[[nodiscard]] inline std::uint64_t digits_value(std::uint64_t word, std::uint32_t count) {
    return spelled(digit_values(word) << 8 * (8 - count));
}

/// The run of digits at `from`, before the end of a row; at most `largest`; leading zeros are allowed, however many.
/// Gives one past it, nullptr when there is none or it is larger.
[[nodiscard]] inline const char* read_digits(Window window, const char* from, std::uint32_t largest,
                                             std::uint32_t& out) {
    constexpr std::array<std::uint32_t, 9> power = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    const char* at = from;
    std::uint64_t value = 0;
    for (;;) {                                        // eight bytes a turn
        const std::ptrdiff_t left = window.end - at;  // a byte that is no digit follows, so at least 1
        const std::uint64_t word = left >= 8 ? load_8(at) : load_8(window.end - 8) >> 8 * (8 - left);
        const std::uint32_t count = count_digits(word);
        if (count != 0) {
            value = value * power[count] + digits_value(word, count);
            at += count;
        }
        if (count < 8 || value > largest) {
            out = static_cast<std::uint32_t>(value);
            return at == from || value > largest ? nullptr : at;
        }
    }
}

/// All of it digits, at least one, and at most `largest`. `span` ends before a byte that is no digit.
[[nodiscard]] inline bool read_number(Window window, Span span, std::uint32_t largest, std::uint32_t& out) {
    return read_digits(window, span.begin, largest, out) == span.end;
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
