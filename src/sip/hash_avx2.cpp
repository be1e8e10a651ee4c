// SPDX-License-Identifier: Apache-2.0
// Compiled with AVX2; called only where the processor has it.
#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash_lanes.hpp"

namespace regstorm::sip {

void md5_avx2(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    md5_lanes<avx2_lanes, avx2_streams>(state, messages, blocks);
}

void sha256_avx2(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    sha256_lanes<avx2_lanes, avx2_streams>(state, messages, blocks);
}

}  // namespace regstorm::sip
