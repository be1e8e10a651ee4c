// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/branch.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

std::string encode(BranchId id, std::uint64_t salt) {
    std::string text(branch_chars + 1, '?');
    EXPECT_EQ(encode_branch(text.data(), id, salt), text.data() + branch_chars);
    EXPECT_EQ(text.back(), '?') << "wrote too far";
    text.pop_back();
    return text;
}

BranchId random_id(base::Prng& prng) {
    return {static_cast<base::EndpointIndex>(prng.next()), static_cast<std::uint16_t>(prng.next()),
            static_cast<std::uint8_t>(prng.next()), static_cast<TransactionKind>(prng.below(branch_kind_max + 1u))};
}

std::string with_upper_case(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
}

TEST(Branch, SaysInHexWhatItsHeaderPictureShows) {
    const std::string text = encode({0x01234567, 0x89ab, 0xcd, TransactionKind::options}, 42);
    EXPECT_EQ(text.substr(0, 22), "z9hG4bKcd10123456789ab");
}

TEST(Branch, MSG_6_StartsWithTheMagicCookieAndIsAToken) {
    base::Prng prng(1);
    for (int i = 0; i < 1000; ++i) {
        const std::string text = encode(random_id(prng), prng.next());
        EXPECT_TRUE(text.starts_with("z9hG4bK"));
        EXPECT_EQ(text.find_first_not_of("0123456789abcdef", 7), std::string::npos) << text;
    }
}

TEST(Branch, MSG_6_IsAnotherOneForEveryTransaction) {
    std::set<std::string> seen;
    for (std::uint16_t generation = 0; generation < 100; ++generation) {
        for (base::EndpointIndex endpoint = 0; endpoint < 10; ++endpoint) {
            for (std::uint8_t worker = 0; worker < 4; ++worker) {
                seen.insert(encode({endpoint, generation, worker, TransactionKind::register_}, 7));
                seen.insert(encode({endpoint, generation, worker, TransactionKind::options}, 7));
            }
        }
    }
    EXPECT_EQ(seen.size(), 100u * 10 * 4 * 2);
}

TEST(Branch, MAT_1_MAT_4_ComesBackInEitherCase) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        const std::uint64_t salt = prng.next();
        const BranchId id = random_id(prng);
        const std::string text = encode(id, salt);
        BranchId back;
        ASSERT_TRUE(decode_branch(text, salt, back));
        ASSERT_EQ(back, id);
        BranchId from_upper;
        ASSERT_TRUE(decode_branch(with_upper_case(text), salt, from_upper));
        ASSERT_EQ(from_upper, id);
    }
}

TEST(Branch, RefusesEveryOtherCharacterAtEveryPlace) {
    base::Prng prng(3);
    const std::uint64_t salt = prng.next();
    for (int round = 0; round < 20; ++round) {
        const BranchId id = random_id(prng);
        const std::string good = encode(id, salt);
        for (std::size_t place = 0; place < good.size(); ++place) {
            for (int value = 0; value < 256; ++value) {
                std::string text = good;
                text[place] = static_cast<char>(value);
                const bool same = with_upper_case(text) == with_upper_case(good);
                BranchId back;
                ASSERT_EQ(decode_branch(text, salt, back), same) << text << " from " << good;
            }
        }
    }
}

TEST(Branch, RefusesEveryTruncationAndEveryTail) {
    const std::string good = encode({1, 2, 3, TransactionKind::register_}, 5);
    BranchId back;
    for (std::size_t size = 0; size < good.size(); ++size) {
        // A copy of its own size, so that a sanitizer sees a read behind it.
        const std::string text(good.data(), size);
        EXPECT_FALSE(decode_branch(text, 5, back)) << size;
    }
    EXPECT_FALSE(decode_branch(good + "0", 5, back));
    EXPECT_FALSE(decode_branch(good + ";", 5, back));
}

TEST(Branch, RefusesABranchOfAnotherRun) {
    base::Prng prng(11);
    int accepted = 0;
    for (int i = 0; i < 100'000; ++i) {
        BranchId back;
        accepted += decode_branch(encode(random_id(prng), prng.next()), prng.next(), back) ? 1 : 0;
    }
    EXPECT_LE(accepted, 2);  // 0.1 expected
}

TEST(Branch, LetsAboutOneForgeryInAMillionPass) {
    base::Prng prng(13);
    const std::uint64_t salt = prng.next();
    int accepted = 0;
    constexpr int forgeries = 1 << 23;
    for (int i = 0; i < forgeries; ++i) {
        char text[branch_chars];
        encode_branch(text, random_id(prng), 0);
        const std::uint32_t guess = static_cast<std::uint32_t>(prng.next());
        char digits[8];
        write_hex8(digits, guess);
        std::memcpy(text + 22, digits, 5);
        BranchId back;
        accepted += decode_branch({text, sizeof text}, salt, back) ? 1 : 0;
    }
    EXPECT_LE(accepted, 24);  // 8 expected
}

TEST(Branch, RefusesAKindThatDoesNotExistEvenWithAGoodCheck) {
    BranchId id{5, 6, 7, static_cast<TransactionKind>(branch_kind_max + 1)};
    BranchId back;
    EXPECT_FALSE(decode_branch(encode(id, 9), 9, back));
}

TEST(Hex, ReadsExactlyTheDigits) {
    for (int place = 0; place < 8; ++place) {
        for (int value = 0; value < 256; ++value) {
            std::string text = "12aBcDeF";
            text[static_cast<std::size_t>(place)] = static_cast<char>(value);
            std::uint32_t read = 0;
            const bool digit = std::isxdigit(value) != 0;
            ASSERT_EQ(read_hex8(text.data(), read), digit) << place << " " << value;
            if (digit) {
                ASSERT_EQ(read, std::stoul(text, nullptr, 16));
            }
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
