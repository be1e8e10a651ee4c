// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new to count its calls.
#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/request_template.hpp"

namespace {

std::atomic<int> allocations = 0;

}  // namespace

// noinline: inlined at a call, g++ would take malloc and free for a mismatched pair (-Wmismatched-new-delete).
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace regstorm::sip {
namespace {

TEST(SteadyState, CountsWhatIsAllocated) {
    const int before = allocations;
    ::operator delete(::operator new(10));
    EXPECT_EQ(allocations, before + 1);
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
        jobs[i].uri = request.write_request_uri(nullptr, "user", {});
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

TEST(SteadyState, AnsweringChallengesAllocatesNothing) {
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
