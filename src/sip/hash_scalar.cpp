// SPDX-License-Identifier: Apache-2.0
// One message at a time, in plain 32-bit words: for single challenges and for what is too long for lanes.
#include <cstring>

#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {

void md5_scalar(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    std::uint32_t local[1][4];
    std::uint32_t words[1][16];
    std::memcpy(local, state, sizeof local);
    for (std::uint32_t block = 0; block < blocks; ++block) {
        std::memcpy(words, messages + block * sizeof words, sizeof words);
        md5_block<std::uint32_t, 1>(local, words, md5_constant);
    }
    std::memcpy(state, local, sizeof local);
}

void sha256_scalar(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    std::uint32_t local[1][8];
    std::uint32_t words[1][16];
    std::memcpy(local, state, sizeof local);
    for (std::uint32_t block = 0; block < blocks; ++block) {
        std::memcpy(words, messages + block * sizeof words, sizeof words);
        for (std::uint32_t& word : words[0]) {
            word = __builtin_bswap32(word);
        }
        sha256_block<std::uint32_t, 1>(local, words, sha256_constant);
    }
    std::memcpy(state, local, sizeof local);
}

}  // namespace regstorm::sip
