// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "regstorm/sip/digest.hpp"

namespace regstorm::sip {
namespace {

Challenge parsed(std::string_view value) {
    Challenge challenge;
    EXPECT_EQ(parse_challenge(value, challenge), ChallengeError::none) << value;
    return challenge;
}

ChallengeError error_of(std::string_view value) {
    Challenge challenge;
    return parse_challenge(value, challenge);
}

TEST(Challenge, ReadsEveryParameterInAnyOrderCaseAndSpacing) {
    for (const char* value :
         {R"(Digest realm="sip.example", nonce="abc=", opaque="o", algorithm=SHA-256, qop="auth", )"
          "stale=true, userhash=true",
          R"(dIGEST  QOP = "AUTH" ,userHash=TRUE,algorithm="sha-256",Stale=True, oPaque="o",)"
          R"(NONCE="abc=",Realm="sip.example")",
          "Digest\r\n realm=\"sip.example\",\r\n\tnonce\t=\r\n \"abc=\" , opaque=o,algorithm=SHA-256,qop=auth,"
          "stale=\"true\",userhash=\"true\",",
          R"(Digest ,, charset=UTF-8, domain="sip:a, sip:b", realm="sip.example", nonce=abc=,
            opaque="o", algorithm=SHA-256,
            qop="token, auth-int ,auth", stale=TRUE, userhash=true, x-new="q\"uo,te=d", n=1)"}) {
        SCOPED_TRACE(value);
        const Challenge challenge = parsed(value);
        EXPECT_EQ(challenge.realm, "sip.example");
        EXPECT_EQ(challenge.nonce, "abc=");
        EXPECT_EQ(challenge.opaque, "o");
        EXPECT_TRUE(challenge.has_opaque);
        EXPECT_EQ(challenge.algorithm, DigestAlgorithm::sha256);
        EXPECT_TRUE(challenge.algorithm_named);
        EXPECT_EQ(challenge.qop, Qop::auth);
        EXPECT_TRUE(challenge.stale);
        EXPECT_TRUE(challenge.userhash);
        EXPECT_FALSE(challenge.proxy);
    }
}

TEST(Challenge, AUT_2_AUT_3_DefaultsToMd5WithoutQop) {
    const Challenge challenge = parsed(R"(Digest realm="r", nonce="n")");
    EXPECT_EQ(challenge.algorithm, DigestAlgorithm::md5);
    EXPECT_FALSE(challenge.algorithm_named);
    EXPECT_EQ(challenge.qop, Qop::none);
    EXPECT_FALSE(challenge.has_opaque);
    EXPECT_FALSE(challenge.stale);
    EXPECT_FALSE(challenge.userhash);
}

TEST(Challenge, AUT_4_PicksAuthBeforeAuthIntAndRefusesOnlyUnknownQops) {
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop="auth,auth-int")").qop, Qop::auth);
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop="auth-int,auth")").qop, Qop::auth);
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop="auth-int")").qop, Qop::auth_int);
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop="auth-conf , auth-int")").qop, Qop::auth_int);
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop="")").qop, Qop::none);
    EXPECT_EQ(parsed(R"(Digest realm="r", nonce="n", qop=" , ")").qop, Qop::none);
    EXPECT_EQ(error_of(R"(Digest realm="r", nonce="n", qop="auth-conf")"), ChallengeError::unknown_qop);
}

TEST(Challenge, AUT_5_KnowsTheSixAlgorithmsByName) {
    const std::pair<const char*, DigestAlgorithm> names[] = {
        {"MD5", DigestAlgorithm::md5},
        {"md5-SESS", DigestAlgorithm::md5_sess},
        {"SHA-256", DigestAlgorithm::sha256},
        {"sha-256-sess", DigestAlgorithm::sha256_sess},
        {"SHA-512-256", DigestAlgorithm::sha512_256},
        {"Sha-512-256-Sess", DigestAlgorithm::sha512_256_sess},
    };
    for (const auto& [name, algorithm] : names) {
        EXPECT_EQ(parsed(std::string(R"(Digest realm="r", nonce="n", algorithm=)") + name).algorithm, algorithm);
    }
    for (const char* name : {"MD4", "MD5-", "SHA", "SHA-512", "SHA-256-session", "AKAv1-MD5", "\"\""}) {
        EXPECT_EQ(error_of(std::string(R"(Digest realm="r", nonce="n", algorithm=)") + name),
                  ChallengeError::unknown_algorithm)
            << name;
    }
}

TEST(Challenge, AUT_8_KeepsEscapesAndTakesAnEmptyRealm) {
    const Challenge challenge = parsed(R"(Digest realm="", nonce="a\"b\\", opaque="\x, y=\"z\"")");
    EXPECT_EQ(challenge.realm, "");
    EXPECT_EQ(challenge.nonce, R"(a\"b\\)");
    EXPECT_EQ(challenge.opaque, R"(\x, y=\"z\")");
}

TEST(Challenge, TakesNoncesOfEveryLength) {
    for (std::size_t length = 0; length < 300; ++length) {
        const std::string nonce(length, 'n');
        EXPECT_EQ(parsed("Digest realm=\"r\\\"\xc3\xa9\",nonce=\"" + nonce + "\"").nonce, nonce);
    }
    const std::string datagram(65'000, 'n');
    EXPECT_EQ(parsed("Digest realm=r,nonce=\"" + datagram + "\"").nonce, datagram);
}

TEST(Challenge, RefusesWhatIsNotDigest) {
    for (const char* value : {"", " ", "Basic realm=\"r\"", "Digestive realm=\"r\", nonce=\"n\"", "Diges", "NTLM",
                              "realm=\"r\", nonce=\"n\"", "Digest,realm=r,nonce=n"}) {
        EXPECT_EQ(error_of(value), ChallengeError::not_digest) << value;
    }
}

TEST(Challenge, RefusesWhatIsMalformed) {
    for (const char* value : {
             "Digest",
             "Digest ",
             R"(Digest realm="r")",
             R"(Digest nonce="n")",
             R"(Digest realm="r", nonce="n)",
             R"(Digest realm="r", nonce="n\")",
             R"(Digest realm="r", nonce="n\)",
             R"(Digest realm="r", nonce)",
             R"(Digest realm="r", nonce=)",
             R"(Digest realm="r", nonce=,)",
             R"(Digest realm="r" nonce="n")",
             R"(Digest realm="r", nonce="n" x)",
             R"(Digest realm="r", nonce="n"x=1)",
             R"(Digest realm="r", nonce="n", ="x")",
             R"(Digest realm="r", nonce="n", realm="r")",
             R"(Digest realm="r", nonce="n", NONCE="m")",
             R"(Digest realm="r", nonce="n", qop=auth, qop="auth")",
             R"(Digest realm="r", nonce=a"b")",
             R"(Digest realm="r", nonce=a\)",
             R"(Digest realm="r", nonce="n", Digest realm="s", nonce="m")",
             "Digest realm=\"r\", nonce=\"n\r\n evil\"",
             "Digest realm=\"r\", nonce=\"n\\\r\n evil\"",
             "Digest realm=\"r\", nonce=\"\x01\"",
             "Digest realm=\"r\", nonce=\"abcdefgh\x7f\"",
         }) {
        EXPECT_EQ(error_of(value), ChallengeError::malformed) << value;
    }
    EXPECT_EQ(error_of(std::string_view("Digest realm=\"r\", nonce=\"n\0\"", 28)), ChallengeError::malformed);
}

TEST(Challenge, ReadsNothingOutsideAnyTruncationOrMutant) {
    const std::string good =
        R"(Digest realm="sip.exa\"mple", nonce="abcdefghijklmnop", opaque="o", algorithm=SHA-256, qop="auth,auth-int")";
    const auto try_exact = [](std::string_view text) {
        // Its own allocation, so that a sanitizer sees one byte too far on either side.
        const std::unique_ptr<char[]> copy(new char[text.size()]);
        text.copy(copy.get(), text.size());
        Challenge challenge;
        const ChallengeError error = parse_challenge({copy.get(), text.size()}, challenge);
        for (const std::string_view view : {challenge.realm, challenge.nonce, challenge.opaque}) {
            if (error == ChallengeError::none && !view.empty()) {
                EXPECT_GE(view.data(), copy.get());
                EXPECT_LE(view.data() + view.size(), copy.get() + text.size());
            }
        }
        Credentials credentials;
        return parse_credentials({copy.get(), text.size()}, credentials);
    };
    for (std::size_t size = 0; size <= good.size(); ++size) {
        EXPECT_FALSE(try_exact(std::string_view(good).substr(0, size)));
    }
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        std::string mutant = good;
        for (std::uint64_t i = 0; i <= prng.below(4); ++i) {
            const std::string_view interesting = "\"\\,= \r\n\t\0aA\xff";
            mutant[prng.below(mutant.size())] = interesting[prng.below(interesting.size())];
        }
        EXPECT_FALSE(try_exact(mutant));
    }
}

/// A response with these rows; what parse_response() would leave of it as far as challenges go.
class Challenged {
  public:
    Challenged(const std::vector<std::string>& www, const std::vector<std::string>& proxy) {
        text_ = "-";
        for (const std::string& row : www) {
            add(response_.www_authenticate, row);
        }
        for (const std::string& row : proxy) {
            add(response_.proxy_authenticate, row);
        }
        response_.data = text_.data();
        response_.size = static_cast<std::uint32_t>(text_.size());
        count_ = select_challenges(response_, challenges_);
    }
    Challenged(const Challenged&) = delete;

    std::uint32_t count() const { return count_; }
    const Challenge& operator[](std::size_t i) const { return challenges_[i]; }

  private:
    void add(Rows& rows, const std::string& row) {
        rows.row[rows.count++] = {static_cast<std::uint16_t>(text_.size()), static_cast<std::uint16_t>(row.size())};
        text_ += row;
    }

    std::string text_;
    Response response_;
    std::array<Challenge, realms_max> challenges_;
    std::uint32_t count_ = 0;
};

TEST(SelectChallenges, AUT_6_TakesTheTopmostSupportedOfARealmAndNeverBasic) {
    const Challenged challenged({R"(Basic realm="r")", R"(Digest realm="r", nonce="1", algorithm=AKAv1-MD5)",
                                 R"(Digest realm="r", nonce="2", qop="auth-conf")", R"(Digest realm="r", nonce="3)",
                                 R"(Digest realm="r", nonce="4", algorithm=SHA-256)", R"(Digest realm="r", nonce="5")"},
                                {});
    ASSERT_EQ(challenged.count(), 1u);
    EXPECT_EQ(challenged[0].nonce, "4");
}

TEST(SelectChallenges, AUT_7_AUT_15_TakesOnePerRealmAndKeepsProxiesApart) {
    const Challenged challenged({R"(Digest realm="a", nonce="1")", R"(Digest realm="b", nonce="2")"},
                                {R"(Digest realm="a", nonce="3")", R"(Digest realm="a", nonce="4")"});
    ASSERT_EQ(challenged.count(), 3u);
    EXPECT_EQ(challenged[0].nonce, "1");
    EXPECT_FALSE(challenged[0].proxy);
    EXPECT_EQ(challenged[1].nonce, "2");
    EXPECT_FALSE(challenged[1].proxy);
    EXPECT_EQ(challenged[2].nonce, "3");
    EXPECT_TRUE(challenged[2].proxy);
}

TEST(SelectChallenges, StopsAtTheMostRealmsItMayAnswer) {
    std::vector<std::string> rows;
    for (int i = 0; i < 8; ++i) {
        rows.push_back("Digest realm=\"" + std::to_string(i) + "\", nonce=\"n\"");
    }
    const Challenged challenged(rows, rows);
    ASSERT_EQ(challenged.count(), realms_max);
    EXPECT_EQ(challenged[realms_max - 1].realm, std::to_string(realms_max - 1));
}

TEST(SelectChallenges, FindsNothingToAnswer) {
    EXPECT_EQ(Challenged({}, {}).count(), 0u);
    EXPECT_EQ(Challenged({R"(Basic realm="r")"}, {R"(Digest realm="r")"}).count(), 0u);
}

}  // namespace
}  // namespace regstorm::sip
