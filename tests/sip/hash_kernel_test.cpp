// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

#include "oracle.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/sip/hash.hpp"
#include "regstorm/sip/hash_steps.hpp"
#include "wide_lanes.hpp"

namespace regstorm::sip {
namespace {

struct Function {
    DigestAlgorithm algorithm;
    const std::uint32_t* initial;
    std::uint32_t words;
    bool big_endian;
};
constexpr Function md5{DigestAlgorithm::md5, md5_initial, 4, false};
constexpr Function sha256{DigestAlgorithm::sha256, sha256_initial, 8, true};

std::vector<std::uint8_t> padded(const std::string& text, bool big_endian) {
    std::vector<std::uint8_t> message(text.begin(), text.end());
    message.push_back(0x80);
    while (message.size() % 64 != 56) {
        message.push_back(0);
    }
    for (std::size_t i = 0; i < 8; ++i) {
        message.push_back(static_cast<std::uint8_t>(text.size() * 8 >> (big_endian ? 56 - 8 * i : 8 * i)));
    }
    return message;
}

/// What `kernel` makes of `texts`, one per lane, all of the same size, when they start `misalignment` bytes off.
std::vector<std::string> run(const HashKernel& kernel, const Function& function, const std::vector<std::string>& texts,
                             std::size_t misalignment) {
    std::vector<std::uint8_t> memory(misalignment);
    for (const std::string& text : texts) {
        const std::vector<std::uint8_t> message = padded(text, function.big_endian);
        memory.insert(memory.end(), message.begin(), message.end());
    }
    const std::size_t blocks = padded(texts[0], false).size() / 64;
    std::vector<std::uint32_t> state;
    for (std::uint32_t word = 0; word < function.words; ++word) {
        state.insert(state.end(), kernel.lanes, function.initial[word]);
    }
    kernel.run(state.data(), memory.data() + misalignment, static_cast<std::uint32_t>(blocks));
    std::vector<std::string> digests;
    for (std::uint32_t lane = 0; lane < kernel.lanes; ++lane) {
        std::string digest;
        for (std::uint32_t word = 0; word < function.words; ++word) {
            const std::uint32_t value = state[word * kernel.lanes + lane];
            for (std::uint32_t byte = 0; byte < 4; ++byte) {
                digest += static_cast<char>(value >> (function.big_endian ? 24 - 8 * byte : 8 * byte));
            }
        }
        digests.push_back(digest);
    }
    return digests;
}

void check_lengths(const HashKernel& kernel, const Function& function) {
    base::Prng prng(1);
    for (std::size_t length = 0; length <= 300; ++length) {
        std::vector<std::string> texts(kernel.lanes, std::string(length, '\0'));
        for (std::string& text : texts) {
            for (char& c : text) {
                c = static_cast<char>(prng.next());
            }
        }
        const std::vector<std::string> digests = run(kernel, function, texts, length % 64);
        for (std::uint32_t lane = 0; lane < kernel.lanes; ++lane) {
            ASSERT_EQ(oracle::hex(digests[lane]), oracle::hex_hash(function.algorithm, texts[lane]))
                << kernel.name << ", lane " << lane << ", " << length << " bytes";
        }
    }
}

void check_continues(const HashKernel& kernel, const Function& function) {
    const std::vector<std::uint8_t> message = padded(std::string(150, 'x'), function.big_endian);
    std::vector<std::uint32_t> state;
    for (std::uint32_t word = 0; word < function.words; ++word) {
        state.insert(state.end(), kernel.lanes, function.initial[word]);
    }
    for (std::size_t block = 0; block < message.size(); block += 64) {
        std::vector<std::uint8_t> lanes;
        for (std::uint32_t lane = 0; lane < kernel.lanes; ++lane) {
            lanes.insert(lanes.end(), &message[block], &message[block] + 64);
        }
        kernel.run(state.data(), lanes.data(), 1);
    }
    const std::vector<std::string> whole =
        run(kernel, function, std::vector<std::string>(kernel.lanes, std::string(150, 'x')), 0);
    const std::uint32_t first = function.big_endian ? __builtin_bswap32(state[0]) : state[0];
    EXPECT_EQ(std::memcmp(&first, whole[0].data(), sizeof first), 0) << kernel.name;
}

struct Case {
    const HashKernel* kernel;
    const Function* function;
};

/// Every kernel that this machine has. The widest lanes are checked as md5_wide and sha256_wide on any machine: the
/// same source as the AVX-512 kernel, in narrower instructions.
std::vector<Case> kernels_of_this_machine() {
    std::vector<Case> cases;
    for (const HashKernel& kernel : md5_kernels()) {
        cases.push_back({&kernel, &md5});
    }
    for (const HashKernel& kernel : sha256_kernels()) {
        cases.push_back({&kernel, &sha256});
    }
    cases.push_back({&md5_wide, &md5});
    cases.push_back({&sha256_wide, &sha256});
    std::erase_if(cases, [](const Case& one) { return !one.kernel->runs_here(); });
    return cases;
}

class EachHashKernel : public testing::TestWithParam<Case> {};

TEST_P(EachHashKernel, AgreesWithOpensslOnEveryLengthUpTo300AtEveryAlignment) {
    check_lengths(*GetParam().kernel, *GetParam().function);
}

TEST_P(EachHashKernel, ContinuesFromTheStateItLeft) { check_continues(*GetParam().kernel, *GetParam().function); }

INSTANTIATE_TEST_SUITE_P(Digest, EachHashKernel, testing::ValuesIn(kernels_of_this_machine()), [](const auto& one) {
    std::string name = one.param.function == &md5 ? "md5_" : "sha256_";
    for (const char c : one.param.kernel->name) {
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
});

TEST(BestKernels, AreOnesThatThisMachineRuns) {
    const HashKernels& best = best_kernels();
    for (const HashKernel* kernel : {best.md5_one, best.md5_many, best.sha256_one, best.sha256_many}) {
        ASSERT_NE(kernel, nullptr);
        EXPECT_TRUE(kernel->runs_here()) << kernel->name;
        EXPECT_LE(kernel->lanes, hash_lanes_max);
    }
    EXPECT_EQ(best.md5_one->lanes, 1u);
    EXPECT_EQ(best.sha256_one->lanes, 1u);
    EXPECT_GT(best.md5_many->lanes, 1u);
    EXPECT_GT(best.sha256_many->lanes, 1u);
    EXPECT_EQ(digest_kernel(), best.md5_many->name);
}

}  // namespace
}  // namespace regstorm::sip
