// SPDX-License-Identifier: Apache-2.0
// The kernels by translation unit. Each unit is compiled with the instruction set in its name.
#pragma once

#include <cstdint>

namespace regstorm::sip {

using HashRun = void(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept;

HashRun md5_scalar, sha256_scalar;
HashRun md5_portable, sha256_portable;
HashRun md5_avx2, sha256_avx2;
HashRun md5_avx512, sha256_avx512;
HashRun sha256_sha_ni, sha256_sha_ni_pair;

inline constexpr int portable_lanes = 4, portable_streams = 2;
inline constexpr int avx2_lanes = 8, avx2_streams = 2;
inline constexpr int avx512_lanes = 16, avx512_streams = 2;

}  // namespace regstorm::sip
