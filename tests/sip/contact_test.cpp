// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/contact.hpp"

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "message_facts.hpp"

namespace regstorm::sip {
namespace {

const std::string own = "sip:user1@198.18.0.7:5060";
const std::string own_instance = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";

class Contacts : public testing::Test {
  protected:
    void parse(const std::string& rows) {
        bytes_ = crlf(
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 198.18.0.7;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\n"
            "To: <sip:a@b>;tag=2\nCall-ID: 1\nCSeq: 1 REGISTER\n" +
            rows + "\n");
        ASSERT_EQ(parse_response(bytes_, response_), ParseError::none) << bytes_;
        EXPECT_EQ(facts_of_response(bytes_), reference_facts(bytes_, true)) << bytes_;
    }
    std::vector<Contact> all() {
        std::vector<Contact> out;
        ContactReader reader(response_);
        Contact contact;
        while (reader.next(contact)) {
            out.push_back(contact);
        }
        malformed_ = reader.malformed();
        return out;
    }
    GrantedExpiry granted(const std::string& rows) {
        parse(rows);
        return granted_expiry(response_, own, own_instance, 600);
    }

    std::string bytes_;
    Response response_;
    bool malformed_ = false;
};

TEST_F(Contacts, PAR_7_CommaJoinedValuesAndRowsComeInOrder) {
    parse("Contact: <sip:a@1>, \"x,y\" <sip:b@2>;q=0.7\nm: <sip:c@3;p=,>;x=\",\" , sip:d@4\nContact:\n");
    const std::vector<Contact> contacts = all();
    ASSERT_EQ(contacts.size(), 4U);
    EXPECT_EQ(contacts[0].uri, "sip:a@1");
    EXPECT_EQ(contacts[1].uri, "sip:b@2");
    EXPECT_EQ(contacts[1].q_thousandths, 700);
    EXPECT_EQ(contacts[2].uri, "sip:c@3;p=,");
    EXPECT_EQ(contacts[3].uri, "sip:d@4");
    EXPECT_FALSE(malformed_);
}

TEST_F(Contacts, PAR_9_QuotedStringsHideTheirMarks) {
    parse("Contact: \"\\\"<sip:no@1>;expires=1,\" <sip:yes@2>;note=\"a;expires=5,\\\"\";expires=7\n");
    const std::vector<Contact> contacts = all();
    ASSERT_EQ(contacts.size(), 1U);
    EXPECT_EQ(contacts[0].uri, "sip:yes@2");
    EXPECT_EQ(contacts[0].expires_s, 7U);
}

TEST_F(Contacts, PAR_10_WithoutBracketsParametersAreTheHeaders) {
    parse("Contact: sip:a@h:5;expires=9\n");
    const std::vector<Contact> contacts = all();
    ASSERT_EQ(contacts.size(), 1U);
    EXPECT_EQ(contacts[0].uri, "sip:a@h:5");
    EXPECT_EQ(contacts[0].expires_s, 9U);
    parse("Contact: <sip:a@h:5;expires=9>\n");
    EXPECT_EQ(all()[0].uri, "sip:a@h:5;expires=9");
    EXPECT_FALSE(all()[0].has_expires);
}

TEST_F(Contacts, PAR_12_ParameterNamesHaveAnyCase) {
    parse("Contact: <sip:a@h>;ExPiReS=9;REG-ID=2;+SIP.INSTANCE=\"<Urn:X>\"\n");
    EXPECT_EQ(all()[0].expires_s, 9U);
    EXPECT_EQ(all()[0].reg_id, 2U);
    EXPECT_EQ(all()[0].instance, "<Urn:X>");
}

TEST_F(Contacts, PAR_16_ExpiresThatAreNoNumbersAreMarked) {
    for (const char* value : {"abc", "-1", "4294967296", "280297596632815", "", "\"60\"", "1.5"}) {
        parse("Contact: <sip:a@h>;expires=" + std::string(value) + "\n");
        EXPECT_TRUE(all()[0].bad_expires) << value;
        EXPECT_FALSE(all()[0].has_expires) << value;
    }
    parse("Contact: <sip:a@h>;expires=4294967295\n");
    EXPECT_EQ(all()[0].expires_s, 0xffffffffU);
    EXPECT_FALSE(all()[0].bad_expires);
}

TEST_F(Contacts, MalformedValuesEndTheListAndSaySo) {
    for (const char* bad : {"<sip:b@2", "\"open <sip:b@2>", "bob", "<sip:b@2> x", "* x", "<sip:b@2>;a=\"", "*;q=1"}) {
        parse("Contact: <sip:a@1>, " + std::string(bad) + "\nContact: <sip:c@3>\n");
        EXPECT_EQ(all().size(), 1U) << bad;
        EXPECT_TRUE(malformed_) << bad;
    }
}

TEST_F(Contacts, TheStarStandsForItself) {
    parse("Contact: *\n");
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].uri, "*");
}

TEST_F(Contacts, TPT_5_ThirtyContactsInOneRowOrInThirtyAreAllRead) {
    for (const char* join : {",\n ", "\nContact: "}) {
        std::string rows = "Contact: ";
        for (int i = 0; i < 30; ++i) {
            rows += (i == 0 ? "" : join) + std::string("<sip:user") + std::to_string(i) +
                    "@198.18.0.7:5060;transport=udp>;q=0.5;expires=" + std::to_string(1000 + i) +
                    ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
        }
        parse(rows + "\nX: y\n");
        EXPECT_GT(bytes_.size(), 3000U);
        const std::vector<Contact> contacts = all();
        ASSERT_EQ(contacts.size(), 30U);
        EXPECT_EQ(contacts[29].expires_s, 1029U);
        const GrantedExpiry last = granted_expiry(response_, "sip:user29@198.18.0.7:5060;transport=udp", {}, 600);
        EXPECT_EQ(last.source, Granted::by_contact);
        EXPECT_EQ(last.expires_s, 1029U);
    }
}

TEST_F(Contacts, EXT_3_GruusKeepTheirSemicolonsAndEqualsSigns) {
    bytes_ = corpus_message("gruu-200").bytes;
    ASSERT_EQ(parse_response(bytes_, response_), ParseError::none);
    const std::vector<Contact> contacts = all();
    ASSERT_EQ(contacts.size(), 1U);
    EXPECT_EQ(contacts[0].pub_gruu, "sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    EXPECT_EQ(contacts[0].temp_gruu, "sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr");
    EXPECT_EQ(contacts[0].instance, "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>");
    EXPECT_EQ(contacts[0].expires_s, 3600U);
}

TEST_F(Contacts, REG_1_FindsOurBindingAmongOthers) {
    bytes_ = corpus_message("kamailio-200-three-bindings").bytes;
    ASSERT_EQ(parse_response(bytes_, response_), ParseError::none);
    const auto expect = [&](const char* uri, Granted source, std::uint32_t expires_s) {
        const GrantedExpiry granted = granted_expiry(response_, uri, {}, 600);
        EXPECT_EQ(granted.source, source) << uri;
        EXPECT_EQ(granted.expires_s, expires_s) << uri;
    };
    expect("sip:user000001@198.18.0.7:5060", Granted::by_contact, 120);
    expect("sip:user000001@198.18.0.9:5062", Granted::by_contact, 3001);
    expect("sip:user000001@198.18.0.8", Granted::by_contact, 17);
    expect("sip:user000001@198.18.0.8:5060", Granted::binding_lost, 0);  // a default port is not an absent one
    expect("SIP:user000001@198.18.0.8;x=1", Granted::by_contact, 17);
    expect("sip:USER000001@198.18.0.8", Granted::binding_lost, 0);
}

TEST_F(Contacts, REG_1_TheIdenticalUriWinsOverAnEqualOne) {
    const GrantedExpiry granted =
        this->granted("Contact: <SIP:user1@198.18.0.7:5060>;expires=0, <" + own + ">;expires=50\n");
    EXPECT_EQ(granted.expires_s, 50U);
}

TEST_F(Contacts, REG_2_ContactThenHeaderThenRequest) {
    const std::string ours = "Contact: <sip:other@9>;expires=0, <" + own + ">";
    EXPECT_EQ(granted(ours + ";expires=77\nExpires: 88\n").expires_s, 77U);
    EXPECT_EQ(granted(ours + "\nExpires: 88\n").source, Granted::by_header);
    EXPECT_EQ(granted(ours + "\nExpires: 88\n").expires_s, 88U);
    EXPECT_EQ(granted(ours + "\n").source, Granted::by_request);
    EXPECT_EQ(granted(ours + "\n").expires_s, 600U);
    EXPECT_EQ(granted(ours + ";expires=0\n").source, Granted::by_contact);
    EXPECT_EQ(granted(ours + ";expires=0\n").expires_s, 0U);
}

TEST_F(Contacts, REG_2_PAR_16_UnreadableExpiresFallsBack) {
    EXPECT_EQ(granted("Contact: <" + own + ">;expires=abc\nExpires: 88\n").expires_s, 88U);
    EXPECT_EQ(granted("Contact: <" + own + ">;expires=99999999999\n").source, Granted::by_request);
}

TEST_F(Contacts, REG_2_WithoutAnyContactTheHeaderOrTheRequestCounts) {
    EXPECT_EQ(granted("Expires: 88\n").source, Granted::by_header);
    EXPECT_EQ(granted("").source, Granted::by_request);
    EXPECT_EQ(granted("Contact: ,\n").source, Granted::by_request);
}

TEST_F(Contacts, REG_3_InstanceIdFindsARewrittenContact) {
    const std::string foreign = "Contact: <sip:user1@9>;expires=9;+sip.instance=\"<urn:uuid:1>\"";
    const GrantedExpiry found =
        granted(foreign +
                ", <sip:user1@203.0.113.5:40000>;expires=55;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-"
                "aabbccddeeff>\"\n");
    EXPECT_EQ(found.source, Granted::by_contact);
    EXPECT_EQ(found.expires_s, 55U);
    EXPECT_EQ(granted_expiry(response_, own, {}, 600).source, Granted::binding_lost) << "no instance, no match";
}

TEST_F(Contacts, REG_3_ALoneContactIsTakenForOurs) {
    EXPECT_EQ(granted("Contact: <sip:user1@203.0.113.5:40000>;expires=55\n").expires_s, 55U);
}

TEST_F(Contacts, REG_3_BindingLostWhenNoneOfSeveralIsOurs) {
    EXPECT_EQ(granted("Contact: <sip:a@1>;expires=5, <sip:b@2>;expires=6\nExpires: 88\n").source,
              Granted::binding_lost);
    EXPECT_EQ(granted("Contact: *\n").source, Granted::binding_lost);
    EXPECT_EQ(granted("Contact: <sip:a@1>;expires=5, <oops\n").source, Granted::binding_lost);
    EXPECT_EQ(granted("Contact: <" + own + ">;expires=5, <oops\n").expires_s, 5U);
}

}  // namespace
}  // namespace regstorm::sip
