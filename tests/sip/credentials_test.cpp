// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>

#include "regstorm/base/prng.hpp"
#include "regstorm/sip/digest.hpp"

namespace regstorm::sip {
namespace {

std::string written(const Credentials& credentials) {
    const std::uint32_t bound = credentials_chars_max(credentials);
    std::string text(bound + 1, '?');
    const char* const end = write_credentials(text.data(), credentials);
    EXPECT_LE(end, text.data() + bound);
    EXPECT_EQ(text.back(), '?') << "wrote too far";
    text.resize(static_cast<std::size_t>(end - text.data()));
    return text;
}

/// The row's value: without its name and line end.
std::string value_of(const std::string& row) { return row.substr(row.find(": ") + 2, row.size() - row.find(": ") - 4); }

Credentials full() {
    Credentials c;
    c.user = "1001";
    c.realm = "sip.example";
    c.nonce = "abc=";
    c.uri = "sip:sip.example";
    c.response = "6629fae49393a05397450978507c4ef1";
    c.cnonce = "0a4f11";
    c.nc = 1;
    c.qop = Qop::auth;
    c.opaque = "op";
    c.has_opaque = true;
    c.algorithm_named = true;
    return c;
}

TEST(WriteCredentials, AUT_1_QuotesEverythingButAlgorithmQopAndNc) {
    EXPECT_EQ(
        written(full()),
        "Authorization: Digest username=\"1001\", realm=\"sip.example\", nonce=\"abc=\", uri=\"sip:sip.example\", "
        "response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, cnonce=\"0a4f11\", opaque=\"op\", "
        "qop=auth, nc=00000001\r\n");
}

TEST(WriteCredentials, AUT_2_NamesNoAlgorithmThatTheChallengeDidNotName) {
    Credentials c = full();
    c.algorithm_named = false;
    EXPECT_EQ(written(c).find("algorithm"), std::string::npos);
}

TEST(WriteCredentials, AUT_3_HasNeitherCnonceNorNcWithoutQop) {
    Credentials c = full();
    c.qop = Qop::none;
    c.cnonce = {};
    const std::string text = written(c);
    EXPECT_EQ(text.find("cnonce"), std::string::npos);
    EXPECT_EQ(text.find("nc="), std::string::npos);
    EXPECT_EQ(text.find("qop"), std::string::npos);
}

TEST(WriteCredentials, AUT_8_EchoesRealmNonceAndOpaqueWithTheirEscapes) {
    Credentials c = full();
    c.realm = R"(a \"b\")";
    c.opaque = R"(\\)";
    const std::string text = written(c);
    EXPECT_NE(text.find(R"(realm="a \"b\"",)"), std::string::npos);
    EXPECT_NE(text.find(R"(opaque="\\",)"), std::string::npos);
    c.opaque = {};
    EXPECT_NE(written(c).find(R"(opaque="",)"), std::string::npos) << "an empty opaque is echoed too";
    c.has_opaque = false;
    EXPECT_EQ(written(c).find("opaque"), std::string::npos);
}

TEST(WriteCredentials, EscapesAUserNameThatNeedsIt) {
    Credentials c = full();
    c.user = R"("\")";
    EXPECT_NE(written(c).find(R"(username="\"\\\"",)"), std::string::npos);
}

TEST(WriteCredentials, AUT_14_AUT_15_SaysUserhashAndNamesTheProxyRow) {
    Credentials c = full();
    c.userhash = true;
    c.proxy = true;
    c.qop = Qop::auth_int;
    c.nc = 0xabcdef12;
    const std::string text = written(c);
    EXPECT_TRUE(text.starts_with("Proxy-Authorization: Digest username=\""));
    EXPECT_TRUE(text.ends_with(", qop=auth-int, nc=abcdef12, userhash=true\r\n")) << text;
}

TEST(ParseCredentials, GivesBackWhatWasWritten) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        const auto text = [&](std::size_t size_max) {
            std::string made(prng.below(size_max + 1), ' ');
            for (char& c : made) {
                do {
                    c = static_cast<char>(' ' + prng.below(95));
                } while (c == '"' || c == '\\');
            }
            return made;
        };
        const std::string user = text(20), realm = text(40), nonce = text(300), uri = text(60), opaque = text(40);
        const std::string cnonce = text(20);
        Credentials c;
        c.algorithm = static_cast<DigestAlgorithm>(prng.below(6));
        c.algorithm_named = c.algorithm != DigestAlgorithm::md5 || prng.below(2) == 0;
        const std::string response(2 * std::size_t{digest_bytes(c.algorithm)}, 'a');
        c.user = user;
        c.realm = realm;
        c.nonce = nonce;
        c.uri = uri;
        c.response = response;
        c.qop = static_cast<Qop>(prng.below(3));
        c.cnonce = c.qop == Qop::none ? std::string_view{} : cnonce;
        c.nc = c.qop == Qop::none ? 1 : static_cast<std::uint32_t>(prng.next());
        c.has_opaque = prng.below(2) == 0;
        c.opaque = c.has_opaque ? opaque : std::string_view{};
        c.userhash = prng.below(2) == 0;

        const std::string value = value_of(written(c));
        Credentials back;
        ASSERT_TRUE(parse_credentials(value, back)) << value;
        EXPECT_EQ(back.user, c.user);
        EXPECT_EQ(back.realm, c.realm);
        EXPECT_EQ(back.nonce, c.nonce);
        EXPECT_EQ(back.uri, c.uri);
        EXPECT_EQ(back.response, c.response);
        EXPECT_EQ(back.cnonce, c.cnonce);
        EXPECT_EQ(back.opaque, c.opaque);
        EXPECT_EQ(back.nc, c.nc);
        EXPECT_EQ(back.qop, c.qop);
        EXPECT_EQ(back.algorithm, c.algorithm);
        EXPECT_EQ(back.algorithm_named, c.algorithm_named);
        EXPECT_EQ(back.has_opaque, c.has_opaque);
        EXPECT_EQ(back.userhash, c.userhash);
    }
}

TEST(ParseCredentials, ReadsWhatPhonesSend) {
    Credentials c;
    ASSERT_TRUE(
        parse_credentials("digest USERNAME=\"1001\",realm=\"r\" , "
                          "nonce=\"n\",uri=\"sip:r\",response=\"6629FAE49393A05397450978507C4EF1\","
                          "algorithm=\"MD5\",qop=\"auth\",nc=0000000A,cnonce=\"c\",x-vendor=1",
                          c));
    EXPECT_EQ(c.user, "1001");
    EXPECT_EQ(c.nc, 10u);
    EXPECT_EQ(c.qop, Qop::auth);
}

TEST(ParseCredentials, RefusesWhatARegistrarCannotCheck) {
    const std::string good =
        R"(Digest username="u", realm="r", nonce="n", uri="sip:r", response="6629fae49393a05397450978507c4ef1")";
    Credentials c;
    ASSERT_TRUE(parse_credentials(good, c));
    ASSERT_TRUE(parse_credentials(good + ", qop=auth, nc=00000001, cnonce=\"c\"", c));
    for (const char* tail : {", username=\"v\"", ", algorithm=MD4", ", algorithm=SHA-256", ", qop=auth", ", qop=token",
                             ", qop=auth, nc=00000001", ", qop=auth, cnonce=\"c\"", ", nc=1", ", nc=0000000g",
                             ", nc=000000001", ", qop=", "\"", ", opaque=\"", " x"}) {
        EXPECT_FALSE(parse_credentials(good + tail, c)) << tail;
    }
    for (const char* missing : {"username=\"u\", ", "realm=\"r\", ", "nonce=\"n\", ", "uri=\"sip:r\", "}) {
        std::string text = good;
        text.erase(text.find(missing), std::string_view(missing).size());
        EXPECT_FALSE(parse_credentials(text, c)) << missing;
    }
    EXPECT_FALSE(parse_credentials(good.substr(0, good.find(", response")), c));
    EXPECT_FALSE(parse_credentials(good.substr(0, good.size() - 2) + "\"", c)) << "31 digits";
    std::string bad_digit = good;
    bad_digit[bad_digit.size() - 2] = 'g';
    EXPECT_FALSE(parse_credentials(bad_digit, c));
    EXPECT_FALSE(parse_credentials("Basic dTpw", c));
    EXPECT_FALSE(parse_credentials("", c));
}

}  // namespace
}  // namespace regstorm::sip
