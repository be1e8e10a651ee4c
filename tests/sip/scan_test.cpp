// SPDX-License-Identifier: Apache-2.0
// The SIMD masks against the portable ones, and no look outside the window.
#include "scan.hpp"

#include <gtest/gtest.h>
#include <string>

#include "byte_sets.hpp"
#include "guarded_datagram.hpp"
#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

template <const ByteSet& set>
void expect_masks_agree(const std::string& bytes) {
    for (std::size_t at = 0; at + 64 <= bytes.size(); ++at) {
        ASSERT_EQ(members_16<set>(&bytes[at]), members_16_portable<set>(&bytes[at])) << at;
        std::uint64_t expected = 0;
        for (std::size_t i = 0; i < 64; ++i) {
            expected |= std::uint64_t{set.has(bytes[at + i])} << i;
        }
        ASSERT_EQ(members_64<set>(&bytes[at]), expected) << at;
    }
}

TEST(Scan, EverySetFindsTheSameBytesWithSimdAndWithout) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
    }
    base::Prng prng(7);
    SCOPED_TRACE("seed 7");
    for (int i = 0; i < 1000; ++i) {
        bytes += static_cast<char>(prng.next());
    }
    expect_masks_agree<token_set>(bytes);
    expect_masks_agree<value_end_set>(bytes);
    expect_masks_agree<uri_end_set>(bytes);
    expect_masks_agree<name_end_set>(bytes);
    expect_masks_agree<quote_set>(bytes);
    expect_masks_agree<quote_or_comma_set>(bytes);
    expect_masks_agree<scheme_set>(bytes);
    expect_masks_agree<line_feed_set>(bytes);
}

TEST(Scan, FindAndMembersStayInsideTheWindow) {
    GuardedDatagram guarded;
    for (const auto guard : {GuardedDatagram::Guard::before, GuardedDatagram::Guard::after}) {
        for (std::size_t size = 64; size < 200; ++size) {
            std::string text(size, 'x');
            text[size - 1] = '\n';
            text[size / 2] = '\n';
            const std::string_view placed = guarded.place(text, guard);
            const Window window{placed.data(), placed.data() + size};
            for (std::size_t from = 0; from < size; ++from) {
                const std::size_t expected = from <= size / 2 ? size / 2 : size - 1;
                ASSERT_EQ(find<line_feed_set>(window, window.begin + from, window.end) - window.begin, expected);
                ASSERT_EQ((find<token_set, false>(window, window.begin + from, window.end) - window.begin), expected);
                Members<line_feed_set> members(window, window.begin + from);
                ASSERT_EQ(members.next() - window.begin, expected);
            }
            ASSERT_EQ(find<line_feed_set>(window, window.end, window.end), window.end);
            ASSERT_EQ(find<line_feed_set>(window, window.begin, window.begin + 3), window.begin + 3);
            Members<line_feed_set> none(window, window.end);
            ASSERT_EQ(none.next(), nullptr);
        }
    }
}

TEST(Scan, DigitsAreReadUpToTheBound) {
    const std::string padding(64, ' ');
    const auto read = [&](const std::string& digits, std::uint32_t largest, std::uint32_t& out) {
        const std::string text = padding + digits + "\r\n";
        const Window window{text.data(), text.data() + text.size()};
        const char* const end = read_digits(window, text.data() + 64, largest, out);
        return end == nullptr ? -1 : end - (text.data() + 64);
    };
    std::uint32_t value = 0;
    for (const std::uint32_t number : {0U, 7U, 10U, 12345678U, 123456789U, 4294967295U}) {
        const std::string text = std::to_string(number);
        EXPECT_EQ(read(text, 0xffffffff, value), static_cast<std::ptrdiff_t>(text.size()));
        EXPECT_EQ(value, number);
        EXPECT_EQ(read("000000000000000" + text + "x1", 0xffffffff, value),
                  static_cast<std::ptrdiff_t>(text.size() + 15));
        EXPECT_EQ(value, number);
    }
    for (const char* bad : {"", "x", "/", ":", "\xb1", "4294967296", "99999999999999999999999999"}) {
        EXPECT_EQ(read(bad, 0xffffffff, value), -1) << bad;
    }
    EXPECT_EQ(read("256", 255, value), -1);
    EXPECT_EQ(read("1\xb2", 255, value), 1);
}

}  // namespace
}  // namespace regstorm::sip
