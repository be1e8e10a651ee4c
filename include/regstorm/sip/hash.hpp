// SPDX-License-Identifier: Apache-2.0
// MD5 and SHA-256 as kernels that hash a fixed number of messages at once, all of the same number of blocks. The
// caller pads; what a kernel computes for a lane that holds rubbish is nobody's concern. OpenSSL has no multi-message
// interface and costs 443 ns for a digest input (EVP, reused context); sixteen AVX2 lanes cost a tenth of that each.
//
// Every kernel that was built for this architecture is listed; ask runs_here() before run(). The first of a list has
// one lane and runs anywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace regstorm::sip {

inline constexpr std::uint32_t hash_block_bytes = 64;
inline constexpr std::uint32_t hash_lanes_max = 32;

struct HashKernel {
    std::string_view name;
    std::uint32_t lanes = 1;
    std::uint32_t worth_from = 1;  ///< messages from which it beats one after the other (bench_sip, Md5Response)
    /// True when this processor and operating system can run it.
    bool (*runs_here)() noexcept = nullptr;
    /// `state[word * lanes + lane]`, as initialised or left by the previous call, advances by `blocks` blocks of
    /// `messages`: lane l starts at byte l * blocks * 64.
    void (*run)(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept = nullptr;
};

[[nodiscard]] std::span<const HashKernel> md5_kernels() noexcept;
[[nodiscard]] std::span<const HashKernel> sha256_kernels() noexcept;

/// The kernels in use: one for single messages, one for batches.
struct HashKernels {
    const HashKernel* md5_one = nullptr;
    const HashKernel* md5_many = nullptr;
    const HashKernel* sha256_one = nullptr;
    const HashKernel* sha256_many = nullptr;
};

/// The fastest of this machine; chosen once, at the first call.
[[nodiscard]] const HashKernels& best_kernels() noexcept;

}  // namespace regstorm::sip
