// SPDX-License-Identifier: Apache-2.0
#include "text_hash.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <openssl/evp.h>

#include "regstorm/base/check.hpp"
#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {
namespace {

/// SHA-512/256 as OpenSSL computes it. The fetch is done once, because an implicit one costs hundreds of nanoseconds
/// in OpenSSL 3.0; the context belongs to the thread and is used again, so only a thread's first hash allocates.
class OpensslSha512_256 {
  public:
    OpensslSha512_256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { CHECK(context_ != nullptr); }

    void begin() { CHECK(EVP_DigestInit_ex(context_.get(), function(), nullptr) == 1); }
    void add(std::string_view text) { CHECK(EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1); }
    void finish(DigestValue& out) { CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1); }

  private:
    static const EVP_MD* function() {
        static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA512-256", nullptr);
        CHECK(fetched != nullptr);
        return fetched;
    }

    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

OpensslSha512_256& sha512_256() {
    thread_local OpensslSha512_256 mine;
    return mine;
}

constexpr HashTraits traits[] = {{md5_initial, 4, false}, {sha256_initial, 8, true}};

}  // namespace

const HashTraits& hash_traits(HashFunction function) noexcept {
    DCHECK(function != HashFunction::sha512_256);
    return traits[static_cast<std::uint8_t>(function)];
}

void pad_message(std::uint8_t* from, std::uint8_t* end, std::uint64_t text_bytes, bool big_endian) noexcept {
    const std::uint64_t bits = text_bytes * 8;
    const std::uint64_t count = big_endian ? __builtin_bswap64(bits) : bits;
    DCHECK(end - from >= 1 + static_cast<std::ptrdiff_t>(sizeof count));
    *from = 0x80;
    std::memset(from + 1, 0, static_cast<std::size_t>(end - from) - 1 - sizeof count);
    std::memcpy(end - sizeof count, &count, sizeof count);
}

TextHash::TextHash(HashFunction function, const HashKernels& kernels) noexcept : function_(function) {
    if (function_ == HashFunction::sha512_256) {
        sha512_256().begin();
        return;
    }
    const HashTraits& start = hash_traits(function_);
    std::copy_n(start.initial, start.state_words, state_.begin());
    kernel_ = function_ == HashFunction::md5 ? kernels.md5_one : kernels.sha256_one;
}

TextHash& TextHash::add(std::string_view text) noexcept {
    if (function_ == HashFunction::sha512_256) {
        sha512_256().add(text);
        return *this;
    }
    while (!text.empty()) {
        const std::size_t held = size_ % hash_block_bytes;
        const std::size_t taken = std::min<std::size_t>(text.size(), hash_block_bytes - held);
        std::memcpy(tail_.data() + held, text.data(), taken);
        size_ += taken;
        text.remove_prefix(taken);
        if (held + taken == hash_block_bytes) {
            kernel_->run(state_.data(), tail_.data(), 1);
        }
    }
    return *this;
}

DigestValue TextHash::finish() noexcept {
    DigestValue digest{};
    if (function_ == HashFunction::sha512_256) {
        sha512_256().finish(digest);
        return digest;
    }
    const HashTraits& start = hash_traits(function_);
    const std::size_t held = size_ % hash_block_bytes;
    const std::uint32_t blocks = blocks_of(held);
    pad_message(tail_.data() + held, tail_.data() + blocks * hash_block_bytes, size_, start.big_endian);
    kernel_->run(state_.data(), tail_.data(), blocks);
    for (std::uint32_t i = 0; i < start.state_words; ++i) {
        const std::uint32_t word = start.big_endian ? __builtin_bswap32(state_[i]) : state_[i];
        std::memcpy(digest.data() + i * sizeof word, &word, sizeof word);
    }
    return digest;
}

}  // namespace regstorm::sip
