// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new and OpenSSL's allocator to count their calls.
#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <openssl/crypto.h>

#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/request_template.hpp"

namespace {

std::atomic<int> allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    return std::malloc(size);
}

const int openssl_counts = CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return counted(size); },
                                                    [](void* old, std::size_t size, const char*, int) {
                                                        ++allocations;
                                                        return std::realloc(old, size);
                                                    },
                                                    [](void* old, const char*, int) { std::free(old); });

}  // namespace

void* operator new(std::size_t size) {
    if (void* const memory = counted(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace regstorm::sip {
namespace {

TEST(SteadyState, CountsWhatIsAllocated) {
    ASSERT_EQ(openssl_counts, 1) << "OpenSSL had allocated before";
    const int before = allocations;
    OPENSSL_free(OPENSSL_malloc(10));
    delete new int;
    EXPECT_EQ(allocations, before + 2);
}

/// One challenge of each algorithm and qop, from its text to the finished request.
void answer_everything(const RequestTemplate& request, char* out) {
    DigestJob jobs[36];
    char responses[36][64];
    Challenge challenge;
    ASSERT_EQ(parse_challenge("Digest realm=\"r\", nonce=\"0123456789abcdef0123456789abcdef\", qop=auth", challenge),
              ChallengeError::none);
    for (std::size_t i = 0; i < std::size(jobs); ++i) {
        jobs[i].algorithm = static_cast<DigestAlgorithm>(i % 6);
        jobs[i].qop = static_cast<Qop>(i / 6 % 3);
        jobs[i].ha1 = compute_ha1(jobs[i].algorithm, "user000001", challenge.realm, "password");
        jobs[i].nonce = challenge.nonce;
        jobs[i].cnonce = "0a4f11";
        jobs[i].method = "REGISTER";
        jobs[i].uri = request.request_uri();
        jobs[i].response = responses[i];
    }
    compute_responses(jobs);
    Credentials credentials;
    credentials.user = "user000001";
    credentials.nonce = challenge.nonce;
    credentials.response = {responses[0], 32};
    char row[512];
    RequestFields fields;
    fields.branch = "z9hG4bK0000000001000aaaaa12";
    fields.source = "198.18.0.1:5060";
    fields.user = credentials.user;
    fields.credentials = {row, write_credentials(row, credentials)};
    EXPECT_GT(request.write(out, fields), 300u);
}

TEST(SteadyState, AnsweringChallengesAllocatesNothingAfterTheFirst) {
    TemplateSpec spec;
    spec.domain = "sip.example";
    const RequestTemplate request(spec);
    char out[2048];
    answer_everything(request, out);
    const int before = allocations;
    for (int i = 0; i < 100; ++i) {
        answer_everything(request, out);
    }
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace regstorm::sip
