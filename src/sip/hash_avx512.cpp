// SPDX-License-Identifier: Apache-2.0
// Compiled with AVX-512 F, BW and VL; called only where the processor has them.
#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash_lanes.hpp"

namespace regstorm::sip {

void md5_avx512(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    md5_lanes<avx512_lanes, avx512_streams>(state, messages, blocks);
}

void sha256_avx512(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    sha256_lanes<avx512_lanes, avx512_streams>(state, messages, blocks);
}

}  // namespace regstorm::sip
