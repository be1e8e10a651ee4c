// SPDX-License-Identifier: Apache-2.0
// What a digest costs: a block in each kernel, a whole response in batches, and the texts around it.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <string>
#include <vector>

#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/hash.hpp"
#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {
namespace {

constexpr std::string_view nonce = "Zq3mTGat5iAW7q0Tg2vDqJxY1fUkN4sB";  // 32 characters, as Kamailio's
constexpr std::uint32_t blocks = 3;                                     // of a usual MD5 digest text

void hash_kernel(benchmark::State& state, std::span<const HashKernel> kernels) {
    if (static_cast<std::size_t>(state.range(0)) >= kernels.size()) {
        state.SkipWithError("no such kernel was built");
        return;
    }
    const HashKernel& kernel = kernels[static_cast<std::size_t>(state.range(0))];
    state.SetLabel(std::string(kernel.name));
    if (!kernel.runs_here()) {
        state.SkipWithError("SKIPPED: this machine cannot run it");
        return;
    }
    const std::vector<std::uint8_t> messages(std::size_t{kernel.lanes} * blocks * hash_block_bytes, 7);
    std::vector<std::uint32_t> words(std::size_t{8} * kernel.lanes, 1);
    for (auto _ : state) {
        kernel.run(words.data(), messages.data(), blocks);
        benchmark::DoNotOptimize(words.data());
    }
    state.counters["per_block"] = benchmark::Counter(static_cast<double>(state.iterations()) * blocks * kernel.lanes,
                                                     benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(hash_kernel, Md5Kernel, md5_kernels())->DenseRange(0, 3);
BENCHMARK_CAPTURE(hash_kernel, Sha256Kernel, sha256_kernels())->DenseRange(0, 5);

void respond(benchmark::State& state, DigestAlgorithm algorithm, const HashKernels& kernels, std::size_t count,
             std::size_t cnonce_chars) {
    const std::string cnonce(cnonce_chars, 'c');
    state.SetLabel(std::string(algorithm == DigestAlgorithm::md5 ? kernels.md5_many->name : kernels.sha256_many->name));
    std::vector<DigestJob> jobs(count);
    std::vector<char> responses(count * 64);
    for (std::size_t i = 0; i < count; ++i) {
        jobs[i].algorithm = algorithm;
        jobs[i].qop = Qop::auth;
        jobs[i].ha1 = compute_ha1(algorithm, std::to_string(i), "sip.example", "secret");
        jobs[i].nonce = nonce;
        jobs[i].cnonce = cnonce;
        jobs[i].method = "REGISTER";
        jobs[i].uri = "sip:sip.example";
        jobs[i].response = responses.data() + i * 64;
    }
    for (auto _ : state) {
        compute_responses(jobs, kernels);
        benchmark::DoNotOptimize(responses.data());
        benchmark::ClobberMemory();
    }
    state.counters["ns_each"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(count) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Arguments: jobs in the batch, cnonce characters (6 makes two blocks of MD5, 8 three), kernel; -1 is the best one.
void compute(benchmark::State& state, DigestAlgorithm algorithm) {
    HashKernels kernels = best_kernels();
    if (state.range(2) >= 0) {
        kernels.md5_many = &md5_kernels()[static_cast<std::size_t>(state.range(2))];
        if (!kernels.md5_many->runs_here()) {
            state.SkipWithError("SKIPPED: this machine cannot run it");
            return;
        }
    }
    respond(state, algorithm, kernels, static_cast<std::size_t>(state.range(0)),
            static_cast<std::size_t>(state.range(1)));
}

/// The same by the name of a kernel, for bench/budgets.toml. A cnonce of six characters, as the worker writes.
void by_name(benchmark::State& state, std::string_view name) {
    const auto kernel = std::ranges::find(md5_kernels(), name, &HashKernel::name);
    if (kernel == md5_kernels().end() || !kernel->runs_here()) {
        state.SkipWithError("SKIPPED: this machine cannot run it");
        return;
    }
    HashKernels kernels = best_kernels();
    kernels.md5_one = &md5_kernels().front();
    kernels.md5_many = &*kernel;
    respond(state, DigestAlgorithm::md5, kernels, static_cast<std::size_t>(state.range(0)), 6);
}
BENCHMARK_CAPTURE(by_name, scalar, "scalar")->Name("digest/scalar")->Arg(16);
BENCHMARK_CAPTURE(by_name, avx2, "avx2")->Name("digest/avx2")->Arg(16);
BENCHMARK_CAPTURE(by_name, avx512, "avx512")->Name("digest/avx512")->Arg(16);

BENCHMARK_CAPTURE(compute, Md5Response, DigestAlgorithm::md5)
    ->Args({1, 6, -1})
    ->Args({1, 8, -1})
    ->Args({2, 8, -1})
    ->Args({4, 8, -1})
    ->Args({16, 6, -1})
    ->Args({16, 8, -1})
    ->Args({64, 8, -1})
    ->Args({16, 8, 0})
    ->Args({16, 8, 1})
    ->Args({32, 8, 3});
BENCHMARK_CAPTURE(compute, Sha256Response, DigestAlgorithm::sha256)->Args({1, 8, -1})->Args({16, 8, -1});
BENCHMARK_CAPTURE(compute, Sha512_256Response, DigestAlgorithm::sha512_256)->Args({1, 8, -1})->Args({16, 8, -1});

void OpensslMd5(benchmark::State& state) {
    EVP_MD* const function = EVP_MD_fetch(nullptr, "MD5", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    const std::string text(121, 'x');
    unsigned char digest[EVP_MAX_MD_SIZE];
    for (auto _ : state) {
        EVP_DigestInit_ex(context, function, nullptr);
        EVP_DigestUpdate(context, text.data(), text.size());
        EVP_DigestFinal_ex(context, digest, nullptr);
        benchmark::DoNotOptimize(digest);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(function);
}
BENCHMARK(OpensslMd5);

void ComputeHa1(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(compute_ha1(DigestAlgorithm::md5, "user000001", "sip.example", "secret"));
    }
}
BENCHMARK(ComputeHa1);

void ComputeHa1s(benchmark::State& state) {
    std::vector<DigestValue> values(static_cast<std::size_t>(state.range(0)));
    std::vector<Ha1Job> jobs;
    for (DigestValue& value : values) {
        jobs.push_back({.user = "user000001", .realm = "sip.example", .password = "secret", .ha1 = &value});
    }
    for (auto _ : state) {
        compute_ha1s(jobs);
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * jobs.size()));
}
BENCHMARK(ComputeHa1s)->Arg(16)->Arg(64);

void ParseChallenge(benchmark::State& state) {
    const std::string value = "Digest realm=\"sip.example\", nonce=\"" + std::string(nonce) + "\", qop=\"auth\"";
    Challenge challenge;
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse_challenge(value, challenge));
        benchmark::DoNotOptimize(challenge);
    }
}
BENCHMARK(ParseChallenge);

Credentials credentials() {
    Credentials made;
    made.user = "user000001";
    made.realm = "sip.example";
    made.nonce = nonce;
    made.uri = "sip:sip.example";
    made.response = "6629fae49393a05397450978507c4ef1";
    made.cnonce = "0a4f11";
    made.qop = Qop::auth;
    return made;
}

void WriteCredentials(benchmark::State& state) {
    const Credentials written = credentials();
    char out[1024];
    for (auto _ : state) {
        benchmark::DoNotOptimize(write_credentials(out, written));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(WriteCredentials);

void ParseCredentials(benchmark::State& state) {
    char out[1024];
    const std::string row(out, write_credentials(out, credentials()));
    const std::string value = row.substr(row.find(": ") + 2, row.size() - row.find(": ") - 4);
    Credentials parsed;
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse_credentials(value, parsed));
        benchmark::DoNotOptimize(parsed);
    }
}
BENCHMARK(ParseCredentials);

}  // namespace
}  // namespace regstorm::sip
