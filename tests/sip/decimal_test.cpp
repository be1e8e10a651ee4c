// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/decimal.hpp"

#include <gtest/gtest.h>
#include <string>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

std::string written(std::uint32_t value) {
    std::string text(decimal_chars_max + 1, '?');
    const char* const end = write_decimal_rounded(text.data(), value);
    EXPECT_EQ(text.back(), '?') << "wrote too far";
    text.resize(static_cast<std::size_t>(end - text.data()));
    return text;
}

TEST(Decimal, WritesEveryNumberBelowTenThousandAndAroundEveryPowerOfTen) {
    for (std::uint32_t value = 0; value < 10'000; ++value) {
        ASSERT_EQ(written(value), std::to_string(value));
        ASSERT_EQ(written(value * 10'000), std::to_string(value * 10'000));
    }
    for (std::uint64_t power = 10; power <= 1'000'000'000; power *= 10) {
        for (std::uint64_t value = power - 2; value < power + 3; ++value) {
            ASSERT_EQ(written(static_cast<std::uint32_t>(value)), std::to_string(value));
        }
    }
    EXPECT_EQ(written(0xffff'ffff), "4294967295");
}

TEST(Decimal, WritesRandomNumbersOfEveryLength) {
    base::Prng prng(1);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint32_t value = static_cast<std::uint32_t>(prng.next() >> (32 + prng.below(32)));
        ASSERT_EQ(written(value), std::to_string(value));
    }
}

}  // namespace
}  // namespace regstorm::sip
