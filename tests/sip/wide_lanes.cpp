// SPDX-License-Identifier: Apache-2.0
#include "wide_lanes.hpp"

#include "regstorm/sip/hash_lanes.hpp"

namespace regstorm::sip {
namespace {

bool anywhere() noexcept { return true; }

}  // namespace

const HashKernel md5_wide{"avx512's source, baseline code", 32, 2, anywhere, md5_lanes<16, 2>};
const HashKernel sha256_wide{"avx512's source, baseline code", 32, 2, anywhere, sha256_lanes<16, 2>};

}  // namespace regstorm::sip
