// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

#include "regstorm/sip/request_template.hpp"

namespace regstorm::sip {
namespace {

std::string numbered(std::string_view pattern, std::uint32_t number) {
    const NumberedText text(pattern);
    std::string out(text.chars_max() + 1, '?');
    const char* const end = text.write(out.data(), number);
    EXPECT_LE(end, out.data() + text.chars_max());
    EXPECT_EQ(out.back(), '?') << "wrote too far";
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
}

TEST(NumberedText, WritesTheNumberWhereThePatternSays) {
    EXPECT_EQ(numbered("user%06d", 42), "user000042");
    EXPECT_EQ(numbered("user%d", 0), "user0");
    EXPECT_EQ(numbered("%010d", 0xffff'ffff), "4294967295");
    EXPECT_EQ(numbered("%02d", 1234), "1234");
    EXPECT_EQ(numbered("a-very-long-name-before-%03d-and-a-long-one-behind", 7),
              "a-very-long-name-before-007-and-a-long-one-behind");
    EXPECT_EQ(numbered("100%%-%d%%", 5), "100%-5%");
    EXPECT_EQ(numbered("alice", 5), "alice");
    EXPECT_EQ(numbered("", 5), "");
    EXPECT_TRUE(NumberedText("u%d").numbered());
    EXPECT_FALSE(NumberedText("alice%%").numbered());
    EXPECT_FALSE(NumberedText().numbered());
    EXPECT_EQ(NumberedText().chars_max(), 0u);
}

TEST(NumberedText, PadsNumbersOfEveryLengthToEveryWidth) {
    for (std::uint64_t power = 1; power <= 1'000'000'000; power *= 10) {
        for (const std::uint64_t number : {power - 1, power, power * 4 + 3}) {
            const std::string plain = std::to_string(number);
            EXPECT_EQ(numbered("%d", static_cast<std::uint32_t>(number)), plain);
            for (std::size_t width = 1; width <= 10; ++width) {
                const std::string zeros(width > plain.size() ? width - plain.size() : 0, '0');
                EXPECT_EQ(numbered("u%0" + std::to_string(width) + "d", static_cast<std::uint32_t>(number)),
                          "u" + zeros + plain);
            }
        }
    }
}

TEST(NumberedText, KnowsAtTheBeginningOfATextWhatItWroteAndNothingElse) {
    for (const char* const pattern : {"user%06d", "%d", "a-%010d-b", "%02d%%", "a-%08d-and-behind", "alice"}) {
        const NumberedText text(pattern);
        for (const std::uint32_t number : {0U, 7U, 42U, 123'456U, 99'999'999U, 100'000'000U, 0xffff'ffffU}) {
            const std::string wrote = numbered(pattern, number);
            for (const char* const after : {"", "@", "@198.18.0.1:5060"}) {
                std::string all = wrote + after;
                ASSERT_EQ(text.begins(all, number), wrote.size()) << all;
                ASSERT_EQ(text.begins(all.substr(0, wrote.size() - 1), number), 0u) << all;
                for (std::size_t i = 0; i < wrote.size(); ++i) {
                    all[i] = static_cast<char>(all[i] ^ 1);
                    ASSERT_EQ(text.begins(all, number), 0u) << all;
                    all[i] = static_cast<char>(all[i] ^ 1);
                }
            }
        }
    }
}

TEST(NumberedText, ReadsBackTheNumberThatItWroteAndNothingElse) {
    std::uint32_t number = 0;
    for (const char* const pattern : {"user%06d", "%d", "a-%010d-b", "%02d%%"}) {
        for (const std::uint32_t wrote : {0U, 7U, 42U, 123'456U, 1'234'567U, 0xffff'ffffU}) {
            EXPECT_TRUE(NumberedText(pattern).reads(numbered(pattern, wrote), number)) << pattern << " " << wrote;
            EXPECT_EQ(number, wrote) << pattern;
        }
    }
    for (const char* const text : {"user00004", "user0000042", "user-00042", "user00004x", "usex000042", "user", "",
                                   "user000042b", "user4294967296", "user000000000042"}) {
        EXPECT_FALSE(NumberedText("user%06d").reads(text, number)) << text;
    }
    EXPECT_TRUE(NumberedText("alice").reads("alice", number));
    EXPECT_FALSE(NumberedText("alice").reads("alice1", number));
}

TEST(NumberedText, RefusesOtherPatternsWithASentence) {
    for (const char* pattern :
         {"%", "%s", "%6d", "%0d", "%00d", "%011d", "%099999999999d", "%d%d", "%d-%03d", "a%", "%06", "%0", "%-3d"}) {
        try {
            const NumberedText text(pattern);
            ADD_FAILURE() << pattern << " was taken";
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string(error.what()).find(pattern), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
