// SPDX-License-Identifier: Apache-2.0
// Who may register, and what becomes of datagrams that are no REGISTER.
#include "desk.hpp"
#include "regstorm/base/prng.hpp"

namespace regstorm::registrar {
namespace {

const std::string phone_contact = contact("sip:alice@198.18.0.1:5060");

struct Guarded {
    explicit Guarded(RegistrarPlan plan = make_plan(true)) : desk(std::move(plan)) {
        challenge = row_of(desk.ask({.rows = {phone_contact}}), "WWW-Authenticate");
    }
    int status(const std::string& row) {
        last = desk.ask({.rows = {phone_contact, row}, .cseq = ++cseq});
        return status_of(last);
    }
    [[nodiscard]] std::string nonce() const { return quoted(challenge, "nonce"); }

    Desk desk;
    std::string challenge;
    std::string last;
    std::uint32_t cseq = 1;
};

TEST(Answers, AUT_2_WithoutCredentialsThereIsAChallenge) {
    Guarded guarded;
    EXPECT_TRUE(guarded.challenge.starts_with("Digest realm=\"example.test\", nonce=\"")) << guarded.challenge;
    EXPECT_NE(guarded.challenge.find("qop=\"auth\""), std::string::npos);
    EXPECT_EQ(guarded.challenge.find("stale"), std::string::npos);
    EXPECT_EQ(guarded.desk.counters().challenged, 1U);
    EXPECT_EQ(guarded.desk.live(), 0U);
}

TEST(Answers, RightCredentialsRegister) {
    Guarded guarded;
    EXPECT_EQ(guarded.status(authorization(guarded.nonce())), 200);
    EXPECT_EQ(guarded.status(authorization(guarded.nonce())), 200) << "again with the same nonce";
    EXPECT_EQ(guarded.desk.live(), 1U);
}

TEST(Answers, AUT_5_EveryAlgorithmIsChecked) {
    using enum sip::DigestAlgorithm;
    for (const sip::DigestAlgorithm algorithm : {md5_sess, sha256, sha256_sess, sha512_256, sha512_256_sess}) {
        SCOPED_TRACE(sip::to_text(algorithm));
        RegistrarPlan plan = make_plan(true);
        plan.algorithm = algorithm;
        Guarded guarded(plan);
        EXPECT_NE(guarded.challenge.find("algorithm=" + std::string(sip::to_text(algorithm)) + ","), std::string::npos);
        EXPECT_EQ(guarded.status(authorization(guarded.nonce(), "secret", "example.test", algorithm)), 200);
        EXPECT_EQ(guarded.status(authorization(guarded.nonce(), "wrong", "example.test", algorithm)), 403);
        EXPECT_EQ(guarded.status(authorization(guarded.nonce())), 401) << "MD5 is not what was asked for";
    }
}

TEST(Answers, AUT_3_AUT_4_TheQopIsTheOneThatWasOffered) {
    for (const sip::Qop offered : {sip::Qop::none, sip::Qop::auth, sip::Qop::auth_int}) {
        RegistrarPlan plan = make_plan(true);
        plan.qop = offered;
        Guarded guarded(plan);
        EXPECT_EQ(guarded.challenge.find("qop=") == std::string::npos, offered == sip::Qop::none);
        EXPECT_EQ(guarded.challenge.find("qop=\"auth-int\"") != std::string::npos, offered == sip::Qop::auth_int);
        for (const sip::Qop used : {sip::Qop::none, sip::Qop::auth, sip::Qop::auth_int}) {
            const bool old_phone = offered == sip::Qop::auth && used == sip::Qop::none;
            EXPECT_EQ(guarded.status(authorization(guarded.nonce(), "secret", "example.test", plan.algorithm, used)),
                      used == offered || old_phone ? 200 : 401);
        }
    }
}

TEST(Answers, AWrongPasswordIsForbidden) {
    Guarded guarded;
    EXPECT_EQ(guarded.status(authorization(guarded.nonce(), "guess")), 403);
    EXPECT_EQ(guarded.desk.counters().wrong_password, 1U);
    EXPECT_EQ(guarded.desk.live(), 0U);
}

TEST(Answers, UnusableCredentialsAreChallengedAgain) {
    Guarded guarded;
    std::string changed = guarded.nonce();
    changed.back() = changed.back() == '0' ? '1' : '0';
    for (const std::string& row :
         {authorization(changed), authorization("short"), authorization(guarded.nonce(), "secret", "other.test"),
          std::string("Authorization: Basic YWxpY2U6c2VjcmV0"), std::string("Authorization: Digest"),
          authorization(guarded.nonce()).substr(0, 80), "Proxy-" + authorization(guarded.nonce())}) {
        EXPECT_EQ(guarded.status(row), 401) << row;
        EXPECT_EQ(row_of(guarded.last, "WWW-Authenticate").find("stale"), std::string::npos);
    }
    EXPECT_EQ(guarded.desk.counters().challenged, 8U);
}

TEST(Answers, AnExpiredNonceIsStaleIfThePasswordIsRight) {
    Guarded guarded;
    guarded.desk.wait(300 * second);
    EXPECT_EQ(guarded.status(authorization(guarded.nonce())), 200) << "in its last second";
    guarded.desk.wait(second);
    EXPECT_EQ(guarded.status(authorization(guarded.nonce())), 401);
    const std::string fresh = row_of(guarded.last, "WWW-Authenticate");
    EXPECT_NE(fresh.find("stale=true"), std::string::npos);
    EXPECT_EQ(guarded.desk.counters().stale, 1U);
    EXPECT_EQ(guarded.status(authorization(guarded.nonce(), "guess")), 403);
    EXPECT_EQ(guarded.status(authorization(quoted(fresh, "nonce"))), 200);
}

TEST(Answers, TheRightOneOfSeveralCredentialsIsFound) {
    Guarded guarded;
    const std::string other =
        "Authorization: Digest username=\"alice\", realm=\"elsewhere\", nonce=\"n\", uri=\"u\", "
        "response=\"0123456789abcdef0123456789abcdef\"\r\n";
    EXPECT_EQ(guarded.status(other + authorization(guarded.nonce())), 200);
}

TEST(Answers, OtherRequestsAndNoRequests) {
    Desk desk;
    const std::string options = desk.ask({.method = "OPTIONS"});
    EXPECT_EQ(status_of(options), 200);
    EXPECT_NE(row_of(options, "Allow"), "");
    const std::string invite = desk.ask({.method = "INVITE"});
    EXPECT_EQ(status_of(invite), 405);
    EXPECT_NE(row_of(invite, "Allow"), "");
    EXPECT_EQ(desk.ask({.method = "ACK"}), "");
    EXPECT_EQ(desk.send("SIP/2.0 200 OK\r\n\r\n"), "");
    EXPECT_EQ(desk.send(options), "") << "a response is never answered";
    EXPECT_EQ(desk.send("\r\n\r\n"), "");
    EXPECT_EQ(desk.send("REGISTER sip:example.test SIP/2.0\r\n\r\n"), "");
    EXPECT_EQ(desk.send(std::string(5000, 'x')), "");
    EXPECT_EQ(desk.counters().options, 1U);
    EXPECT_EQ(desk.counters().other_requests, 2U);
    EXPECT_EQ(desk.counters().responses, 2U);
    EXPECT_EQ(desk.counters().malformed, 2U);
    EXPECT_EQ(desk.counters().not_payload, 1U);
    EXPECT_EQ(desk.counters().received, 8U);
}

TEST(Answers, EchoesWhatMustBeEchoed) {
    Desk desk;
    const std::string request = text_of({.rows = {phone_contact}});
    const std::string answer = desk.send(request);
    EXPECT_EQ(row_of(answer, "Via"), row_of(request, "Via") + "=5060;received=198.18.0.1");
    EXPECT_EQ(row_of(answer, "From"), row_of(request, "From"));
    EXPECT_TRUE(row_of(answer, "To").starts_with(row_of(request, "To") + ";tag="));
    EXPECT_EQ(row_of(answer, "Call-ID"), row_of(request, "Call-ID"));
    EXPECT_EQ(row_of(answer, "CSeq"), row_of(request, "CSeq"));
    EXPECT_EQ(desk.send(request), answer) << "a retransmission gets the same answer";
}

TEST(Answers, GarbageIsSurvivedAndCounted) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        Desk desk(make_plan(seed % 2 == 0));
        const std::string good = text_of({.rows = {phone_contact, "Expires: 100", authorization("nonce")}});
        for (int i = 0; i < 4000; ++i) {
            std::string text = good;
            for (std::uint64_t changes = prng.below(6); changes > 0; --changes) {
                const std::size_t at = prng.below(text.size());
                const std::size_t size = 1 + prng.below(20);
                switch (prng.below(4)) {
                    case 0:
                        text[at] = static_cast<char>(prng.next());
                        break;
                    case 1:
                        text.erase(at, size);
                        break;
                    case 2:
                        text.insert(at, good, prng.below(good.size()), size);
                        break;
                    default:
                        text.insert(at, size, "*,;<>\"\r\n"[prng.below(8)]);
                        break;
                }
            }
            desk.send(text);
        }
        const RegistrarCounters& c = desk.counters();
        EXPECT_GE(c.received, 4000U) << "more when a mangled Via sends an answer where it comes back as an ICMP error";
        EXPECT_EQ(c.received, c.registers + c.options + c.other_requests + c.responses + c.malformed + c.not_payload);
        EXPECT_EQ(c.registers, c.accepted + c.challenged + c.stale + c.wrong_password + c.too_brief + c.bad_request +
                                   c.full + c.unsent);
        EXPECT_GT(c.malformed, 100U);
    }
}

}  // namespace
}  // namespace regstorm::registrar
