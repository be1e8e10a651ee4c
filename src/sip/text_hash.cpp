// SPDX-License-Identifier: Apache-2.0
#include "text_hash.hpp"

#include <algorithm>
#include <cstring>

#include "regstorm/base/check.hpp"
#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {
namespace {

constexpr HashTraits traits[] = {{md5_initial, 4, false}, {sha256_initial, 8, true}};

}  // namespace

const HashTraits& hash_traits(HashFunction function) noexcept {
    DCHECK(function != HashFunction::sha512_256);
    return traits[static_cast<std::uint8_t>(function)];
}

void pad_message(std::uint8_t* from, std::uint8_t* end, std::uint64_t text_bytes, bool big_endian) noexcept {
    const std::uint64_t bits = text_bytes * 8;
    const std::uint64_t count = big_endian ? __builtin_bswap64(bits) : bits;
    constexpr std::ptrdiff_t count_bytes = sizeof count;
    DCHECK(end - from > count_bytes);
    *from = 0x80;
    std::memset(from + 1, 0, static_cast<std::size_t>(end - from) - 1 - sizeof count);
    std::memcpy(end - sizeof count, &count, sizeof count);
}

TextHash::TextHash(HashFunction function, const HashKernels& kernels) noexcept : function_(function) {
    if (function_ == HashFunction::sha512_256) {
        block_bytes_ = sha512_block_bytes;
        std::copy_n(sha512_256_initial, wide_state_.size(), wide_state_.begin());
        return;
    }
    const HashTraits& start = hash_traits(function_);
    std::copy_n(start.initial, start.state_words, state_.begin());
    kernel_ = function_ == HashFunction::md5 ? kernels.md5_one : kernels.sha256_one;
}

inline void TextHash::run(std::uint32_t blocks) noexcept {
    if (kernel_ == nullptr) {
        sha512_run(wide_state_.data(), tail_.data(), blocks);
    } else {
        kernel_->run(state_.data(), tail_.data(), blocks);
    }
}

TextHash& TextHash::add(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t held = size_ % block_bytes_;
        const std::size_t taken = std::min<std::size_t>(text.size(), block_bytes_ - held);
        std::memcpy(tail_.data() + held, text.data(), taken);
        size_ += taken;
        text.remove_prefix(taken);
        if (held + taken == block_bytes_) {
            run(1);
        }
    }
    return *this;
}

DigestValue TextHash::finish() noexcept {
    DigestValue digest{};
    const std::size_t held = size_ % block_bytes_;
    const std::size_t count_bytes = block_bytes_ / 8;  // of the length field; the text's size fits eight anyway
    const std::uint32_t blocks = held + 1 + count_bytes <= block_bytes_ ? 1 : 2;
    pad_message(tail_.data() + held, tail_.data() + std::size_t{blocks} * block_bytes_, size_,
                function_ != HashFunction::md5);
    run(blocks);
    if (function_ == HashFunction::sha512_256) {
        for (std::size_t i = 0; i < digest_bytes_max / sizeof(std::uint64_t); ++i) {
            const std::uint64_t word = __builtin_bswap64(wide_state_[i]);
            std::memcpy(digest.data() + i * sizeof word, &word, sizeof word);
        }
        return digest;
    }
    const HashTraits& start = hash_traits(function_);
    for (std::uint32_t i = 0; i < start.state_words; ++i) {
        const std::uint32_t word = start.big_endian ? __builtin_bswap32(state_[i]) : state_[i];
        std::memcpy(digest.data() + i * sizeof word, &word, sizeof word);
    }
    return digest;
}

}  // namespace regstorm::sip
