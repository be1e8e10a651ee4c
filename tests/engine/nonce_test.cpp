// SPDX-License-Identifier: Apache-2.0
// Nonces over time: re-use, staleness, rejection, and what happens when there is no room for one.
#include "digest_oracle.hpp"
#include "script.hpp"

namespace regstorm::engine {
namespace {

using oracle::parameter;
using registration::State;
using stats::Counter;

std::string challenge(const std::string& nonce, const std::string& more = "") {
    return "WWW-Authenticate: Digest realm=\"r\", nonce=\"" + nonce + "\", qop=\"auth\"" + more;
}
std::string refuse(const Heard& request, const std::string& nonce, const std::string& more = "") {
    return answer_to(request, 401, {challenge(nonce, more)});
}
std::string nonce_of(const Heard& request) { return parameter(request.row("Authorization"), "nonce"); }
std::string nc_of(const Heard& request) { return parameter(request.row("Authorization"), "nc"); }
bool right(const Heard& request) {
    const std::string row = request.row("Authorization");
    return parameter(row, "response") == oracle::response(row, "user000000", "secret");
}

TEST(Nonce, AUT_9_NcRisesWithEveryRequestAndNotWithRetransmissions) {
    std::uint64_t answers = 0;
    Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
        if (!request.authorized()) {
            self.say(request, refuse(request, "n"));
        } else if (self.heard().size() % 2 == 1) {  // every request needs one retransmission
            ++answers;
            self.say(request, granting(request, 100));
        }
    });
    peer.run_until(290 * second);
    ASSERT_EQ(answers, 4U);
    for (std::size_t i = 1; i < peer.heard().size(); ++i) {
        EXPECT_EQ(nc_of(peer.heard()[i]), "0000000" + std::to_string((i + 1) / 2)) << i;
        EXPECT_TRUE(right(peer.heard()[i]));
        if (i % 2 == 0) {
            EXPECT_EQ(peer.heard()[i].bytes, peer.heard()[i - 1].bytes) << "a retransmission is the same datagram";
        }
    }
}

TEST(Nonce, AUT_9_ARaisedRequestUsesTheNonceAgain) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (!request.authorized()) {
            self.say(request, refuse(request, "n"));
        } else if (request.expires() < 7200) {
            self.say(request, answer_to(request, 423, {"Min-Expires: 7200"}));
        } else {
            self.say(request, granting(request, 7200));
        }
    });
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 3U);
    EXPECT_EQ(nc_of(peer.heard()[1]), "00000001");
    EXPECT_EQ(nc_of(peer.heard()[2]), "00000002");
    EXPECT_TRUE(right(peer.heard()[2]));
}

TEST(Nonce, AUT_10_ARefusedCachedNonceIsReplacedEvenWithoutStale) {
    int nonces = 0;
    Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
        if (nonce_of(request) == "n" + std::to_string(nonces) && nc_of(request) == "00000001") {
            self.say(request, granting(request, 100));
        } else {
            self.say(request, refuse(request, "n" + std::to_string(++nonces)));
        }
    });
    peer.run_until(185 * second);
    EXPECT_EQ(peer.count(Counter::succeeded), 3U);
    EXPECT_EQ(peer.count(Counter::failed), 0U);
    EXPECT_EQ(peer.count(Counter::challenged), 3U);
    EXPECT_EQ(peer.heard().size(), 6U) << "each refresh: cached, 401, fresh, 200";
}

TEST(Nonce, AUT_10_AUT_12_ARefusedFreshNonceIsBadCredentials) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, refuse(request, "n" + std::to_string(self.heard().size())));
    });
    peer.run_until(19 * second);
    EXPECT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.failed_by(401), 1U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
    peer.run_until(21 * second);
    ASSERT_EQ(peer.heard().size(), 4U);
    EXPECT_FALSE(peer.heard()[2].authorized()) << "rejected credentials are never sent again";
}

TEST(Nonce, AUT_10_ARefreshWithoutCredentialsIfTheProfileSaysSo) {
    WorkerPlan plan = make_plan(1);
    plan.groups[0].profile.authorize_refresh = false;
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.authorized() ? granting(request, 100) : refuse(request, "n"));
    });
    peer.run_until(185 * second);
    ASSERT_EQ(peer.heard().size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(peer.heard()[i].authorized(), i % 2 == 1) << i;
    }
}

TEST(Nonce, AUT_11_EndlessStaleIsCutOff) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, refuse(request, "n" + std::to_string(self.heard().size()), ", stale=true"));
    });
    peer.run_until(19 * second);
    EXPECT_EQ(peer.heard().size(), 1U + registration::stale_answers_max);
    EXPECT_EQ(peer.failed_by(401), 1U);
}

TEST(Nonce, AUT_11_OneStaleAnswerIsNoFailure) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() < 3) {
            self.say(request, refuse(request, "n" + std::to_string(self.heard().size()), ", stale=TRUE"));
        } else {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(nonce_of(peer.last()), "n2");
    EXPECT_EQ(nc_of(peer.last()), "00000001");
}

TEST(Nonce, AUT_12_A403DropsTheCachedCredentials) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 3) {
            self.say(request, answer_to(request, 403));
        } else {
            self.say(request, request.authorized() ? granting(request, 100) : refuse(request, "n"));
        }
    });
    peer.run_until(111 * second);
    ASSERT_EQ(peer.heard().size(), 5U);
    EXPECT_TRUE(peer.heard()[2].authorized()) << "the refresh";
    EXPECT_FALSE(peer.heard()[3].authorized()) << "after the 403";
    EXPECT_EQ(peer.failed_by(403), 1U);
}

TEST(Nonce, AUT_13_NextnonceIsUsedNextAndNcStartsOver) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (!request.authorized()) {
            self.say(request, refuse(request, "first"));
            return;
        }
        self.say(request, answer_to(request, 200,
                                    {"Contact: <" + request.contact_uri() + ">;expires=100",
                                     "Authentication-Info: qop=auth, nextnonce=\"next" +
                                         std::to_string(self.heard().size()) + "\""}));
    });
    peer.run_until(185 * second);
    ASSERT_EQ(peer.heard().size(), 4U);
    EXPECT_EQ(nonce_of(peer.heard()[1]), "first");
    EXPECT_EQ(nonce_of(peer.heard()[2]), "next2");
    EXPECT_EQ(nonce_of(peer.heard()[3]), "next3");
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_EQ(nc_of(peer.heard()[i]), "00000001");
        EXPECT_TRUE(right(peer.heard()[i]));
    }
}

TEST(Nonce, AUT_13_ANextnonceThatDoesNotFitIsForgottenWithTheOldOne) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (!request.authorized()) {
            self.say(request, refuse(request, "first"));
            return;
        }
        self.say(request, answer_to(request, 200,
                                    {"Contact: <" + request.contact_uri() + ">;expires=100",
                                     "Authentication-Info: nextnonce=\"" + std::string(500, 'n') + "\""}));
    });
    peer.run_until(95 * second);
    ASSERT_EQ(peer.heard().size(), 4U);
    EXPECT_FALSE(peer.heard()[2].authorized());
    EXPECT_EQ(peer.count(Counter::failed), 0U);
}

TEST(Nonce, AChallengeLongerThanARowIsALocalFailure) {
    for (const std::size_t chars : {236U, 237U, 3000U}) {
        SCOPED_TRACE(chars);
        Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
            self.say(request,
                     request.authorized() ? granting(request, 3600) : refuse(request, std::string(chars, 'n')));
        });
        peer.run_until(19 * second);
        const bool fits = chars <= CredentialRow::text_chars_max;
        EXPECT_EQ(peer.count(Counter::succeeded), fits ? 1U : 0U);
        EXPECT_EQ(peer.count(Counter::failed_local), fits ? 0U : 1U);
        EXPECT_EQ(peer.in_state(State::waiting), fits ? 0U : 1U);
        EXPECT_TRUE(!fits || right(peer.last()));
    }
}

TEST(Nonce, ARealmLongerThanTheTableTakesCannotBeAnswered) {
    for (const std::size_t chars : {127U, 128U, 2000U}) {
        SCOPED_TRACE(chars);
        Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
            self.say(request, request.authorized() ? granting(request, 3600)
                                                   : answer_to(request, 401,
                                                               {"WWW-Authenticate: Digest realm=\"" +
                                                                std::string(chars, 'r') + "\", nonce=\"n\""}));
        });
        peer.run_until(19 * second);
        EXPECT_EQ(peer.count(Counter::succeeded), chars <= RealmTable::chars_max ? 1U : 0U);
        EXPECT_EQ(peer.failed_by(401), chars <= RealmTable::chars_max ? 0U : 1U);
    }
}

TEST(Nonce, AFullStoreIsAFailureOfItsOwnAndRowsComeBack) {
    WorkerPlan plan = make_plan(10, 1000);
    plan.credential_rows = 3;
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.authorized() ? granting(request, 3600) : refuse(request, "n"));
    });
    peer.run_until(15 * second);
    EXPECT_EQ(peer.in_state(State::registered), 3U);
    EXPECT_EQ(peer.count(Counter::failed_store), 7U);
    EXPECT_EQ(peer.in_state(State::waiting), 7U);
    peer.run_until(25 * second);
    EXPECT_EQ(peer.count(Counter::failed_store), 14U) << "the three keep their nonces for their refresh";
    peer.simulation().command(CommandKind::leave);
    peer.run_until(26 * second);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 3U);
}

TEST(Nonce, RowsGivenBackServeOthersForever) {
    WorkerPlan plan = make_plan(10, 1000);
    plan.credential_rows = 10;
    plan.groups[0].profile.authorize_refresh = false;
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.authorized() ? granting(request, 10) : refuse(request, "n"));
    });
    peer.run_until(1000 * second);
    EXPECT_EQ(peer.count(Counter::failed), 0U);
    EXPECT_GT(peer.count(Counter::succeeded), 1000U);
}

TEST(Nonce, FourLongChallengesOfLongNamesStayWithinADatagram) {
    WorkerPlan plan = make_plan(1);
    const std::string domain = std::string(120, 'd') + ".test";
    plan.groups[0].add = sip::RequestTemplate({.kind = sip::RequestKind::register_, .domain = domain});
    plan.groups[0].user = sip::NumberedText(std::string(118, 'u') + "%010d");
    Peer peer(plan, [](Peer& self, const Heard& request) {
        std::vector<std::string> rows;
        for (int i = 0; i < 4; ++i) {
            rows.push_back("WWW-Authenticate: Digest realm=\"" + std::string(126, 'r') + std::to_string(i) +
                           "\", nonce=\"" + std::string(236, 'n') + "\", qop=\"auth-int\", algorithm=SHA-512-256-sess");
        }
        self.say(request, request.authorized() ? granting(request, 3600) : answer_to(request, 401, rows));
    });
    peer.run_until(19 * second);
    for (const Heard& request : peer.heard()) {
        EXPECT_LE(request.bytes.size(), port::payload_bytes_max);
    }
    EXPECT_EQ(peer.count(Counter::attempted), 1U);
    EXPECT_EQ(peer.count(Counter::failed_local), 1U) << "an answer that no datagram can hold is not sent";
}

}  // namespace
}  // namespace regstorm::engine
