// SPDX-License-Identifier: Apache-2.0
// Numbers in network order at any address of a frame. memcpy and a byte swap; each compiles to one or two moves.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace regstorm::net {

/// A 16-bit number as the word that holds its network order in memory, and back.
[[nodiscard]] constexpr std::uint16_t network_order(std::uint16_t value) {
    return std::endian::native == std::endian::little ? __builtin_bswap16(value) : value;
}
[[nodiscard]] constexpr std::uint32_t network_order(std::uint32_t value) {
    return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

[[nodiscard]] inline std::uint8_t load_u8(const char* at) { return static_cast<std::uint8_t>(*at); }

/// The bytes as they lie in memory: what checksums add.
[[nodiscard]] inline std::uint16_t load_word(const char* at) {
    std::uint16_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}
[[nodiscard]] inline std::uint16_t load_be16(const char* at) { return network_order(load_word(at)); }
[[nodiscard]] inline std::uint32_t load_be32(const char* at) {
    std::uint32_t word;
    std::memcpy(&word, at, sizeof word);
    return network_order(word);
}

inline void store_u8(char* at, std::uint8_t value) { *at = static_cast<char>(value); }
inline void store_word(char* at, std::uint16_t word) { std::memcpy(at, &word, sizeof word); }
inline void store_be16(char* at, std::uint16_t value) { store_word(at, network_order(value)); }
inline void store_be32(char* at, std::uint32_t value) {
    const std::uint32_t word = network_order(value);
    std::memcpy(at, &word, sizeof word);
}

}  // namespace regstorm::net
