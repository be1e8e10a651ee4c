// SPDX-License-Identifier: Apache-2.0
// Four lanes: SSE on x86, NEON on ARM, plain words elsewhere.
#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash_lanes.hpp"

namespace regstorm::sip {

void md5_portable(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    md5_lanes<portable_lanes, portable_streams>(state, messages, blocks);
}

void sha256_portable(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    sha256_lanes<portable_lanes, portable_streams>(state, messages, blocks);
}

}  // namespace regstorm::sip
