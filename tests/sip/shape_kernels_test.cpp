// SPDX-License-Identifier: Apache-2.0
// Every kernel that this machine runs says what the byte loop says, for every length, alignment and place.
#include "shape_kernels.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

/// A datagram, and a shape that it has.
struct Sample {
    std::vector<char> data;
    std::vector<char> text;
    std::vector<std::uint8_t> fixed;

    Sample(std::size_t size, base::Prng& random) : data(size), text(size), fixed(size) {
        for (std::size_t at = 0; at < size; ++at) {
            data[at] = static_cast<char>(random.next());
            fixed[at] = plain_set.has(data[at]) && random.below(2) == 0 ? 0 : 0xff;
            text[at] = static_cast<char>(data[at] & fixed[at]);
        }
    }
    [[nodiscard]] bool agrees(const ShapeKernel& kernel) const {
        return kernel.agrees(data.data(), text.data(), fixed.data(), data.size());
    }
};

TEST(ShapeKernels, TheFirstRunsAnywhereAndComparesByteByByte) {
    ASSERT_TRUE(shape_kernels().front().runs_here());
    EXPECT_EQ(shape_kernels().front().agrees, agrees_portable);
}

TEST(ShapeKernels, EachFindsEveryByteThatIsWrongAndNoOther) {
    base::Prng random(20261123);
    for (const ShapeKernel& kernel : shape_kernels()) {
        if (!kernel.runs_here()) {
            continue;
        }
        for (std::size_t size = 64; size <= 300; ++size) {
            Sample sample(size, random);
            ASSERT_TRUE(sample.agrees(kernel)) << kernel.name << ", " << size;
            for (std::size_t at = 0; at < size; ++at) {
                const char right = sample.data[at];
                sample.data[at] = static_cast<char>(random.next());
                ASSERT_EQ(sample.agrees(kernel), sample.agrees(shape_kernels().front()))
                    << kernel.name << ", " << size << ", byte " << at;
                sample.data[at] = static_cast<char>(right ^ 1);
                ASSERT_EQ(sample.agrees(kernel), sample.agrees(shape_kernels().front()))
                    << kernel.name << ", " << size << ", byte " << at;
                sample.data[at] = right;
            }
        }
    }
}

TEST(ShapeKernels, EachKnowsEveryPlainByte) {
    for (const ShapeKernel& kernel : shape_kernels()) {
        for (int byte = 0; kernel.runs_here() && byte < 256; ++byte) {
            const std::vector<char> data(64, static_cast<char>(byte));
            const std::vector<char> text(64, 0);
            const std::vector<std::uint8_t> fixed(64, 0);
            EXPECT_EQ(kernel.agrees(data.data(), text.data(), fixed.data(), 64), plain_set.has(static_cast<char>(byte)))
                << kernel.name << ", " << byte;
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
