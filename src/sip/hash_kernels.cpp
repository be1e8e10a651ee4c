// SPDX-License-Identifier: Apache-2.0
// Which kernels exist, which of them this machine runs, and which are the fastest.
#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash.hpp"

#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace regstorm::sip {
namespace {

bool anywhere() noexcept { return true; }

#ifdef __x86_64__
// __builtin_cpu_supports() also asks whether the operating system saves the wide registers.
bool has_avx2() noexcept { return __builtin_cpu_supports("avx2"); }
bool has_avx512() noexcept {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}
bool has_sha_ni() noexcept {  // clang 14 does not know the name "sha"
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}
#endif

// In each list a later kernel that runs here is better than an earlier one (bench_sip, Md5Kernel and Sha256Kernel). The
// pair of SHA-NI messages stands after AVX-512 because it needs no full batch to be fast; that order is calculated, not
// measured: about 60 cycles a block for either.
constexpr HashKernel md5_list[] = {
    {"scalar", 1, 1, anywhere, md5_scalar},
    {"portable", portable_lanes* portable_streams, 3, anywhere, md5_portable},
#ifdef __x86_64__
    {"avx2", avx2_lanes* avx2_streams, 3, has_avx2, md5_avx2},
    {"avx512", avx512_lanes* avx512_streams, 3, has_avx512, md5_avx512},
#endif
};

constexpr HashKernel sha256_list[] = {
    {"scalar", 1, 1, anywhere, sha256_scalar},
#ifdef __x86_64__
    {"sha-ni", 1, 1, has_sha_ni, sha256_sha_ni},
#endif
    {"portable", portable_lanes* portable_streams, 5, anywhere, sha256_portable},
#ifdef __x86_64__
    {"avx2", avx2_lanes* avx2_streams, 4, has_avx2, sha256_avx2},
    {"avx512", avx512_lanes* avx512_streams, 4, has_avx512, sha256_avx512},
    {"sha-ni-pair", 2, 2, has_sha_ni, sha256_sha_ni_pair},
#endif
};

static_assert(avx512_lanes * avx512_streams <= static_cast<int>(hash_lanes_max));

const HashKernel* last_that_runs(std::span<const HashKernel> kernels, bool single) noexcept {
    const HashKernel* best = &kernels.front();
    for (const HashKernel& kernel : kernels) {
        if ((kernel.lanes == 1) == single && kernel.runs_here()) {
            best = &kernel;
        }
    }
    return best;
}

}  // namespace

std::span<const HashKernel> md5_kernels() noexcept { return md5_list; }
std::span<const HashKernel> sha256_kernels() noexcept { return sha256_list; }

const HashKernels& best_kernels() noexcept {
    static const HashKernels best{last_that_runs(md5_list, true), last_that_runs(md5_list, false),
                                  last_that_runs(sha256_list, true), last_that_runs(sha256_list, false)};
    return best;
}

}  // namespace regstorm::sip
