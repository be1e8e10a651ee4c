// SPDX-License-Identifier: Apache-2.0
// PAR-19: the fast parser and the reference give the same verdict and the same fields, on valid messages of every
// layout and on mutants of them. Every datagram stands against an unreadable page.
#include <gtest/gtest.h>

#include "guarded_datagram.hpp"
#include "message_facts.hpp"
#include "message_generator.hpp"

namespace regstorm::sip {
namespace {

constexpr std::uint64_t seed = 20240611;

class ParserDifferential : public testing::Test {
  protected:
    /// True when both parsers agree about `datagram`, read as either kind.
    void expect_agreement(const std::string& datagram) {
        for (const bool response : {true, false}) {
            const std::string expected = reference_facts(datagram, response);
            for (const auto guard : {GuardedDatagram::Guard::after, GuardedDatagram::Guard::before}) {
                const std::string_view placed = guarded_.place(datagram, guard);
                ASSERT_EQ(response ? facts_of_response(placed) : facts_of_request(placed), expected) << datagram;
            }
        }
    }

    GuardedDatagram guarded_;
};

TEST_F(ParserDifferential, PAR_19_AgreesOnValidMessagesOfEveryLayout) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MessageGenerator generator(seed);
    for (int i = 0; i < 20'000; ++i) {
        const bool response = i % 2 == 0;
        const std::string message = generator.message(response);
        ASSERT_EQ(reference::parse(message, response).error, ParseError::none) << message;
        expect_agreement(message);
        if (HasFatalFailure()) {
            return;
        }
    }
}

TEST_F(ParserDifferential, PAR_19_AgreesOnMutants) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MessageGenerator generator(seed + 1);
    std::string message = generator.message(true);
    int accepted = 0;
    for (int i = 0; i < 200'000; ++i) {
        const bool response = i % 8 < 4;
        std::string other = i % 4 == 0 ? message : "";
        if (i % 4 == 0) {
            message = generator.message(response);
        }
        const std::string mutant = generator.mutant(message, other);
        const std::string expected = reference_facts(mutant, response);
        const std::string_view placed = guarded_.place(mutant, GuardedDatagram::Guard::after);
        ASSERT_EQ(response ? facts_of_response(placed) : facts_of_request(placed), expected) << mutant;
        accepted += expected.starts_with("error none") ? 1 : 0;
    }
    // Mutants that are all refused, or none, would prove little.
    EXPECT_GT(accepted, 20'000);
    EXPECT_LT(accepted, 180'000);
}

TEST_F(ParserDifferential, PAR_18_AgreesOnMessagesCutAtEveryByte) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MessageGenerator generator(seed + 2);
    for (int i = 0; i < 40; ++i) {
        const std::string message = generator.message(i % 2 == 0);
        for (std::size_t size = 0; size <= message.size(); ++size) {
            expect_agreement(message.substr(0, size));
            if (HasFatalFailure()) {
                return;
            }
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
