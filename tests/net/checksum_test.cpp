// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/checksum.hpp"

#include <gtest/gtest.h>

#include "regstorm/base/prng.hpp"
#include "wire.hpp"

namespace regstorm::net {
namespace {

wire::Bytes random_bytes(base::Prng& prng, std::size_t size) {
    wire::Bytes bytes(size, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(prng.below(256));
    }
    return bytes;
}

/// The folded sum as a number: sums are kept in memory order.
std::uint16_t sum_of(const char* data, std::size_t size) { return network_order(fold(sum_bytes(data, size))); }

TEST(Checksum, GivesTheExampleOfRfc1071) {
    const wire::Bytes bytes("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8);
    EXPECT_EQ(sum_of(bytes.data(), bytes.size()), 0xddf2);
}

TEST(Checksum, AgreesWithTheTextbookForEveryLengthAndAlignment) {
    const std::uint64_t seed = 1071;
    SCOPED_TRACE(seed);
    base::Prng prng(seed);
    for (std::size_t size = 0; size <= 700; ++size) {
        for (std::size_t offset = 0; offset < 4; ++offset) {
            const wire::Bytes bytes = random_bytes(prng, offset + size);
            ASSERT_EQ(sum_of(bytes.data() + offset, size), wire::slow_sum(bytes.substr(offset))) << size;
        }
    }
}

TEST(Checksum, CarriesOutOfTheLargestWords) {
    for (const std::size_t size : {1U, 2U, 3U, 16U, 63U, 65'535U}) {
        const wire::Bytes bytes(size, '\xff');
        EXPECT_EQ(sum_of(bytes.data(), size), wire::slow_sum(bytes)) << size;
    }
    EXPECT_EQ(fold(~std::uint64_t{0}), 0xffff);
    EXPECT_EQ(fold(0), 0);
    EXPECT_EQ(fold(0xffff0000ffff0001), 0x1);
    EXPECT_EQ(fold(0xfffffffffffffffe), 0xfffe);
}

TEST(Checksum, AddsUpFromPartsOfEvenLength) {
    base::Prng prng(3);
    const wire::Bytes bytes = random_bytes(prng, 333);
    for (std::size_t cut = 0; cut <= bytes.size(); cut += 2) {
        EXPECT_EQ(fold(sum_bytes(bytes.data(), cut) + sum_bytes(bytes.data() + cut, bytes.size() - cut)),
                  fold(sum_bytes(bytes.data(), bytes.size())));
    }
}

TEST(Checksum, IsPatchedAsIfComputedAnew) {
    const std::uint64_t seed = 1624;
    SCOPED_TRACE(seed);
    base::Prng prng(seed);
    for (int round = 0; round < 20'000; ++round) {
        wire::Bytes bytes = random_bytes(prng, 40);
        const std::size_t at = 2 * prng.below(20);
        const std::uint16_t before = checksum_of(sum_bytes(bytes.data(), bytes.size()));
        const std::uint16_t old_word = load_word(bytes.data() + at);
        const std::uint16_t corner[] = {0, 0xffff, old_word, static_cast<std::uint16_t>(prng.below(65'536))};
        const std::uint16_t new_word = corner[prng.below(4)];
        store_word(bytes.data() + at, new_word);
        ASSERT_EQ(patched_checksum(before, old_word, new_word), checksum_of(sum_bytes(bytes.data(), bytes.size())));
    }
}

/// RFC 1624 section 4: the case that RFC 1141 gets wrong.
TEST(Checksum, IsPatchedRightWhereRfc1141WasWrong) { EXPECT_EQ(patched_checksum(0xdd2f, 0x5555, 0x3285), 0x0000); }

}  // namespace
}  // namespace regstorm::net
