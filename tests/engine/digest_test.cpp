// SPDX-License-Identifier: Apache-2.0
// Challenges of every kind and the requests that answer them (RFC 7616, RFC 8760), held against OpenSSL.
#include <set>

#include "digest_oracle.hpp"
#include "script.hpp"

namespace regstorm::engine {
namespace {

using oracle::parameter;
using stats::Counter;

/// What one phone sends after a first 401 with these rows; whatever comes then is granted.
std::vector<Heard> answers_to(const std::vector<std::string>& rows, int status = 401) {
    Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
        self.say(request, request.authorized() ? granting(request, 3600) : answer_to(request, status, rows));
    });
    peer.run_until(second);
    return peer.heard();
}

/// The one request that answers such a challenge; its response must be right.
std::string answer_row(const std::string& challenge) {
    const std::vector<Heard> heard = answers_to({"WWW-Authenticate: Digest " + challenge});
    CHECK(heard.size() == 2);
    const std::string row = heard[1].row("Authorization");
    EXPECT_EQ(parameter(row, "response"), oracle::response(row, "user000000", "secret")) << row;
    EXPECT_EQ(parameter(row, "username"), "user000000");
    EXPECT_EQ(parameter(row, "uri"), "sip:example.test");
    return row;
}

TEST(Digest, AUT_1_AUT_2_QopAuthWithoutAnAlgorithmIsMd5) {
    const std::string row = answer_row("realm=\"example.test\", nonce=\"abc\", qop=\"auth\"");
    EXPECT_NE(row.find("qop=auth,"), std::string::npos) << "bare: " << row;
    EXPECT_NE(row.find("nc=00000001"), std::string::npos);
    EXPECT_EQ(row.find("algorithm"), std::string::npos);
    EXPECT_EQ(parameter(row, "response").size(), 32U);
}

TEST(Digest, AUT_3_WithoutQopNeitherCnonceNorNc) {
    const std::string row = answer_row("realm=\"example.test\", nonce=\"abc\", algorithm=MD5");
    EXPECT_EQ(row.find("cnonce"), std::string::npos);
    EXPECT_EQ(row.find("nc="), std::string::npos);
    EXPECT_EQ(row.find("qop"), std::string::npos);
}

TEST(Digest, AUT_4_AuthIsPreferredAndAuthIntUnderstood) {
    EXPECT_EQ(parameter(answer_row("realm=\"r\", nonce=\"n\", qop=\"auth-int, auth\""), "qop"), "auth");
    EXPECT_EQ(parameter(answer_row("realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\""), "qop"), "auth");
    EXPECT_EQ(parameter(answer_row("realm=\"r\", nonce=\"n\", qop=\"auth-int\""), "qop"), "auth-int");
}

TEST(Digest, AUT_5_TheLongerAlgorithmsAndTheirSessions) {
    for (const std::string algorithm : {"SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess", "SHA-512-256-sess"}) {
        for (const std::string qop : {"auth", "auth-int"}) {
            SCOPED_TRACE(algorithm + " " + qop);
            const std::string row =
                answer_row("realm=\"r\", nonce=\"n-1\", algorithm=" + algorithm + ", qop=\"" + qop + "\"");
            EXPECT_EQ(parameter(row, "algorithm"), algorithm);
            EXPECT_EQ(parameter(row, "response").size(), algorithm == "MD5-sess" ? 32U : 64U);
            EXPECT_NE(row.find("algorithm=" + algorithm), std::string::npos) << "bare";
        }
    }
}

TEST(Digest, AUT_6_TheTopmostSupportedChallengeOfARealmIsAnswered) {
    const std::vector<Heard> heard = answers_to({
        "WWW-Authenticate: Basic realm=\"r\"",
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"first\", algorithm=AKAv1-MD5, qop=\"auth\"",
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"second\", algorithm=SHA-256, qop=\"auth\"",
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"third\", algorithm=MD5, qop=\"auth\"",
    });
    ASSERT_EQ(heard.size(), 2U);
    const std::string row = heard[1].row("Authorization");
    EXPECT_EQ(parameter(row, "nonce"), "second");
    EXPECT_EQ(parameter(row, "response"), oracle::response(row, "user000000", "secret"));
    EXPECT_FALSE(heard[1].has("third"));
}

TEST(Digest, AUT_6_NothingThatWeCanComputeIsAFailure) {
    for (const std::string row :
         {"WWW-Authenticate: Basic realm=\"r\"", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD6",
          "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"magic\"", "WWW-Authenticate: Digest",
          "WWW-Authenticate: Digest realm=\"r\", nonce=\"n", "X-Nothing: 1"}) {
        SCOPED_TRACE(row);
        EXPECT_EQ(answers_to({row}).size(), 1U);
    }
}

TEST(Digest, AUT_7_TwoRealmsInOneAnswerGetTwoCredentials) {
    const std::vector<Heard> heard = answers_to({
        "WWW-Authenticate: Digest realm=\"one\", nonce=\"n1\", qop=\"auth\"",
        "WWW-Authenticate: Digest realm=\"two\", nonce=\"n2\", algorithm=SHA-256",
    });
    ASSERT_EQ(heard.size(), 2U);
    const std::string& bytes = heard[1].bytes;
    std::set<std::string> realms;
    for (std::size_t at = bytes.find("\r\nAuthorization: "); at != std::string::npos;
         at = bytes.find("\r\nAuthorization: ", at + 1)) {
        const std::string row = bytes.substr(at + 17, bytes.find("\r\n", at + 2) - at - 17);
        realms.insert(parameter(row, "realm"));
        EXPECT_EQ(parameter(row, "response"), oracle::response(row, "user000000", "secret")) << row;
    }
    EXPECT_EQ(realms, (std::set<std::string>{"one", "two"}));
}

TEST(Digest, AUT_7_AUT_15_A407BehindA401GetsBothCredentials) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (!request.has("\r\nAuthorization: ")) {
            self.say(request, answer_to(request, 401, {"WWW-Authenticate: Digest realm=\"home\", nonce=\"h\""}));
        } else if (!request.has("\r\nProxy-Authorization: ")) {
            self.say(request, answer_to(request, 407, {"Proxy-Authenticate: Digest realm=\"edge\", nonce=\"e\""}));
        } else {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 3U);
    EXPECT_EQ(parameter(peer.last().row("Authorization"), "realm"), "home");
    EXPECT_EQ(parameter(peer.last().row("Proxy-Authorization"), "realm"), "edge");
    for (const char* name : {"Authorization", "Proxy-Authorization"}) {
        const std::string row = peer.last().row(name);
        EXPECT_EQ(parameter(row, "response"), oracle::response(row, "user000000", "secret"));
    }
    EXPECT_EQ(peer.count(Counter::challenged), 2U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(Digest, AUT_15_A407AloneIsAnsweredToTheProxy) {
    const std::vector<Heard> heard = answers_to({"Proxy-Authenticate: Digest realm=\"edge\", nonce=\"e\""}, 407);
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_FALSE(heard[1].has("\r\nAuthorization: "));
    EXPECT_EQ(parameter(heard[1].row("Proxy-Authorization"), "realm"), "edge");
}

TEST(Digest, AUT_7_MoreRealmsThanAreKeptEndInAFailureNotInALoop) {
    int realm = 0;
    Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
        const std::string name = "realm" + std::to_string(++realm);
        self.say(request, answer_to(request, 401, {"WWW-Authenticate: Digest realm=\"" + name + "\", nonce=\"n\""}));
    });
    peer.run_until(19 * second);
    EXPECT_EQ(peer.heard().size(), 1U + sip::realms_max);
    EXPECT_EQ(peer.count(Counter::failed), 1U);
}

TEST(Digest, AUT_8_RealmNonceAndOpaqueComeBackToTheByte) {
    const std::string realm = R"(a \"quoted\" realm, with = and \\)";
    const std::string opaque = R"(op\"aque==)";
    const std::string row =
        answer_row("realm=\"" + realm + "\", nonce=\"n/+=,;\", opaque=\"" + opaque + "\", qop=\"auth\"");
    EXPECT_EQ(parameter(row, "realm"), realm);
    EXPECT_EQ(parameter(row, "nonce"), "n/+=,;");
    EXPECT_EQ(parameter(row, "opaque"), opaque);
    EXPECT_EQ(parameter(answer_row("realm=\"\", nonce=\"n\""), "realm"), "") << "an empty realm is a realm";
    EXPECT_NE(answer_row("realm=\"r\", nonce=\"n\", opaque=\"\"").find("opaque=\"\""), std::string::npos);
    EXPECT_EQ(answer_row("realm=\"r\", nonce=\"n\"").find("opaque"), std::string::npos);
}

TEST(Digest, AUT_14_UserhashHidesTheUser) {
    for (const std::string algorithm : {"MD5", "SHA-256", "SHA-512-256"}) {
        SCOPED_TRACE(algorithm);
        const std::vector<Heard> heard =
            answers_to({"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", "
                        "userhash=true, charset=UTF-8, algorithm=" +
                        algorithm});
        ASSERT_EQ(heard.size(), 2U);
        const std::string row = heard[1].row("Authorization");
        const char* const function = algorithm == "MD5" ? "MD5" : algorithm == "SHA-256" ? "SHA256" : "SHA512-256";
        EXPECT_EQ(parameter(row, "username"), oracle::hash(function, "user000000:r"));
        EXPECT_EQ(parameter(row, "userhash"), "true");
        EXPECT_EQ(parameter(row, "response"), oracle::response(row, "user000000", "secret"));
    }
}

TEST(Digest, AUT_16_EveryPhoneOfAPopulationAnswersRight) {
    std::uint64_t wrong = 0;
    std::uint64_t answered = 0;
    Peer peer(make_plan(300, 100'000), [&](Peer& self, const Heard& request) {
        if (!request.authorized()) {
            const std::string nonce = request.row("Call-ID");
            const char* const algorithm = nonce.back() % 2 == 0 ? "SHA-256" : "MD5";
            self.say(request, answer_to(request, 401,
                                        {"WWW-Authenticate: Digest realm=\"r\", nonce=\"" + nonce +
                                         "\", qop=\"auth\", algorithm=" + algorithm}));
            return;
        }
        const std::string row = request.row("Authorization");
        const std::string from = request.row("From");
        const std::string user = from.substr(from.find(':') + 1, from.find('@') - from.find(':') - 1);
        ++answered;
        wrong += parameter(row, "username") != user || parameter(row, "nonce") != request.row("Call-ID") ||
                         parameter(row, "response") != oracle::response(row, user, "secret")
                     ? 1
                     : 0;
        self.say(request, granting(request, 100));
    });
    peer.run_until(200 * second);
    EXPECT_EQ(answered, 900U) << "first registration and two refreshes";
    EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace regstorm::engine
