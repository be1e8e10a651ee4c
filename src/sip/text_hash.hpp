// SPDX-License-Identifier: Apache-2.0
// One message of any length in any number of pieces through one of the three hash functions. What lanes cannot take
// goes this way: HA1, HA2, the -sess step, and responses to nonces of unusual length.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/hash.hpp"
#include "sha512_256.hpp"

namespace regstorm::sip {

enum class HashFunction : std::uint8_t { md5, sha256, sha512_256 };
inline constexpr std::uint32_t hash_functions = 3;

[[nodiscard]] constexpr HashFunction hash_function(DigestAlgorithm algorithm) {
    return static_cast<HashFunction>(static_cast<std::uint8_t>(algorithm) / 2);
}
[[nodiscard]] constexpr bool is_session(DigestAlgorithm algorithm) {
    return static_cast<std::uint8_t>(algorithm) % 2 == 1;
}
static_assert(hash_function(DigestAlgorithm::sha256_sess) == HashFunction::sha256 &&
              hash_function(DigestAlgorithm::sha512_256) == HashFunction::sha512_256 &&
              is_session(DigestAlgorithm::md5_sess) && !is_session(DigestAlgorithm::sha512_256));

/// How each of our own functions starts, and how it writes numbers.
struct HashTraits {
    const std::uint32_t* initial = nullptr;
    std::uint32_t state_words = 0;
    bool big_endian = false;
};
[[nodiscard]] const HashTraits& hash_traits(HashFunction function) noexcept;  ///< not for sha512_256

/// Fills from where the text stops to the end of its last block: 0x80, zeros, the count of the whole text's bits.
void pad_message(std::uint8_t* from, std::uint8_t* end, std::uint64_t text_bytes, bool big_endian) noexcept;

/// Blocks of a message of `size` bytes with its padding, MD5 or SHA-256.
[[nodiscard]] constexpr std::uint32_t blocks_of(std::size_t size) {
    return static_cast<std::uint32_t>((size + 1 + 8 + hash_block_bytes - 1) / hash_block_bytes);
}

class TextHash {
  public:
    TextHash(HashFunction function, const HashKernels& kernels) noexcept;
    TextHash& add(std::string_view text) noexcept;
    [[nodiscard]] DigestValue finish() noexcept;

  private:
    void run(std::uint32_t blocks) noexcept;

    HashFunction function_;
    const HashKernel* kernel_ = nullptr;
    std::uint32_t block_bytes_ = hash_block_bytes;
    std::uint64_t size_ = 0;
    std::array<std::uint32_t, 8> state_;                     // MD5, SHA-256
    std::array<std::uint64_t, 8> wide_state_;                // SHA-512/256
    std::array<std::uint8_t, 2 * sha512_block_bytes> tail_;  // what is no whole block yet; a second one for padding
};

}  // namespace regstorm::sip
