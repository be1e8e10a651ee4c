// SPDX-License-Identifier: Apache-2.0
// Whatever was seen before, a request that is told by comparison has the very result of the parser, the very
// credentials, and the very answer: for every byte changed to every other, for mutants, and for runs of requests that
// only differ in their values.
#include "regstorm/sip/request_shapes.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "message_facts.hpp"
#include "message_generator.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/sip/hex.hpp"

namespace regstorm::sip {
namespace {

std::string hex(std::uint64_t value) {
    std::string text(16, '0');
    write_hex16(text.data(), base::mix64(value));
    return text;
}

/// A REGISTER of the phone `number`, with rows of its own.
std::string request(std::uint32_t number, const std::string& rows, const std::string& contact_end = "") {
    const std::string user = "user" + std::to_string(1'000'000 + number % 1'000'000);
    return "REGISTER sip:registrar.example SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.17:50" + user.substr(9) +
           ";branch=z9hG4bK" + hex(number) + ";rport\r\nFrom: <sip:" + user +
           "@registrar.example>;tag=" + hex(number).substr(8) + "\r\nTo: <sip:" + user +
           "@registrar.example>\r\nCall-ID: " + hex(number + 1) + "\r\nCSeq: 100" + user.substr(8) +
           " REGISTER\r\nContact: <sip:" + user + "@198.18.0.17:50" + user.substr(9) + ">" + contact_end + "\r\n" +
           rows + "Expires: 3600\r\nContent-Length: 0\r\n\r\n";
}

std::string instance(std::uint32_t number) {
    return ";+sip.instance=\"<urn:uuid:" + hex(number).substr(0, 8) + "-1111-4222-8333-" + hex(number).substr(4) + "\"";
}

std::string plain(std::uint32_t number) {
    return request(number,
                   "Max-Forwards: 70\r\nUser-Agent: Grandstream GSC3505 1.0 000b82" + hex(number).substr(10) +
                       "\r\nMAC: 000b82" + hex(number).substr(10) + "\r\n",
                   instance(number) + ";reg-id=1");
}

/// With credentials, as phones write them; `first` stands before the nonce, `last` at the end.
std::string authorized(std::uint32_t number, const std::string& first = "", const std::string& last = "") {
    const std::string user = "user" + std::to_string(1'000'000 + number % 1'000'000);
    return request(number, "Authorization: Digest username=\"" + user + "\", realm=\"registrar.example\", " + first +
                               "nonce=\"" + hex(number + 2) + "\", uri=\"sip:registrar.example\", response=\"" +
                               hex(number + 3) + hex(number + 4) + "\", algorithm=MD5" + last + "\r\n");
}

std::string with_qop(std::uint32_t number) {
    return authorized(number, "", ", cnonce=\"" + hex(number + 5) + "\", qop=auth, nc=" + hex(number + 6).substr(8));
}
std::string with_cnonce_first(std::uint32_t number) {
    return authorized(number, "cnonce=\"" + hex(number + 5) + "\", opaque=\"o\", ",
                      ", qop=\"auth\", nc=\"" + hex(number + 6).substr(8) + "\"");
}
std::string unregister(std::uint32_t number) { return request(number, "", ";expires=0"); }

std::vector<std::string> usual_requests() {
    return {plain(7),
            authorized(7),
            with_qop(7),
            with_cnonce_first(7),
            unregister(7),
            request(7, "Contact: <sip:other@198.18.0.18>;expires=9\r\n"),
            request(7, "Proxy-Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\"\r\nUser-Agent: x\n y\r\n"),
            request(7, "User-Agent: x\nMAC: y\r\n")};
}

/// Told by comparison, not parsed.
bool told(const Request& request) { return request.shape != 0; }

TEST(RequestShapes, RequestsThatDifferInTheirValuesOnlyAreToldByComparison) {
    for (const auto make : {plain, with_qop, with_cnonce_first, unregister}) {
        RequestShapes shapes;
        Request request;
        base::Prng prng(11);
        for (std::uint32_t i = 0; i < 1000; ++i) {
            const std::string datagram = make(static_cast<std::uint32_t>(prng.below(1'000'000)));
            ASSERT_EQ(facts_of_alike(shapes, datagram, request), facts_of_request(datagram)) << datagram;
            ASSERT_EQ(told(request), i > 0) << datagram;
            ASSERT_EQ(request.bare_rport.present() && request.sole_contact_uri.present(), i > 0) << datagram;
        }
    }
}

TEST(RequestShapes, LengthsBesideOneAnotherHaveAShapeEach) {
    RequestShapes shapes;
    Request request;
    const std::vector<std::string> all = {plain(7), authorized(7), with_qop(7), with_cnonce_first(7), unregister(7)};
    for (int round = 0; round < 3; ++round) {
        for (const std::string& datagram : all) {
            ASSERT_EQ(facts_of_alike(shapes, datagram, request), facts_of_request(datagram)) << datagram;
            EXPECT_EQ(told(request), round > 0) << datagram;
        }
    }
}

TEST(RequestShapes, ALengthThatComesOftenOutlivesManyThatComeOnce) {
    const auto of_length = [](std::size_t extra) {
        return request(7, "X-Pad: " + std::string(1 + extra, 'x') + "\r\n");
    };
    RequestShapes shapes;
    Request request;
    const auto ask = [&](const std::string& datagram) {
        EXPECT_EQ(facts_of_alike(shapes, datagram, request), facts_of_request(datagram)) << datagram;
        return told(request);
    };
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(ask(of_length(0)), i > 0);
    }
    std::size_t extra = 1;
    for (; extra < 48; ++extra) {  // twice and more than there are places
        EXPECT_FALSE(ask(of_length(extra)));
    }
    EXPECT_TRUE(ask(of_length(0)));
    for (; ask(of_length(0)); extra += 64) {  // but not for ever
        for (std::size_t i = 0; i < 64; ++i) {
            static_cast<void>(ask(of_length(1 + (extra + i) % 300)));
        }
        ASSERT_LT(extra, 2000U);
    }
}

/// Every byte that means something in a message, and some of each sort of the others. (That the kernels tell each of
/// all 256 right is ShapeKernels' part.)
constexpr char telling_bytes[] = "\t\n\r !\"%&'()*+,-./019:;<=>?@AFZ[\\]_afgz{|}~\x7f\x80\xff";

TEST(RequestShapes, AnyByteChangedToAnyTellingOneHasTheResultOfTheParser) {
    for (const std::string& sample : usual_requests()) {
        const auto shapes = std::make_unique<RequestShapes>();
        Request request;
        ASSERT_EQ(shapes->parse(sample, request), ParseError::none);
        ASSERT_EQ(shapes->parse(sample, request), ParseError::none);
        ASSERT_TRUE(told(request));
        for (std::size_t at = 0; at < sample.size(); ++at) {
            std::string datagram = sample;
            for (const char byte : telling_bytes) {  // the 0 at its end too
                datagram[at] = byte;
                ASSERT_EQ(facts_of_alike(*shapes, datagram, request), facts_of_request(datagram)) << datagram;
            }
        }
    }
}

TEST(RequestShapes, MutantsOfWhatWasSeenHaveTheResultOfTheParser) {
    constexpr std::uint64_t mutant_seed = 20261123;
    MessageGenerator generator(mutant_seed);
    RequestShapes shapes;
    Request request;
    base::Prng prng(mutant_seed);
    const std::vector<std::string> usual = usual_requests();
    std::string message;
    for (int i = 0; i < 100'000; ++i) {
        if (i % 50 == 0) {
            message = i % 100 == 0 ? generator.message(false) : usual[prng.below(usual.size())];
            static_cast<void>(shapes.parse(message, request));
        }
        std::string datagram = message;
        for (std::uint64_t changes = prng.below(4); changes > 0; --changes) {
            // Of the same length, or it would be parsed in any case.
            datagram[prng.below(datagram.size())] = "aZ09.-=;,\"@<>\r\n :%"[prng.below(18)];
        }
        ASSERT_EQ(facts_of_alike(shapes, datagram, request), facts_of_request(datagram))
            << "seed " << mutant_seed << "\n"
            << datagram;
    }
}

TEST(RequestShapes, ARowThatEndsInALoneLineFeedFreesNothingBehindIt) {
    const std::string sample = request(7, "User-Agent: x\nX-Expires: y\r\n");
    std::string other = sample;
    other.replace(other.find("X-Expires"), 9, "zzExpires");
    RequestShapes shapes;
    Request request;
    for (const std::string& datagram : {sample, sample, other}) {
        EXPECT_EQ(facts_of_alike(shapes, datagram, request), facts_of_request(datagram));
    }
    EXPECT_FALSE(told(request));
}

TEST(RequestShapes, CredentialsOfAnotherShapesReaderAreParsed) {
    RequestShapes one;
    RequestShapes another;
    Request request;
    const std::string datagram = with_qop(7);
    ASSERT_EQ(one.parse(datagram, request), ParseError::none);
    ASSERT_EQ(one.parse(datagram, request), ParseError::none);
    Credentials credentials;
    EXPECT_TRUE(another.credentials(request, 0, credentials));
    EXPECT_EQ(credentials.user, "user1000007");
}

}  // namespace
}  // namespace regstorm::sip
