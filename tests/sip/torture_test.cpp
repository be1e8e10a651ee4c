// SPDX-License-Identifier: Apache-2.0
// The corpus: RFC 4475, RFC 5118 and answers of servers. Verdicts are stated in the corpus; here also what must be
// read out of the harder ones.
#include <gtest/gtest.h>

#include "corpus.hpp"
#include "message_facts.hpp"
#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

class Torture : public testing::Test {
  protected:
    Request request(const std::string& name) {
        bytes_ = corpus_message(name).bytes;
        Request out;
        EXPECT_EQ(parse_request(bytes_, out), ParseError::none);
        return out;
    }
    Response response(const std::string& name) {
        bytes_ = corpus_message(name).bytes;
        Response out;
        EXPECT_EQ(parse_response(bytes_, out), ParseError::none);
        return out;
    }

    std::string bytes_;
};

TEST_F(Torture, EveryMessageOfTheCorpusGetsItsVerdict) {
    for (const CorpusMessage& message : corpus()) {
        Request request;
        Response response;
        const ParseError error =
            message.response ? parse_response(message.bytes, response) : parse_request(message.bytes, request);
        EXPECT_EQ(to_text(error), to_text(message.expected)) << message.name << "\n" << message.bytes;
    }
}

TEST_F(Torture, PAR_19_ReferenceAgreesOnEveryMessageOfTheCorpus) {
    for (const CorpusMessage& message : corpus()) {
        EXPECT_EQ(facts_of_response(message.bytes), reference_facts(message.bytes, true)) << message.name;
        EXPECT_EQ(facts_of_request(message.bytes), reference_facts(message.bytes, false)) << message.name;
    }
}

TEST_F(Torture, PAR_18_EveryMessageCutAtEveryByteAgreesAndIsNeverTaken) {
    for (const CorpusMessage& message : corpus()) {
        const std::size_t header_end = message.bytes.find("\r\n\r\n") + 4;
        for (std::size_t size = 0; size < header_end; ++size) {
            const std::string cut = message.bytes.substr(0, size);
            const std::string facts = message.response ? facts_of_response(cut) : facts_of_request(cut);
            ASSERT_EQ(facts, reference_facts(cut, message.response)) << message.name;
            ASSERT_FALSE(facts.starts_with("error none")) << message.name << " cut at " << size;
        }
    }
}

TEST_F(Torture, PAR_18_EveryMessageIsTakenAlikeWithBareLineFeeds) {
    for (const CorpusMessage& message : corpus()) {
        std::string bare;
        for (std::size_t i = 0; i < message.bytes.size(); ++i) {
            if (message.bytes[i] != '\r') {
                bare += message.bytes[i];
            }
        }
        Request request;
        Response response;
        const ParseError error = message.response ? parse_response(bare, response) : parse_request(bare, request);
        // mpart01 counts the CR of its body.
        EXPECT_EQ(to_text(error),
                  message.name == "4475-3.1.1.11-mpart01" ? "content_length" : to_text(message.expected))
            << message.name;
    }
}

TEST_F(Torture, WsinvIsReadThroughItsFolds) {
    const Request message = request("4475-3.1.1.1-wsinv");
    EXPECT_EQ(message.text(message.from_tag), "98asjd8");
    EXPECT_EQ(message.text(message.to_tag), "1918181833n");
    EXPECT_EQ(message.text(message.sent_by), "192.0.2.2");
    EXPECT_EQ(message.text(message.branch), "390skdjuw");
    EXPECT_EQ(message.via_count, 3);
    EXPECT_EQ(message.cseq, 9U);
    EXPECT_EQ(message.cseq_method, Method::invite);
    EXPECT_EQ(message.max_forwards, 68);
    EXPECT_EQ(message.text(message.body), "v=0");
    Contact contact;
    ContactReader reader(message);
    ASSERT_TRUE(reader.next(contact));
    EXPECT_EQ(contact.uri, "sip:jdrosen@example.com");
    EXPECT_EQ(contact.q_thousandths, 330);
}

TEST_F(Torture, IntmethKeepsItsOddTokens) {
    const Request message = request("4475-3.1.1.2-intmeth");
    EXPECT_EQ(message.method, Method::other);
    EXPECT_EQ(message.text(message.method_text), "!interesting-Method0123456789_*+`.%indeed'~");
    EXPECT_EQ(message.text(message.branch), "z9hG4bK-.!%66*_+`'~");
    EXPECT_EQ(message.text(message.from_tag), "_token~1'+`*%!-.`");
    EXPECT_EQ(message.max_forwards, 255);
}

TEST_F(Torture, DblreqEndsAtItsContentLength) { EXPECT_EQ(request("4475-3.1.1.8-dblreq").body.size, 0); }

TEST_F(Torture, LongreqCountsAllItsViasAndSaysThatNotAllAreKept) {
    const Request message = request("4475-3.1.1.7-longreq");
    EXPECT_EQ(message.via_count, 34);
    EXPECT_EQ(message.vias.count, header_rows_max);
    EXPECT_TRUE(message.vias.overflow);
}

TEST_F(Torture, Esc02IsNeitherRegisterNorHasAContact) {
    const Request message = request("4475-3.1.1.5-esc02");
    EXPECT_EQ(message.method, Method::other);
    EXPECT_EQ(message.contacts.count, 0);
}

TEST_F(Torture, MismatchedMethodsAreBothThere) {
    const Request message = request("4475-3.1.2.17-mismatch01");
    EXPECT_EQ(message.method, Method::options);
    EXPECT_EQ(message.cseq_method, Method::invite);
}

TEST_F(Torture, BcastShowsThatItIsNotOurs) { EXPECT_EQ(response("4475-3.3.10-bcast").via_count, 2); }

TEST_F(Torture, TPT_7_ReceivedIsTakenWithBracketsAndWithout) {
    Request message = request("5118-4.5-received-with-brackets");
    EXPECT_EQ(message.text(message.received), "[2001:db8::9:255]");
    EXPECT_EQ(message.text(message.branch), "z9hG4bKas3-111");
    message = request("5118-4.5-received-without-brackets");
    EXPECT_EQ(message.text(message.received), "2001:db8::9:255");
    EXPECT_EQ(message.text(message.branch), "z9hG4bKas3");
}

TEST_F(Torture, TPT_7_SentByAndContactKeepTheirBrackets) {
    const Request message = request("5118-4.10-ipv4-mapped");
    EXPECT_EQ(message.text(message.sent_by), "[::ffff:192.0.2.10]:19823");
    Contact contact;
    ContactReader reader(message);
    ASSERT_TRUE(reader.next(contact));
    EXPECT_EQ(contact.uri, "sip:user@[::ffff:192.0.2.10]:19823");
    EXPECT_EQ(request("5118-4.7-many-addresses").via_count, 2);
}

}  // namespace
}  // namespace regstorm::sip
