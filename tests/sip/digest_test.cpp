// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/digest.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "oracle.hpp"
#include "regstorm/base/prng.hpp"
#include "wide_lanes.hpp"

namespace regstorm::sip {
namespace {

constexpr DigestAlgorithm algorithms[] = {DigestAlgorithm::md5,        DigestAlgorithm::md5_sess,
                                          DigestAlgorithm::sha256,     DigestAlgorithm::sha256_sess,
                                          DigestAlgorithm::sha512_256, DigestAlgorithm::sha512_256_sess};
constexpr Qop qops[] = {Qop::none, Qop::auth, Qop::auth_int};

std::string compute(DigestJob job) {
    std::string response(2 * std::size_t{digest_bytes(job.algorithm)}, '?');
    job.response = response.data();
    compute_responses({&job, 1});
    return response;
}

std::string hex_of(const DigestValue& value, DigestAlgorithm algorithm) {
    return oracle::hex({reinterpret_cast<const char*>(value.data()), digest_bytes(algorithm)});
}

TEST(Digest, AUT_1_ComputesTheExampleOfRfc2617) {
    DigestJob job;
    job.qop = Qop::auth;
    job.ha1 = compute_ha1(job.algorithm, "Mufasa", "testrealm@host.com", "Circle Of Life");
    job.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    job.cnonce = "0a4f113b";
    job.method = "GET";
    job.uri = "/dir/index.html";
    EXPECT_EQ(compute(job), "6629fae49393a05397450978507c4ef1");
}

DigestJob rfc7616_job(DigestAlgorithm algorithm) {
    DigestJob job;
    job.algorithm = algorithm;
    job.qop = Qop::auth;
    job.ha1 = compute_ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
    job.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    job.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    job.method = "GET";
    job.uri = "/dir/index.html";
    return job;
}

TEST(Digest, AUT_1_ComputesTheMd5ExampleOfRfc7616) {
    EXPECT_EQ(compute(rfc7616_job(DigestAlgorithm::md5)), "8ca523f5e9506fed4657c9700eebdbec");
}

TEST(Digest, AUT_5_ComputesTheSha256ExampleOfRfc7616) {
    EXPECT_EQ(compute(rfc7616_job(DigestAlgorithm::sha256)),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, AUT_5_AUT_14_ComputesTheCorrectedSha512_256ExampleOfRfc7616) {
    const std::string user = "J\xc3\xa4s\xc3\xb8n Doe";
    DigestJob job;
    job.algorithm = DigestAlgorithm::sha512_256;
    job.qop = Qop::auth;
    job.ha1 = compute_ha1(job.algorithm, user, "api@example.org", "Secret, or not?");
    job.nonce = "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK";
    job.cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    job.method = "GET";
    job.uri = "/doe.json";
    EXPECT_EQ(compute(job), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");

    std::array<char, 64> userhash{};
    EXPECT_EQ(write_userhash(userhash.data(), job.algorithm, user, "api@example.org"), userhash.end());
    EXPECT_EQ(std::string_view(userhash.data(), userhash.size()),
              "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
}

TEST(Digest, AUT_4_AuthIntOfAnEmptyBodyHashesTheEmptyText) {
    // RFC 8760 2.6 prints H("") for SHA-256.
    EXPECT_EQ(oracle::hex_hash(DigestAlgorithm::sha256, ""),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const DigestAlgorithm algorithm : algorithms) {
        DigestJob job = rfc7616_job(algorithm);
        const std::string with_auth = compute(job);
        job.qop = Qop::auth_int;
        EXPECT_EQ(compute(job), oracle::response(job)) << to_text(algorithm);
        EXPECT_NE(compute(job), with_auth) << to_text(algorithm);
    }
}

TEST(Digest, AUT_16_Ha1IsTheSameForTheSessionVariantsAndTheyHashItPerNonce) {
    for (const DigestAlgorithm algorithm : algorithms) {
        SCOPED_TRACE(to_text(algorithm));
        const DigestValue ha1 = compute_ha1(algorithm, "1001", "sip.example", "s3cret");
        EXPECT_EQ(hex_of(ha1, algorithm), oracle::hex_hash(algorithm, "1001:sip.example:s3cret"));
        DigestJob job = rfc7616_job(algorithm);
        job.ha1 = ha1;
        for (const Qop qop : qops) {
            job.qop = qop;
            EXPECT_EQ(compute(job), oracle::response(job));
        }
    }
}

TEST(Digest, Ha1TakesTextsOfEveryLength) {
    for (const DigestAlgorithm algorithm : algorithms) {
        for (std::size_t length = 0; length <= 300; ++length) {
            const std::string password(length, 'p');
            ASSERT_EQ(hex_of(compute_ha1(algorithm, "u", "r", password), algorithm),
                      oracle::hex_hash(algorithm, "u:r:" + password))
                << to_text(algorithm) << ", " << length;
        }
    }
}

/// Jobs with everything different that may be different, and the memory that they point into.
class RandomJobs {
  public:
    RandomJobs(std::uint64_t seed, std::size_t count, bool alike) : prng_(seed), texts_(count), responses_(count) {
        jobs_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            DigestJob& job = jobs_[i];
            job.algorithm = alike ? algorithms[0] : algorithms[prng_.below(std::size(algorithms))];
            job.qop = alike ? Qop::auth : qops[prng_.below(std::size(qops))];
            job.nc = static_cast<std::uint32_t>(prng_.next());
            for (std::uint8_t& byte : job.ha1) {
                byte = static_cast<std::uint8_t>(prng_.next());
            }
            texts_[i] = {random_text(alike ? 32 : prng_.below(700)), random_text(alike ? 6 : prng_.below(40)),
                         prng_.below(4) == 0 ? random_text(prng_.below(300)) : "sip:example.com"};
            job.nonce = texts_[i][0];
            job.cnonce = texts_[i][1];
            job.uri = texts_[i][2];
            job.method = prng_.below(8) == 0 ? "OPTIONS" : "REGISTER";
            responses_[i] = std::string(2 * std::size_t{digest_bytes(job.algorithm)} + 1, '?');
            job.response = responses_[i].data();
        }
    }

    std::span<DigestJob> jobs() { return jobs_; }

    void check() const {
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            ASSERT_EQ(responses_[i], oracle::response(jobs_[i]) + "?") << "job " << i << " of " << jobs_.size();
        }
    }

  private:
    std::string random_text(std::size_t size) {
        std::string text(size, ' ');
        for (char& c : text) {
            c = static_cast<char>('!' + prng_.below(94));
        }
        return text;
    }

    base::Prng prng_;
    std::vector<std::array<std::string, 3>> texts_;
    std::vector<std::string> responses_;
    std::vector<DigestJob> jobs_;
};

/// Every pair of batch kernels that runs here, plus AVX-512's lanes in baseline code.
std::vector<HashKernels> kernel_choices() {
    std::vector<HashKernels> choices;
    const auto add = [&](const HashKernel* md5_many, const HashKernel* sha256_many) {
        choices.push_back({&md5_kernels().front(), md5_many, &sha256_kernels().front(), sha256_many});
    };
    for (const HashKernel& kernel : md5_kernels()) {
        if (kernel.runs_here()) {
            add(&kernel, best_kernels().sha256_many);
        }
    }
    for (const HashKernel& kernel : sha256_kernels()) {
        if (kernel.runs_here()) {
            add(best_kernels().md5_many, &kernel);
        }
    }
    add(&md5_wide, &sha256_wide);
    return choices;
}

TEST(ComputeResponses, AgreesWithOpensslForEveryBatchSizeAndKernel) {
    for (const HashKernels& kernels : kernel_choices()) {
        for (std::size_t count = 0; count <= 40; ++count) {
            SCOPED_TRACE(testing::Message()
                         << kernels.md5_many->name << " and " << kernels.sha256_many->name << ", seed " << count);
            RandomJobs alike(count, count, true);
            compute_responses(alike.jobs(), kernels);
            alike.check();
            RandomJobs mixed(1000 + count, count, false);
            compute_responses(mixed.jobs(), kernels);
            mixed.check();
        }
    }
}

TEST(ComputeHa1s, AgreesWithTheSingleOneForEveryBatchSizeAndKernel) {
    base::Prng prng(16);
    for (const HashKernels& kernels : kernel_choices()) {
        for (std::size_t count = 0; count <= 70; ++count) {
            std::vector<std::string> users(count);
            std::vector<DigestValue> values(count);
            std::vector<Ha1Job> jobs(count);
            for (std::size_t i = 0; i < count; ++i) {
                users[i].assign(prng.below(prng.below(8) == 0 ? 600 : 50), static_cast<char>('a' + i % 26));
                const bool alike = count % 2 == 0;
                jobs[i] = {.algorithm = alike ? algorithms[0] : algorithms[prng.below(std::size(algorithms))],
                           .user = users[i],
                           .realm = "example.com",
                           .password = "secret",
                           .ha1 = &values[i]};
            }
            compute_ha1s(jobs, kernels);
            for (const Ha1Job& job : jobs) {
                ASSERT_EQ(hex_of(*job.ha1, job.algorithm),
                          hex_of(compute_ha1(job.algorithm, job.user, job.realm, job.password), job.algorithm))
                    << to_text(job.algorithm) << ", " << job.user.size() << ", " << kernels.md5_many->name;
            }
        }
    }
}

TEST(ComputeResponses, TakesMoreJobsThanOneBatch) {
    RandomJobs jobs(7, 1000, false);
    compute_responses(jobs.jobs());
    jobs.check();
}

TEST(ComputeResponses, TakesNoncesOfEveryLength) {
    for (const DigestAlgorithm algorithm : algorithms) {
        for (std::size_t length = 0; length <= 600; ++length) {
            const std::string nonce(length, 'n');
            DigestJob job = rfc7616_job(algorithm);
            job.nonce = nonce;
            ASSERT_EQ(compute(job), oracle::response(job)) << to_text(algorithm) << ", " << length;
        }
        const std::string datagram(65'000, 'n');
        DigestJob job = rfc7616_job(algorithm);
        job.nonce = datagram;
        EXPECT_EQ(compute(job), oracle::response(job)) << to_text(algorithm);
    }
}

TEST(ComputeResponses, NoticesWhenMethodOrUriChangeBetweenJobs) {
    // The same characters with the colon elsewhere must not be taken for the same text.
    const std::pair<const char*, const char*> requests[] = {
        {"REGISTER", "sip:a"}, {"REGISTER:sip", "a"}, {"REGISTER", "sip:b"}, {"OPTIONS", "sip:b"}, {"", ""}};
    for (int round = 0; round < 2; ++round) {
        for (const auto& [method, uri] : requests) {
            for (const Qop qop : qops) {
                DigestJob job = rfc7616_job(DigestAlgorithm::md5);
                job.method = method;
                job.uri = uri;
                job.qop = qop;
                EXPECT_EQ(compute(job), oracle::response(job)) << method << " " << uri;
            }
        }
    }
}

TEST(ComputeResponses, TellsFunctionsApartThatHashTheSameUri) {
    for (std::size_t count = 2; count <= 2 * std::size(algorithms); ++count) {
        std::vector<std::array<char, 2 * digest_bytes_max>> responses(count);
        std::vector<DigestJob> jobs(count, rfc7616_job(DigestAlgorithm::md5));  // one URI, in one place
        for (std::size_t i = 0; i < count; ++i) {
            jobs[i].algorithm = algorithms[i % std::size(algorithms)];
            jobs[i].response = responses[i].data();
        }
        compute_responses(jobs);
        for (const DigestJob& job : jobs) {
            EXPECT_EQ(std::string(job.response, 2 * digest_bytes(job.algorithm)), oracle::response(job))
                << to_text(job.algorithm) << " of " << count;
        }
    }
}

TEST(ComputeResponses, MayRunOnManyThreadsAtOnce) {
    std::vector<std::thread> threads;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        threads.emplace_back([seed] {
            for (std::uint64_t round = 0; round < 20; ++round) {
                RandomJobs jobs(seed * 100 + round, 30, false);
                compute_responses(jobs.jobs());
                jobs.check();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace regstorm::sip
