// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>

#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

struct Case {
    const char* left;
    const char* right;
};

void expect(bool same, const Case& test) {
    EXPECT_EQ(same_uri(test.left, test.right), same) << test.left << " " << test.right;
    EXPECT_EQ(same_uri(test.right, test.left), same) << test.right << " " << test.left;
}

TEST(SameUri, PAR_13_PairsThatRfc3261CallsEqual) {
    for (const Case& test : {
             Case{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"},
             Case{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
             Case{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
             Case{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"},
             Case{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                  "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
             Case{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                  "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
         }) {
        expect(true, test);
    }
}

TEST(SameUri, PAR_13_PairsThatRfc3261CallsDifferent) {
    for (const Case& test : {
             Case{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
             Case{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
             Case{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
             Case{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
             Case{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
             Case{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
             Case{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
         }) {
        expect(false, test);
    }
}

TEST(SameUri, PAR_13_EscapesOfReservedCharactersStandForThemselves) {
    expect(true, {"sip:a%2Db@h", "sip:a-b@h"});
    expect(true, {"sip:a%3bb@h", "sip:a%3Bb@h"});
    expect(false, {"sip:a%3bb@h", "sip:a;b@h"});
    expect(false, {"sip:a%40b@h", "sip:a@b@h"});
    expect(false, {"sip:%41@h", "sip:a@h"});
    expect(true, {"sip:a@h;p=%41", "sip:a@h;p=a"});
    expect(false, {"sip:a%4@h", "sip:a4@h"});
}

TEST(SameUri, PAR_13_ParametersThatMustStandInBoth) {
    for (const char* parameter : {"user=phone", "ttl=1", "method=REGISTER", "maddr=1.2.3.4", "transport=udp"}) {
        expect(false, {"sip:a@h", (std::string("sip:a@h;") + parameter).c_str()});
    }
    expect(true, {"sip:a@h", "sip:a@h;lr"});
    expect(false, {"sip:a@h;ob=1", "sip:a@h;OB=2"});
}

TEST(SameUri, SchemeUserPasswordAndPortMatter) {
    expect(false, {"sip:a@h", "sips:a@h"});
    expect(false, {"sip:h", "sip:a@h"});
    expect(false, {"sip:@h", "sip:h"});
    expect(false, {"sip:a@h", "sip:a:b@h"});
    expect(true, {"sip:a@h:5060", "sip:a@h:05060"});
    expect(false, {"sip:a@h:", "sip:a@h"});
    expect(false, {"sip:a@h:99999", "sip:a@h:0099999"});
    expect(false, {"tel:1", "tel:2"});
    expect(true, {"tel:1", "tel:1"});
    expect(false, {"", "sip:a"});
}

TEST(SameUri, TPT_7_Ipv6ReferencesAreAddresses) {
    expect(true, {"sip:a@[2001:db8::1]:5060", "sip:a@[2001:DB8:0:0::1]:5060"});
    expect(false, {"sip:a@[2001:db8::1]:5060", "sip:a@[2001:db8::2]:5060"});
    expect(false, {"sip:a@[x]", "sip:a@[y]"});
    expect(false, {"sip:a@[::1", "sip:a@[::2"});
}

TEST(SameUri, ManyParametersAreNotComparedButCopiesAreEqual) {
    std::string left = "sip:a@h";
    for (int i = 0; i < 10'000; ++i) {
        left += ";p" + std::to_string(i);
    }
    EXPECT_FALSE(same_uri(left, "sip:a@h"));
    EXPECT_TRUE(same_uri(left, std::string(left)));
}

TEST(LeadsTo, REG_8_AUriLeadsToTheHostAndPortThatItNamesAndNowhereElse) {
    for (const char* const uri : {"sip:192.0.2.1", "sip:192.0.2.1:5060", "SIP:192.0.2.1:05060;transport=UDP",
                                  "sip:anna@192.0.2.1;lr", "sip:anna:secret@192.0.2.1:5060?subject=x"}) {
        EXPECT_TRUE(leads_to(uri, "192.0.2.1", 5060)) << uri;
    }
    for (const char* const uri :
         {"sip:192.0.2.1:5061", "sips:192.0.2.1", "sip:192.0.2.1;transport=tcp", "sip:192.0.2.1;maddr=192.0.2.9",
          "sip:192.0.2.1:", "sip:192.0.2.1:99999999", "sip:192.0.2.10", "sip:192.0.2.1@192.0.2.9", "tel:192.0.2.1", "*",
          "", "sip:", "192.0.2.1"}) {
        EXPECT_FALSE(leads_to(uri, "192.0.2.1", 5060)) << uri;
    }
    EXPECT_TRUE(leads_to("sip:Second.Example.Test:5070", "second.example.test", 5070));
    EXPECT_TRUE(leads_to("sip:[2001:DB8:0::1]", "[2001:db8::1]", 5060));
    EXPECT_FALSE(leads_to("sip:[2001:db8::2]", "[2001:db8::1]", 5060));
}

}  // namespace
}  // namespace regstorm::sip
