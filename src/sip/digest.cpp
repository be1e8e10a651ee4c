// SPDX-License-Identifier: Apache-2.0
// Responses, and HA1, in batches. Every response is the hash of one text,
//
//     HA1:nonce:HA2                        without qop (RFC 2069, RFC 3261 22.4)
//     HA1:nonce:nc:cnonce:qop:HA2          with it     (RFC 7616 3.4.1)
//
// written with its padding straight into a lane of the scratch area. Up to 64 jobs are looked at together; those of
// the same function and block count share kernel calls, a lone one takes the single-message kernel, and texts above
// lane_blocks_max blocks (nonces of some 400 characters) go through TextHash.
#include "regstorm/sip/digest.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "regstorm/base/check.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/hex.hpp"
#include "text_hash.hpp"

namespace regstorm::sip {
namespace {

constexpr std::size_t batch_max = 64;  // one bit each in a word; a burst is not longer
constexpr std::uint32_t lane_blocks_max = 8;
constexpr std::uint32_t hex_chars_max = 2 * digest_bytes_max;
constexpr std::uint32_t nc_chars = 8;

std::string_view qop_text(Qop qop) { return qop == Qop::auth_int ? "auth-int" : "auth"; }

/// H(method:uri), which is the same for all registrations of a domain, so the last one is kept per function.
struct Ha2 {
    std::array<char, 256> key{};  // method:uri
    std::uint32_t key_chars = 0;  // 0: nothing kept
    bool with_body = false;
    std::array<char, hex_chars_max> hex{};

    [[nodiscard]] bool holds(const DigestJob& job) const {
        const std::string_view kept{key.data(), key_chars};
        const std::size_t method = job.method.size();
        return kept.size() == method + 1 + job.uri.size() && with_body == (job.qop == Qop::auth_int) &&
               equal_text(kept.substr(0, method), job.method) && kept[method] == ':' &&
               equal_text(kept.substr(method + 1), job.uri);
    }
};

constinit thread_local std::array<Ha2, hash_functions> last_ha2{};

[[gnu::noinline]] void renew(Ha2& ha2, const DigestJob& job, const HashKernels& kernels) {
    const HashFunction function = hash_function(job.algorithm);
    const std::uint32_t bytes = digest_bytes(job.algorithm);
    std::array<char, hex_chars_max> empty_body{};
    ha2.with_body = job.qop == Qop::auth_int;
    if (ha2.with_body) {
        write_hex_bytes(empty_body.data(), TextHash(function, kernels).finish().data(), bytes);
    }
    TextHash text(function, kernels);
    text.add(job.method).add(":").add(job.uri);
    if (ha2.with_body) {
        text.add(":").add({empty_body.data(), std::size_t{2} * bytes});
    }
    write_hex_bytes(ha2.hex.data(), text.finish().data(), bytes);
    ha2.key_chars = 0;
    if (job.method.size() + 1 + job.uri.size() <= ha2.key.size()) {
        char* at = copy_text(ha2.key.data(), job.method);
        *at++ = ':';
        ha2.key_chars = static_cast<std::uint32_t>(copy_text(at, job.uri) - ha2.key.data());
    }
}

/// The hex of H(method:uri) for this job; stays good until the next call.
std::string_view ha2_hex(const DigestJob& job, const HashKernels& kernels) {
    Ha2& ha2 = last_ha2[static_cast<std::uint8_t>(hash_function(job.algorithm))];
    if (!ha2.holds(job)) {
        renew(ha2, job, kernels);
    }
    return {ha2.hex.data(), std::size_t{2} * digest_bytes(job.algorithm)};
}

/// The hex of HA1; the -sess variants bind it to this nonce and cnonce first (RFC 7616 3.4.2).
[[gnu::always_inline]] inline char* write_ha1_hex(char* out, const DigestJob& job, const HashKernels& kernels) {
    const std::uint32_t bytes = digest_bytes(job.algorithm);
    char* const end = write_hex_bytes(out, job.ha1.data(), bytes);
    if (is_session(job.algorithm)) [[unlikely]] {
        TextHash text(hash_function(job.algorithm), kernels);
        text.add({out, std::size_t{2} * bytes}).add(":").add(job.nonce).add(":").add(job.cnonce);
        write_hex_bytes(out, text.finish().data(), bytes);
    }
    return end;
}

std::size_t text_chars(const DigestJob& job) {
    const std::size_t ends = std::size_t{4} * digest_bytes(job.algorithm) + job.nonce.size() + 2;
    return job.qop == Qop::none ? ends : ends + nc_chars + job.cnonce.size() + qop_text(job.qop).size() + 3;
}

/// Writes the text to hash, text_chars() characters; `out` has room for as many.
[[gnu::always_inline]] inline char* write_text(char* out, const DigestJob& job, std::string_view ha2,
                                               const HashKernels& kernels) {
    out = write_ha1_hex(out, job, kernels);
    *out++ = ':';
    out = copy_text(out, job.nonce);
    *out++ = ':';
    if (job.qop != Qop::none) {
        out = write_hex8(out, job.nc);
        *out++ = ':';
        out = copy_text(out, job.cnonce);
        *out++ = ':';
        out = copy_text(out, qop_text(job.qop));
        *out++ = ':';
    }
    return copy_text(out, ha2);
}

/// The same HA2, and so the very same method and URI: the usual case within a batch, told without comparing them.
bool same_request(const DigestJob& left, const DigestJob& right) {
    return left.uri.data() == right.uri.data() && left.uri.size() == right.uri.size() &&
           left.method.data() == right.method.data() && left.method.size() == right.method.size() &&
           left.qop == right.qop && hash_function(left.algorithm) == hash_function(right.algorithm);
}

/// What lanes cannot take: SHA-512/256, and texts that are too long.
void compute_alone(const DigestJob& job, const HashKernels& kernels) {
    std::array<char, hex_chars_max> ha1{};
    std::array<char, nc_chars> nc{};
    const std::string_view ha1_hex{ha1.data(), write_ha1_hex(ha1.data(), job, kernels)};
    const std::string_view ha2 = ha2_hex(job, kernels);
    TextHash text(hash_function(job.algorithm), kernels);
    text.add(ha1_hex).add(":").add(job.nonce).add(":");
    if (job.qop != Qop::none) {
        write_hex8(nc.data(), job.nc);
        text.add({nc.data(), nc.size()}).add(":").add(job.cnonce).add(":").add(qop_text(job.qop)).add(":");
    }
    text.add(ha2);
    write_hex_bytes(job.response, text.finish().data(), digest_bytes(job.algorithm));
}

/// What is to be hashed, by its number in a batch: the texts that give responses.
class ResponseTexts {
  public:
    ResponseTexts(std::span<const DigestJob> jobs, const HashKernels& kernels) : jobs_(jobs), kernels_(kernels) {}

    [[nodiscard]] std::size_t count() const { return jobs_.size(); }
    [[nodiscard]] DigestAlgorithm algorithm(std::size_t i) const { return jobs_[i].algorithm; }
    [[nodiscard]] std::size_t chars(std::size_t i) const { return text_chars(jobs_[i]); }
    [[nodiscard, gnu::always_inline]] char* write(char* out, std::size_t i) {
        const DigestJob& job = jobs_[i];
        if (last_ == nullptr || !same_request(job, *last_)) {
            ha2_ = ha2_hex(job, kernels_);
        }
        last_ = &job;
        return write_text(out, job, ha2_, kernels_);
    }
    /// Takes the result, two words at a time.
    [[gnu::always_inline]] void take(std::size_t i, std::uint32_t word, std::uint64_t eight_bytes) const {
        write_hex16(jobs_[i].response + 8 * word, eight_bytes);
    }
    void compute_alone(std::size_t i) const { regstorm::sip::compute_alone(jobs_[i], kernels_); }

  private:
    std::span<const DigestJob> jobs_;
    const HashKernels& kernels_;
    const DigestJob* last_ = nullptr;
    std::string_view ha2_;
};

/// The same for HA1.
class Ha1Texts {
  public:
    explicit Ha1Texts(std::span<const Ha1Job> jobs) : jobs_(jobs) {}

    [[nodiscard]] std::size_t count() const { return jobs_.size(); }
    [[nodiscard]] DigestAlgorithm algorithm(std::size_t i) const { return jobs_[i].algorithm; }
    [[nodiscard]] std::size_t chars(std::size_t i) const {
        return jobs_[i].user.size() + jobs_[i].realm.size() + jobs_[i].password.size() + 2;
    }
    [[nodiscard, gnu::always_inline]] char* write(char* out, std::size_t i) const {
        out = copy_text(out, jobs_[i].user);
        *out++ = ':';
        out = copy_text(out, jobs_[i].realm);
        *out++ = ':';
        return copy_text(out, jobs_[i].password);
    }
    [[gnu::always_inline]] void take(std::size_t i, std::uint32_t word, std::uint64_t eight_bytes) const {
        const std::uint64_t bytes = __builtin_bswap64(eight_bytes);
        std::memcpy(jobs_[i].ha1->data() + 4 * word, &bytes, sizeof bytes);
    }
    void compute_alone(std::size_t i) const {
        const Ha1Job& job = jobs_[i];
        *job.ha1 = compute_ha1(job.algorithm, job.user, job.realm, job.password);
    }

  private:
    std::span<const Ha1Job> jobs_;
};

/// Texts that one kernel call can take together, by number.
struct Group {
    HashFunction function;
    std::uint32_t blocks;
    std::uint32_t count = 0;
    std::array<std::uint8_t, hash_lanes_max> text{};
};

template <class Texts>
void hash_group(const Group& group, const HashKernel& kernel, Texts& texts) {
    alignas(64) std::uint8_t messages[hash_lanes_max * lane_blocks_max * hash_block_bytes];
    alignas(64) std::uint32_t state[8 * hash_lanes_max];
    const HashTraits& traits = hash_traits(group.function);
    const std::size_t stride = std::size_t{group.blocks} * hash_block_bytes;
    for (std::uint32_t lane = 0; lane < group.count; ++lane) {
        std::uint8_t* const message = messages + lane * stride;
        char* const text = reinterpret_cast<char*>(message);
        char* const end = texts.write(text, group.text[lane]);
        pad_message(reinterpret_cast<std::uint8_t*>(end), message + stride, static_cast<std::uint64_t>(end - text),
                    traits.big_endian);
    }
    std::memset(messages + group.count * stride, 0, (kernel.lanes - group.count) * stride);
    for (std::uint32_t word = 0; word < traits.state_words; ++word) {
        std::fill_n(state + word * kernel.lanes, kernel.lanes, traits.initial[word]);
    }
    kernel.run(state, messages, group.blocks);
    for (std::uint32_t lane = 0; lane < group.count; ++lane) {
        for (std::uint32_t word = 0; word < traits.state_words; word += 2) {
            const std::uint64_t first = state[word * kernel.lanes + lane];
            const std::uint64_t second = state[(word + 1) * kernel.lanes + lane];
            texts.take(group.text[lane], word,
                       traits.big_endian ? first << 32 | second : __builtin_bswap64(second << 32 | first));
        }
    }
}

template <class Texts>
void hash_one_by_one(const Group& group, const HashKernel& kernel, Texts& texts) {
    for (std::uint32_t i = 0; i < group.count; ++i) {
        hash_group({group.function, group.blocks, 1, {group.text[i]}}, kernel, texts);
    }
}

/// At most batch_max texts.
template <class Texts>
void hash_batch(Texts texts, const HashKernels& kernels) {
    std::array<std::uint16_t, batch_max> shape;  // function and block count
    std::uint64_t waiting = 0;
    for (std::size_t i = 0; i < texts.count(); ++i) {
        const HashFunction function = hash_function(texts.algorithm(i));
        const std::size_t chars = texts.chars(i);
        if (function == HashFunction::sha512_256 || chars > lane_blocks_max * hash_block_bytes - 9) {
            texts.compute_alone(i);
            continue;
        }
        shape[i] = static_cast<std::uint16_t>(static_cast<std::uint32_t>(function) << 8 | blocks_of(chars));
        waiting |= std::uint64_t{1} << i;
    }
    while (waiting != 0) {  // at most 64 rounds: each takes one text or more
        const int first = std::countr_zero(waiting);
        const std::uint16_t wanted = shape[static_cast<std::size_t>(first)];
        Group group{static_cast<HashFunction>(wanted >> 8), std::uint32_t{wanted} & 0xff};
        const bool md5 = group.function == HashFunction::md5;
        const HashKernel* const many = md5 ? kernels.md5_many : kernels.sha256_many;
        for (std::uint64_t rest = waiting; rest != 0 && group.count < many->lanes; rest &= rest - 1) {
            const std::size_t i = static_cast<std::size_t>(std::countr_zero(rest));
            if (shape[i] == wanted) {
                group.text[group.count++] = static_cast<std::uint8_t>(i);
                waiting &= ~(std::uint64_t{1} << i);
            }
        }
        const HashKernel* const one = md5 ? kernels.md5_one : kernels.sha256_one;
        if (group.count >= many->worth_from) {
            hash_group(group, *many, texts);
        } else {
            hash_one_by_one(group, *one, texts);
        }
    }
}

}  // namespace

DigestValue compute_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                        std::string_view password) noexcept {
    TextHash text(hash_function(algorithm), best_kernels());
    return text.add(user).add(":").add(realm).add(":").add(password).finish();
}

char* write_userhash(char* out, DigestAlgorithm algorithm, std::string_view user, std::string_view realm) noexcept {
    TextHash text(hash_function(algorithm), best_kernels());
    return write_hex_bytes(out, text.add(user).add(":").add(realm).finish().data(), digest_bytes(algorithm));
}

void compute_ha1s(std::span<Ha1Job> jobs, const HashKernels& kernels) noexcept {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), batch_max))) {
        hash_batch(Ha1Texts(jobs.first(std::min(jobs.size(), batch_max))), kernels);
    }
}

void compute_ha1s(std::span<Ha1Job> jobs) noexcept { compute_ha1s(jobs, best_kernels()); }

void compute_responses(std::span<DigestJob> jobs, const HashKernels& kernels) noexcept {
    for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), batch_max))) {
        hash_batch(ResponseTexts(jobs.first(std::min(jobs.size(), batch_max)), kernels), kernels);
    }
}

void compute_responses(std::span<DigestJob> jobs) noexcept { compute_responses(jobs, best_kernels()); }

std::string_view digest_kernel() noexcept { return best_kernels().md5_many->name; }

}  // namespace regstorm::sip
