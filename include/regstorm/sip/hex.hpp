// SPDX-License-Identifier: Apache-2.0
// Hexadecimal without tables: a table costs a load per digit, and reading a branch per digit. Sixteen digits go through
// one vector register (GCC vector extensions: SSE here, NEON there), eight or four through one machine word.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace regstorm::sip {

static_assert(std::endian::native == std::endian::little, "the words below are laid out for little-endian machines");

/// Eight nibbles, one per byte (each 0-15), to their lower-case digits.
[[nodiscard]] constexpr std::uint64_t hex_digits(std::uint64_t nibbles) {
    const std::uint64_t letters = ((nibbles + 0x0606060606060606ULL) >> 4) & 0x0101010101010101ULL;
    return nibbles + 0x3030303030303030ULL + letters * ('a' - '0' - 10);
}

/// `value` as eight lower-case digits.
inline char* write_hex8(char* out, std::uint32_t value) {
    std::uint64_t word = __builtin_bswap32(value);  // the first digit belongs in the lowest byte
    word = (word | word << 16) & 0x0000ffff0000ffffULL;
    word = (word | word << 8) & 0x00ff00ff00ff00ffULL;
    word = (word >> 4 | word << 8) & 0x0f0f0f0f0f0f0f0fULL;
    word = hex_digits(word);
    std::memcpy(out, &word, sizeof word);
    return out + sizeof word;
}

/// `value` as four lower-case digits, in memory order in the lowest four bytes.
[[nodiscard]] constexpr std::uint64_t hex_digits4(std::uint16_t value) {
    const std::uint64_t swapped = __builtin_bswap16(value);
    const std::uint64_t spread = (swapped | swapped << 8) & 0x00ff00ffULL;
    return hex_digits((spread >> 4 | spread << 8) & 0x0f0f0f0fULL) & 0xffffffffULL;
}

using HexVector = std::uint8_t __attribute__((vector_size(16)));

inline char* write_hex16(char* out, std::uint64_t value) {
    using Halves = std::uint64_t __attribute__((vector_size(16)));
    const std::uint64_t bytes = __builtin_bswap64(value);
    const HexVector high = reinterpret_cast<HexVector>(Halves{bytes >> 4, 0});
    const HexVector low = reinterpret_cast<HexVector>(Halves{bytes, 0});
    HexVector digits = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23) & 15;
    digits += '0' + (reinterpret_cast<HexVector>(digits > 9) & ('a' - '0' - 10));
    std::memcpy(out, &digits, sizeof digits);
    return out + sizeof digits;
}

/// `size` bytes as 2 * size digits; `size` is a multiple of eight.
inline char* write_hex_bytes(char* out, const std::uint8_t* bytes, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + i, sizeof word);
        out = write_hex16(out, __builtin_bswap64(word));
    }
    return out;
}

/// Reads eight digits of either case. False when one of them is not a digit; `value` then means nothing.
[[nodiscard]] inline bool read_hex8(const char* text, std::uint32_t& value) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    const std::uint64_t letters = (word >> 6) & 0x0101010101010101ULL;
    std::uint64_t nibbles = (word & 0x0f0f0f0f0f0f0f0fULL) + letters * 9;
    // Written back, they must be what was read.
    const bool good = hex_digits(nibbles) == (word | letters << 5) && (nibbles & 0xf0f0f0f0f0f0f0f0ULL) == 0;
    nibbles = (nibbles << 4 | nibbles >> 8) & 0x00ff00ff00ff00ffULL;
    nibbles = (nibbles | nibbles >> 8) & 0x0000ffff0000ffffULL;
    value = __builtin_bswap32(static_cast<std::uint32_t>(nibbles | nibbles >> 16));
    return good;
}

/// The same for sixteen.
[[nodiscard]] inline bool read_hex16(const char* text, std::uint64_t& value) {
    using Halves = std::uint64_t __attribute__((vector_size(16)));
    using Pairs = std::uint16_t __attribute__((vector_size(16)));
    HexVector characters;
    std::memcpy(&characters, text, sizeof characters);
    const HexVector digit = characters - '0';
    const HexVector letter = (characters | 0x20) - 'a';
    const HexVector is_digit = reinterpret_cast<HexVector>(digit < 10);
    const HexVector is_letter = reinterpret_cast<HexVector>(letter < 6);
    const Halves good = reinterpret_cast<Halves>(is_digit | is_letter);
    const Pairs nibbles = reinterpret_cast<Pairs>((digit & is_digit) | ((letter + 10) & is_letter));
    const HexVector bytes = reinterpret_cast<HexVector>(nibbles << 4 | nibbles >> 8);
    const Halves packed = reinterpret_cast<Halves>(
        __builtin_shufflevector(bytes, bytes, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14));
    value = __builtin_bswap64(packed[0]);
    return (good[0] & good[1]) == ~std::uint64_t{0};
}

/// Whether all of a text, of which the size is a multiple of sixteen, are digits of either case.
[[nodiscard]] inline bool is_hex(std::string_view text) {
    bool good = true;
    for (std::size_t at = 0; good && at < text.size(); at += 16) {
        std::uint64_t value = 0;
        good = read_hex16(text.data() + at, value);
    }
    return good;
}

}  // namespace regstorm::sip
