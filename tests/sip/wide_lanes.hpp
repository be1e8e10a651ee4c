// SPDX-License-Identifier: Apache-2.0
// The sixteen-lane kernels compiled for the baseline: what AVX-512 computes, on machines that do not have it.
#pragma once

#include "regstorm/sip/hash.hpp"

namespace regstorm::sip {

extern const HashKernel md5_wide;
extern const HashKernel sha256_wide;

}  // namespace regstorm::sip
