// SPDX-License-Identifier: Apache-2.0
// Whatever was seen before, an answer that is told by comparison has the very result of the parser: for every byte
// changed to every other, for mutants, and for runs of answers that only differ in their values.
#include "regstorm/sip/answer_shapes.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "message_facts.hpp"
#include "message_generator.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/sip/challenge_shapes.hpp"
#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

/// An answer to the phone `number`, with a status line and rows of the registrar's own.
std::string answer(const std::string& status, std::uint32_t number, const std::string& rows) {
    const std::string digits = std::to_string(1'000'000 + number % 1'000'000);
    return "SIP/2.0 " + status + "\r\nVia: SIP/2.0/UDP 198.18.0.17:5060;branch=z9hG4bK0000" + digits +
           "00ab10a7b3;rport=50" + digits.substr(4, 2) + ";received=198.18.0.17\r\nFrom: <sip:user" + digits +
           "@registrar.example>;tag=5f" + digits + "\r\nTo: <sip:user" + digits + "@registrar.example>;tag=b27e1a6a." +
           digits + "\r\nCall-ID: 9b1c4f02" + digits + "\r\nCSeq: 100" + digits + " REGISTER\r\n" + rows +
           "Server: kamailio (5.6.3 (x86_64/linux))\r\nContent-Length: 0\r\n\r\n";
}

std::string ok(std::uint32_t number) {
    const std::string digits = std::to_string(1'000'000 + number % 1'000'000);
    return answer("200 OK", number,
                  "Contact: <sip:user" + digits + "@198.18.0.17:5060>;expires=" + digits.substr(3) + "\r\n");
}

std::string unauthorized(std::uint32_t number) {
    return answer("401 Unauthorized", number,
                  "WWW-Authenticate: Digest realm=\"registrar.example\", nonce=\"YwY6+mMGOW5i/0p" +
                      std::to_string(1'000'000 + number) + "=\", qop=\"auth\", algorithm=MD5\r\n");
}

std::string with_next_nonce(std::uint32_t number) {
    return answer("200 OK", number,
                  "Authentication-Info: nextnonce=\"Zx" + std::to_string(1'000'000 + number) + "\", qop=auth\r\n");
}

std::vector<std::string> usual_answers() {
    return {ok(7),
            unauthorized(7),
            with_next_nonce(7),
            answer("403 Forbidden", 7, ""),
            answer("423 Interval Too Brief", 7, "Min-Expires: 120\r\n"),
            answer("503 Service Unavailable", 7, "Retry-After: 20\r\n"),
            answer("200 OK", 7,
                   "Contact: <sip:user1000007@198.18.0.17:5060>;expires=60, <sip:other@198.18.0.18>;expires=9\r\n")};
}

/// Told by comparison, not parsed.
bool told(const Response& response) { return response.shape != 0; }

TEST(AnswerShapes, AnswersThatDifferInTheirValuesOnlyAreToldByComparison) {
    for (const auto make : {ok, unauthorized, with_next_nonce}) {
        AnswerShapes shapes;
        Response response;
        base::Prng prng(11);
        for (std::uint32_t i = 0; i < 1000; ++i) {
            const std::string datagram = make(static_cast<std::uint32_t>(prng.below(1'000'000)));
            ASSERT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram)) << datagram;
            ASSERT_EQ(told(response), i > 0) << datagram;
        }
    }
}

TEST(AnswerShapes, AnyByteChangedToAnyOtherHasTheResultOfTheParser) {
    for (const std::string& sample : usual_answers()) {
        const auto shapes = std::make_unique<AnswerShapes>();
        Response response;
        ASSERT_EQ(shapes->parse(sample, response), ParseError::none);
        ASSERT_EQ(shapes->parse(sample, response), ParseError::none);
        ASSERT_TRUE(told(response));
        for (std::size_t at = 0; at < sample.size(); ++at) {
            std::string datagram = sample;
            for (int byte = 0; byte < 256; ++byte) {
                datagram[at] = static_cast<char>(byte);
                ASSERT_EQ(facts_of_alike(*shapes, datagram, response), facts_of_response(datagram)) << datagram;
            }
        }
    }
}

TEST(AnswerShapes, MutantsOfWhatWasSeenHaveTheResultOfTheParser) {
    constexpr std::uint64_t seed = 20261122;
    MessageGenerator generator(seed);
    AnswerShapes shapes;
    Response response;
    base::Prng prng(seed);
    std::string message;
    for (int i = 0; i < 200'000; ++i) {
        if (i % 50 == 0) {
            const std::vector<std::string> usual = usual_answers();
            message = i % 100 == 0 ? generator.message(true) : usual[prng.below(usual.size())];
            static_cast<void>(shapes.parse(message, response));
        }
        std::string datagram = message;
        for (std::uint64_t changes = prng.below(4); changes > 0; --changes) {
            // Of the same length, or it would be parsed in any case.
            datagram[prng.below(datagram.size())] = "aZ09.-=;,\"@<>\r\n :%"[prng.below(18)];
        }
        ASSERT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram)) << "seed " << seed << "\n"
                                                                                           << datagram;
    }
}

TEST(AnswerShapes, WhatOnlyLooksLikeANumberOfTheAnswerIsNotReadAsOne) {
    const std::string rows = "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\n";
    const auto via = [](const std::string& parameters) {
        return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h:5060;branch=z9hG4bKx" + parameters + "\r\n";
    };
    const std::string cseq = "CSeq: 7 REGISTER\r\n\r\n";
    for (const std::string& datagram :
         {via("") + rows + "CSeq:7 REGISTER\r\n\r\nCSeq: 9 x", via(";RPORT=5060;rport=5061") + rows + cseq,
          via(";rport =5060;rport=5061") + rows + cseq, via(";rport=50x;RPORT=60") + rows + cseq,
          via(";x=\";rport=7\";rport=5061") + rows + cseq, via(";rport=70000;rport=5061") + rows + cseq}) {
        AnswerShapes shapes;
        Response response;
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram)) << datagram;
        }
    }
}

TEST(AnswerShapes, AContactOfAnotherSchemeKeepsItsScheme) {
    const auto make = [](const std::string& scheme) {
        return answer("200 OK", 7, "Contact: <" + scheme + "://x>;expires=60\r\n");
    };
    AnswerShapes shapes;
    Response response;
    for (const std::string& datagram : {make("https"), make("https"), make("http_")}) {
        EXPECT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram)) << datagram;
    }
}

TEST(AnswerShapes, NothingIsAlikeBeforeAnythingWasSeen) {
    AnswerShapes shapes;
    Response response;
    for (const std::string& datagram : {std::string(), std::string("S"), std::string(64, 'x')}) {
        EXPECT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram));
    }
}

TEST(AnswerShapes, NumbersThatDoNotFitAreRefusedAsByTheParser) {
    const std::string sample = ok(7);
    const std::size_t cseq = sample.find("CSeq: ") + 6;
    const std::size_t rport = sample.find("rport=") + 6;
    for (const auto& [at, text] :
         {std::pair(cseq, "4294967295"), std::pair(cseq, "2147483648"), std::pair(cseq, "2147483647"),
          std::pair(cseq, "00000000000"), std::pair(rport, "0000"), std::pair(rport, "9x99")}) {
        AnswerShapes shapes;
        Response response;
        ASSERT_EQ(shapes.parse(sample, response), ParseError::none);
        std::string datagram = sample;
        datagram.replace(at, std::string(text).size(), text);
        EXPECT_EQ(facts_of_alike(shapes, datagram, response), facts_of_response(datagram)) << text;
    }
}

TEST(AnswerShapes, ARegistrarThatChangesItsAnswersIsFollowed) {
    AnswerShapes shapes;
    Response response;
    const auto other = [](std::uint32_t number) {
        std::string datagram = ok(number);
        return datagram.replace(datagram.find("kamailio (5.6.3"), 15, "kamailio (5.7.0");
    };
    for (std::uint32_t i = 0; i < 20; ++i) {
        static_cast<void>(shapes.parse(ok(i), response));
    }
    std::uint32_t parsed = 0;
    for (std::uint32_t i = 0; i < 20; ++i) {
        ASSERT_EQ(shapes.parse(other(i), response), ParseError::none);
        parsed += told(response) ? 0 : 1;
    }
    EXPECT_GE(parsed, 1U);
    EXPECT_LE(parsed, 6U) << "trust runs out, then the new form is the shape";
}

TEST(AnswerShapes, TheSoleContactReadAlongDecidesTheGrant) {
    AnswerShapes shapes;
    Response response;
    for (const std::uint32_t number : {7U, 1234U}) {
        const std::string datagram = ok(number);
        ASSERT_EQ(shapes.parse(datagram, response), ParseError::none);
        const std::string own = "sip:user" + std::to_string(1'000'000 + number) + "@198.18.0.17:5060";
        const GrantedExpiry granted = granted_expiry(response, own, {}, 600);
        EXPECT_EQ(granted.source, Granted::by_contact);
        EXPECT_EQ(granted.expires_s, number);
        EXPECT_EQ(granted_expiry(response, "sip:other@198.18.0.17:5060", {}, 600).source, Granted::by_contact)
            << "a lone contact is ours";
    }
}

TEST(ChallengeShapes, ChallengesAreThoseOfTheAnswerInHand) {
    AnswerShapes shapes;
    ChallengeShapes challenges;
    Response response;
    base::Prng prng(5);
    std::array<Challenge, realms_max> fast;
    std::array<Challenge, realms_max> slow;
    const std::string sample = unauthorized(7);
    static_cast<void>(shapes.parse(sample, response));
    for (int i = 0; i < 50'000; ++i) {
        std::string datagram = unauthorized(static_cast<std::uint32_t>(prng.below(1'000'000)));
        if (i % 2 == 1) {
            datagram[prng.below(datagram.size())] = "aZ09=,\" \\"[prng.below(9)];
        }
        if (shapes.parse(datagram, response) != ParseError::none) {
            continue;
        }
        const std::uint32_t count = challenges.select(response, fast);
        ASSERT_EQ(count, select_challenges(response, slow)) << datagram;
        for (std::uint32_t at = 0; at < count; ++at) {
            ASSERT_EQ(fast[at].realm, slow[at].realm) << datagram;
            ASSERT_EQ(fast[at].nonce, slow[at].nonce) << datagram;
            ASSERT_EQ(fast[at].opaque, slow[at].opaque) << datagram;
            ASSERT_EQ(fast[at].algorithm, slow[at].algorithm) << datagram;
            ASSERT_EQ(fast[at].qop, slow[at].qop) << datagram;
            ASSERT_EQ(fast[at].stale, slow[at].stale) << datagram;
        }
    }
}

TEST(ChallengeShapes, AQuotedTextThatLooksLikeANonceHidesNothing) {
    // The bytes between the quotes of this "nonce" are parameters: they must not count as values that may differ.
    const auto make = [](const std::string& algorithm) {
        return answer("401 Unauthorized", 7,
                      "WWW-Authenticate: Digest realm=\"nonce=\", algorithm=" + algorithm + ", nonce=\"abc\"\r\n");
    };
    AnswerShapes shapes;
    ChallengeShapes challenges;
    Response response;
    std::array<Challenge, realms_max> out;
    const std::string known = make("MD5");
    const std::string unknown = make("XD5");
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(shapes.parse(known, response), ParseError::none);
        ASSERT_EQ(challenges.select(response, out), 1U);
    }
    ASSERT_EQ(shapes.parse(unknown, response), ParseError::none);
    EXPECT_EQ(challenges.select(response, out), 0U) << "an algorithm that nobody knows";
}

}  // namespace
}  // namespace regstorm::sip
