// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/copy_text.hpp"

#include <gtest/gtest.h>
#include <string>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

constexpr std::uint32_t sizes = 400;  // several steps of the widest copy, and every rest

std::string random_text(std::size_t size, base::Prng& random) {
    std::string text(size, '\0');
    for (char& byte : text) {
        byte = static_cast<char>(random.next());
    }
    return text;
}

TEST(CopyText, WritesEveryTextOfEveryLengthAndNothingAfterIt) {
    base::Prng random(20261124);
    for (std::uint32_t size = 0; size < sizes; ++size) {
        const std::string text = random_text(size, random);
        std::string out(size + 1, '?');
        EXPECT_EQ(copy_text(out.data(), text), out.data() + size);
        EXPECT_EQ(out, text + "?") << size;
    }
}

TEST(CopyText, RoundedWritesAndReadsNoMoreThanItsSlackBehind) {
    base::Prng random(20261124);
    for (std::uint32_t size = 1; size < sizes; ++size) {
        const std::string text = random_text(size + copy_slack, random);
        for (const auto copy : {copy_text_rounded, copy_long_text_rounded}) {
            std::string out(size + copy_slack + 1, '?');
            EXPECT_EQ(copy(out.data(), text.data(), size), out.data() + size);
            EXPECT_EQ(out.substr(0, size), text.substr(0, size)) << size;
            EXPECT_EQ(out.back(), '?') << size << ": wrote too far";
        }
    }
}

TEST(CopyText, EqualSeesADifferenceInEveryByteAndInTheLength) {
    base::Prng random(20261124);
    for (std::uint32_t size = 0; size < sizes; ++size) {
        const std::string text = random_text(size, random);
        std::string other = text;
        EXPECT_TRUE(equal_text(text, other)) << size;
        EXPECT_FALSE(equal_text(text, text + '\0')) << size;
        for (char& byte : other) {
            byte = static_cast<char>(byte ^ 1);
            EXPECT_FALSE(equal_text(text, other)) << size;
            byte = static_cast<char>(byte ^ 1);
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
