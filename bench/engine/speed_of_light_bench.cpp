// SPDX-License-Identifier: Apache-2.0
// The yardstick of bench/budgets.toml: the least that any generator must do for a REGISTER and its 200, with nothing of
// SIP in it. Touch one random 64-byte record (prefetched in bursts of 32), copy and patch a frame of 480 bytes, sum it,
// scan an answer of 352 bytes for the ends of its lines. Costs as a multiple of it travel between machines.
//
// Unlike the program it is compiled for all that the machine has: with AVX-512 it takes 0.6 of what it takes without.
#include <array>
#include <benchmark/benchmark.h>
#include <cstring>
#include <string>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::engine {
namespace {

constexpr std::uint32_t frames_at_once = 32;
constexpr std::uint32_t frame_bytes = 480;
constexpr std::uint32_t answer_bytes = 352;
constexpr std::uint32_t patch_at = 64;

struct alignas(64) Record {
    std::uint64_t value = 1;
    std::array<std::uint8_t, 56> rest{};
};

#if defined(__x86_64__) && !defined(__clang__)
#define FOR_THIS_MACHINE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_THIS_MACHINE
#endif

struct Burst {
    std::array<std::uint64_t, frames_at_once> chosen;
    std::array<std::array<char, frame_bytes>, frames_at_once> frames;
};

/// Sum of 32-bit words, which folds to the Internet checksum.
[[gnu::always_inline]] inline std::uint64_t sum_of(const char* frame) {
    std::uint64_t sum = 0;
    for (std::uint32_t at = 0; at < frame_bytes; at += sizeof(std::uint32_t)) {
        std::uint32_t word;
        std::memcpy(&word, frame + at, sizeof word);
        sum += word;
    }
    return sum;
}

[[gnu::always_inline]] inline std::uint32_t lines_of(const char* answer) {
    std::uint32_t lines = 0;
    for (std::uint32_t i = 0; i < answer_bytes; ++i) {
        lines += answer[i] == '\n' ? 1 : 0;
    }
    return lines;
}

FOR_THIS_MACHINE void serve(Burst& burst, Record* records, const char* prepared, const char* answer) {
    for (std::uint32_t i = 0; i < frames_at_once; ++i) {
        Record& record = records[burst.chosen[i]];
        char* const frame = burst.frames[i].data();
        std::memcpy(frame, prepared, frame_bytes);
        std::memcpy(frame + patch_at, &record.value, sizeof record.value);
        benchmark::DoNotOptimize(frame);
        benchmark::ClobberMemory();
        record.value += sum_of(frame) + lines_of(answer);
    }
}

void speed_of_light(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    std::vector<Record> records(count);
    const std::string prepared(frame_bytes, 'r');
    std::string answer;
    while (answer.size() < answer_bytes) {
        answer += "Header: of a usual length, thirty\r\n";
    }
    base::Prng prng(1);
    Burst burst;
    for (auto _ : state) {
        for (std::uint64_t& index : burst.chosen) {
            index = prng.below(count);
            __builtin_prefetch(&records[index], 1);
        }
        serve(burst, records.data(), prepared.data(), answer.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * frames_at_once));
}

BENCHMARK(speed_of_light)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);

}  // namespace
}  // namespace regstorm::engine

BENCHMARK_MAIN();
