// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071). A sum modulo 2^16 - 1 does not care about byte order (RFC 1071 section 2 B) nor
// about the width of the words that are added (2^16 is 1), so bytes are summed as they lie in memory, 16 at a time
// into four 64-bit sums, and folded once. Vector extensions instead of intrinsics: the same on every machine.
// The textbook loop, a 16-bit word at a time, loses by a factor of 14 (bench/net: Checksum600, Checksum600Textbook).
//
// Partial sums add up when every part but the last has even length. Sums of up to 2^32 bytes cannot overflow.
#pragma once

#include <cstddef>
#include <cstdint>

#include "regstorm/net/bytes.hpp"

namespace regstorm::net {

/// Sum of `size` bytes as 16-bit words in memory order, an odd last byte padded with zero; not folded.
[[nodiscard]] inline std::uint64_t sum_bytes(const char* data, std::size_t size) {
    using Lanes __attribute__((vector_size(16))) = std::uint64_t;
    constexpr Lanes low_half = {0xffffffff, 0xffffffff};
    const auto load = [](const char* at) {
        Lanes words;
        std::memcpy(&words, at, sizeof words);
        return words;
    };
    Lanes low = {0, 0};
    Lanes high = {0, 0};
    for (; size >= 4 * sizeof(Lanes); size -= 4 * sizeof(Lanes), data += 4 * sizeof(Lanes)) {
        const Lanes a = load(data);
        const Lanes b = load(data + sizeof(Lanes));
        const Lanes c = load(data + 2 * sizeof(Lanes));
        const Lanes d = load(data + 3 * sizeof(Lanes));
        low += ((a & low_half) + (b & low_half)) + ((c & low_half) + (d & low_half));
        high += ((a >> 32) + (b >> 32)) + ((c >> 32) + (d >> 32));
    }
    for (; size >= sizeof(Lanes); size -= sizeof(Lanes), data += sizeof(Lanes)) {
        const Lanes words = load(data);
        low += words & low_half;
        high += words >> 32;
    }
    low += high;
    std::uint64_t sum = low[0] + low[1];
    for (; size >= 4; size -= 4, data += 4) {
        std::uint32_t word;
        std::memcpy(&word, data, sizeof word);
        sum += word;
    }
    if (size >= 2) {
        sum += load_word(data);
        size -= 2;
        data += 2;
    }
    if (size != 0) {
        std::uint16_t last = 0;
        std::memcpy(&last, data, 1);
        sum += last;
    }
    return sum;
}

/// The sum as one word; add the carries until there are none. Four rounds suffice for any 64-bit sum.
[[nodiscard]] constexpr std::uint16_t fold(std::uint64_t sum) {
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<std::uint16_t>(sum);
}

/// What goes into the checksum field.
[[nodiscard]] constexpr std::uint16_t checksum_of(std::uint64_t sum) { return static_cast<std::uint16_t>(~fold(sum)); }

/// True when the bytes that were summed, checksum field included, hold together.
[[nodiscard]] constexpr bool sum_holds(std::uint64_t sum) { return fold(sum) == 0xffff; }

/// `checksum` after one word that it covers has changed (RFC 1624 equation 3). All three in memory order.
[[nodiscard]] constexpr std::uint16_t patched_checksum(std::uint16_t checksum, std::uint16_t old_word,
                                                       std::uint16_t new_word) {
    return checksum_of(std::uint64_t{static_cast<std::uint16_t>(~checksum)} + static_cast<std::uint16_t>(~old_word) +
                       new_word);
}

/// Sum of a pseudo-header: both addresses as they lie one behind the other in the IP header, protocol and length
/// (RFC 768, RFC 8200 section 8.1). For IPv4 `address_bytes` is 8, for IPv6 32.
[[nodiscard]] inline std::uint64_t pseudo_header_sum(const char* addresses, std::size_t address_bytes,
                                                     std::uint8_t protocol, std::uint32_t transport_bytes) {
    return sum_bytes(addresses, address_bytes) + network_order(std::uint16_t{protocol}) +
           network_order(transport_bytes);
}

}  // namespace regstorm::net
