// SPDX-License-Identifier: Apache-2.0
// Nonces that need no memory: the second they were made in, and a keyed hash that vouches for it. Anyone who can read
// one can use it until it expires, which is what digest over UDP amounts to anyway; this registrar is a test partner.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/text.hpp"
#include "regstorm/sip/copy_text.hpp"

namespace regstorm::registrar {

inline constexpr std::uint32_t nonce_chars = 24;
using NonceText = std::array<char, nonce_chars>;

/// Set in the stamp of a nonce that follows another one of the same second (Authentication-Info's nextnonce).
inline constexpr std::uint32_t second_nonce = 0x8000'0000;

/// The nonce made in second `stamp` of the registrar's life; one more per second with second_nonce.
[[nodiscard]] inline NonceText make_nonce(std::uint32_t stamp, std::uint64_t secret) {
    NonceText text;
    char* const rest = base::write_hex<8>(text.data(), stamp);
    base::write_hex<16>(rest, base::mix64(secret ^ base::mix64(stamp + secret)));
    return text;
}

/// The nonce to use after `used`, which is one of ours: another one, whatever the time.
[[nodiscard]] inline NonceText make_next_nonce(std::string_view used, std::uint32_t now_s, std::uint64_t secret) {
    const NonceText first = make_nonce(now_s, secret);
    return used == std::string_view(first.data(), first.size()) ? make_nonce(now_s | second_nonce, secret) : first;
}

enum class NonceVerdict : std::uint8_t { good, expired, foreign };

/// Whether `nonce` is one of ours, and still young enough.
[[nodiscard]] inline NonceVerdict check_nonce(std::string_view nonce, std::uint32_t now_s, std::uint64_t secret,
                                              std::uint32_t lifetime_s) {
    std::uint32_t made_s = 0;
    if (nonce.size() != nonce_chars) {
        return NonceVerdict::foreign;
    }
    const std::from_chars_result parsed = std::from_chars(nonce.data(), nonce.data() + 8, made_s, 16);
    const NonceText expected = make_nonce(made_s, secret);
    if (parsed.ptr != nonce.data() + 8 || !sip::equal_text(nonce, {expected.data(), expected.size()})) {
        return NonceVerdict::foreign;
    }
    return now_s - (made_s & ~second_nonce) <= lifetime_s ? NonceVerdict::good : NonceVerdict::expired;
}

}  // namespace regstorm::registrar
