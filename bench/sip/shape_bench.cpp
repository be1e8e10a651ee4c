// SPDX-License-Identifier: Apache-2.0
// What it costs to hold 450 bytes against a shape, by instruction set.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "shape_kernels.hpp"

namespace regstorm::sip {
namespace {

void shape_compare(benchmark::State& state, std::string_view name) {
    const auto kernel = std::ranges::find(shape_kernels(), name, &ShapeKernel::name);
    if (kernel == shape_kernels().end() || !kernel->runs_here()) {
        state.SkipWithError("SKIPPED: this machine cannot run it");
        return;
    }
    const std::string data(450, 'x');
    std::string text = data;
    std::vector<std::uint8_t> fixed(data.size(), 0xff);
    for (std::size_t at = 0; at < data.size(); at += 3) {
        text[at] = 0;
        fixed[at] = 0;
    }
    for (auto _ : state) {
        if (!kernel->agrees(data.data(), text.data(), fixed.data(), data.size())) {
            state.SkipWithError("wrong verdict");
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * data.size()));
}

BENCHMARK_CAPTURE(shape_compare, portable, "portable");
#if defined(__x86_64__)
BENCHMARK_CAPTURE(shape_compare, sse, "sse");
BENCHMARK_CAPTURE(shape_compare, avx2, "avx2");
#endif

}  // namespace
}  // namespace regstorm::sip
