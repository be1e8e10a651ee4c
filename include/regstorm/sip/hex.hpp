// SPDX-License-Identifier: Apache-2.0
// Hexadecimal, eight digits at a time in one 64-bit word. A table costs a load per digit and a branch per digit when
// reading; here eight digits cost about a dozen plain instructions on any machine, and reading checks them for free:
// the digits are written back from the value and held against what was read. 1-2 ns per eight digits.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

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

inline char* write_hex16(char* out, std::uint64_t value) {
    return write_hex8(write_hex8(out, static_cast<std::uint32_t>(value >> 32)), static_cast<std::uint32_t>(value));
}

/// `size` bytes as 2 * size digits; `size` is a multiple of four.
inline char* write_hex_bytes(char* out, const std::uint8_t* bytes, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes + i, sizeof word);
        out = write_hex8(out, __builtin_bswap32(word));
    }
    return out;
}

/// Reads eight digits of either case. False when one of them is not a digit; `value` then means nothing.
[[nodiscard]] inline bool read_hex8(const char* text, std::uint32_t& value) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    const std::uint64_t letters = (word >> 6) & 0x0101010101010101ULL;
    std::uint64_t nibbles = (word & 0x0f0f0f0f0f0f0f0fULL) + letters * 9;
    const bool good = hex_digits(nibbles) == (word | letters << 5) && (nibbles & 0xf0f0f0f0f0f0f0f0ULL) == 0;
    nibbles = (nibbles << 4 | nibbles >> 8) & 0x00ff00ff00ff00ffULL;
    nibbles = (nibbles | nibbles >> 8) & 0x0000ffff0000ffffULL;
    value = __builtin_bswap32(static_cast<std::uint32_t>(nibbles | nibbles >> 16));
    return good;
}

}  // namespace regstorm::sip
