// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <benchmark/benchmark.h>

#include "regstorm/base/prng.hpp"
#include "regstorm/sip/branch.hpp"

namespace regstorm::sip {
namespace {

constexpr std::uint64_t salt = 0x5eed;
constexpr std::size_t branches = 256;

BranchId id_of(std::uint64_t random) {
    return {static_cast<base::EndpointIndex>(random), static_cast<std::uint16_t>(random >> 32),
            static_cast<std::uint8_t>(random >> 48), TransactionKind::register_};
}

void EncodeBranch(benchmark::State& state) {
    std::array<BranchId, branches> ids;
    base::Prng prng(1);
    for (BranchId& id : ids) {
        id = id_of(prng.next());
    }
    char out[branch_chars];
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(encode_branch(out, ids[i++ % branches], salt));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(EncodeBranch);

void DecodeBranch(benchmark::State& state) {
    std::array<std::array<char, branch_chars>, branches> texts;
    base::Prng prng(1);
    for (std::array<char, branch_chars>& text : texts) {
        encode_branch(text.data(), id_of(prng.next()), salt);
    }
    BranchId id;
    std::size_t i = 0;
    for (auto _ : state) {
        const std::array<char, branch_chars>& text = texts[i++ % branches];
        benchmark::DoNotOptimize(decode_branch({text.data(), text.size()}, salt, id));
        benchmark::DoNotOptimize(id);
    }
}
BENCHMARK(DecodeBranch);

}  // namespace
}  // namespace regstorm::sip
