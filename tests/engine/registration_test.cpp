// SPDX-License-Identifier: Apache-2.0
// What a phone makes of answers and what its next requests say: RFC 3261 10.2 over the wire.
#include <map>
#include <set>

#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

Peer::OnRequest grant(std::uint32_t expires_s) {
    return [expires_s](Peer& self, const Heard& request) { self.say(request, granting(request, expires_s)); };
}

constexpr std::string_view challenge_row =
    "WWW-Authenticate: Digest realm=\"example.test\", nonce=\"0123\", algorithm=MD5, qop=\"auth\"";

TEST(Registration, MSG_3_MSG_12_CallIdTagsAndContactStayOverTenRefreshes) {
    Peer peer(make_plan(1), grant(100));
    peer.run_until(905 * second);
    ASSERT_EQ(peer.heard().size(), 11U);
    const Heard& first = peer.heard().front();
    for (const Heard& request : peer.heard()) {
        EXPECT_EQ(request.row("Call-ID"), first.row("Call-ID")) << "MSG-3";
        EXPECT_EQ(request.row("From"), first.row("From"));
        EXPECT_EQ(request.row("To"), first.row("To"));
        EXPECT_EQ(request.row("Contact"), first.row("Contact")) << "MSG-12";
        EXPECT_EQ(request.contact_uri(), "sip:user000000@198.18.0.1:5060");
    }
}

TEST(Registration, MSG_4_MSG_6_CSeqRisesByOneAndEveryTransactionHasABranchOfItsOwn) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        switch (self.heard().size()) {
            case 1:  // not answered: a retransmission follows
                break;
            case 2:
                self.say(request, answer_to(request, 401, {std::string(challenge_row)}));
                break;
            case 3:
                self.say(request, answer_to(request, 423, {"Min-Expires: 7200"}));
                break;
            default:
                self.say(request, granting(request, 100));
        }
    });
    peer.run_until(300 * second);
    ASSERT_EQ(peer.heard().size(), 7U);
    std::set<std::string> branches;
    for (std::size_t i = 0; i < peer.heard().size(); ++i) {
        branches.insert(peer.heard()[i].branch());
        const std::uint32_t transactions_before = static_cast<std::uint32_t>(i == 0 ? 0 : i - 1);
        EXPECT_EQ(peer.heard()[i].cseq(), sip::cseq_first + transactions_before) << i;
    }
    EXPECT_EQ(branches.size(), 6U);
    EXPECT_EQ(peer.heard()[0].bytes, peer.heard()[1].bytes);
}

TEST(Registration, MSG_6_NoTwoPhonesShareABranchOrACallId) {
    Peer peer(make_plan(500), grant(3600));
    peer.run_until(second);
    std::set<std::string> branches;
    std::set<std::string> call_ids;
    for (const Heard& request : peer.heard()) {
        branches.insert(request.branch());
        call_ids.insert(request.row("Call-ID"));
    }
    EXPECT_EQ(branches.size(), 500U);
    EXPECT_EQ(call_ids.size(), 500U);
}

TEST(Registration, MSG_7_INV_1_NeverTwoRegistersOutstandingWhateverTheDelay) {
    struct Open {
        std::string branch;
        base::Nanoseconds ends_ns = 0;  ///< its answer arrives, or Timer F fires
    };
    for (const std::uint32_t delay_ms : {10U, 700U, 5000U, 31'900U, 40'000U}) {
        SCOPED_TRACE(delay_ms);
        WorkerPlan plan = make_plan(20);
        plan.groups[0].profile.refresh_per_mille = 100;  // eager phones: 1 s after a grant of 10 s
        std::map<std::string, Open> by_call_id;
        std::uint64_t transactions = 0;
        std::uint64_t violations = 0;
        Peer peer(plan, [&](Peer& self, const Heard& request) {
            Open& open = by_call_id[request.row("Call-ID")];
            if (open.branch == request.branch()) {
                return;
            }
            ++transactions;
            violations += request.at_ns < open.ends_ns ? 1 : 0;
            open = {request.branch(), request.at_ns + std::min(delay_ms * millisecond, 32 * second)};
            self.say(request, granting(request, 10), delay_ms * millisecond);
        });
        peer.run_until(60 * second);
        peer.simulation().command(CommandKind::leave);
        peer.run_until(150 * second);
        EXPECT_EQ(violations, 0U);
        EXPECT_GE(transactions, 40U);
        EXPECT_EQ(by_call_id.size(), 20U);
    }
}

TEST(Registration, MSG_11_REG_17_RemovalNamesTheRegisteredContactAndNeedsNoContactBack) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 3600));
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.last().contact_uri(), peer.heard()[0].contact_uri());
    EXPECT_TRUE(peer.last().row("Contact").ends_with(">;expires=0")) << peer.last().row("Contact");
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.last().row("Call-ID"), peer.heard()[0].row("Call-ID"));
    EXPECT_EQ(peer.last().cseq(), peer.heard()[0].cseq() + 1);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_EQ(peer.in_state(State::removed), 1U);
}

TEST(Registration, MSG_14_RecordRouteIsIgnored) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, answer_to(request, 200,
                                    {"Record-Route: <sip:192.0.2.1;lr>",
                                     "Contact: <" + request.contact_uri() + ">;expires=100"}));
    });
    peer.run_until(95 * second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_FALSE(peer.last().has("Route:"));
    EXPECT_FALSE(peer.last().has("192.0.2.1"));
}

/// The second the first refresh leaves in, when the answer to the first request has these rows.
struct Refresh {
    std::uint64_t after_s = 0;
    std::uint64_t binding_lost = 0;
};
Refresh refresh_after(const std::function<std::vector<std::string>(const Heard&)>& rows) {
    Peer peer(make_plan(1), [&](Peer& self, const Heard& request) {
        if (self.heard().size() == 1) {
            self.say(request, answer_to(request, 200, rows(request)));
        }
    });
    peer.run_until(7000 * second);
    CHECK(peer.heard().size() >= 2);
    return {peer.at_ms()[1] / 1000, peer.count(Counter::binding_lost)};
}

TEST(Registration, REG_1_REG_2_OurOwnBindingIsFoundWhereverItStands) {
    const std::string before = "<sip:other@192.0.2.1:5060>;expires=7, \"a, b\" <sip:other@192.0.2.2>;q=0.5;expires=0";
    const std::string after = "<sip:user000000@198.18.0.1>;expires=9, sip:else@192.0.2.3;expires=8";
    const auto own = [](const Heard& r, const std::string& rest) { return "<" + r.contact_uri() + ">" + rest; };
    EXPECT_EQ(refresh_after([&](const Heard& r) {
                  return std::vector<std::string>{"Contact: " + before + ", " + own(r, ";expires=1000")};
              }).after_s,
              900U)
        << "last";
    EXPECT_EQ(refresh_after([&](const Heard& r) {
                  return std::vector<std::string>{"Contact: " + own(r, ";expires=1000") + ", " + after};
              }).after_s,
              900U)
        << "first";
    EXPECT_EQ(refresh_after([&](const Heard& r) {
                  return std::vector<std::string>{"Contact: " + before,
                                                  "m: " + own(r, " ; q=0.1 ; ExPiReS = 1000") + "," + after};
              }).after_s,
              900U)
        << "in the middle, over two rows";
    EXPECT_EQ(refresh_after([&](const Heard& r) {
                  return std::vector<std::string>{"Expires: 2000", "Contact: " + before + ", " + own(r, "")};
              }).after_s,
              1800U)
        << "without a lifetime of its own: the Expires header";
    EXPECT_EQ(refresh_after([&](const Heard& r) {
                  return std::vector<std::string>{"Contact: " + before + ", " + own(r, ";expires=soon")};
              }).after_s,
              3240U)
        << "unreadable: what was asked for";
    EXPECT_EQ(refresh_after([](const Heard&) { return std::vector<std::string>{}; }).after_s, 3240U);
}

TEST(Registration, REG_3_ALostBindingIsCountedAndALoneRewrittenContactIsOurs) {
    const Refresh lost = refresh_after([](const Heard&) {
        return std::vector<std::string>{"Contact: <sip:a@192.0.2.1>;expires=10, <sip:b@192.0.2.2>;expires=20"};
    });
    EXPECT_EQ(lost.binding_lost, 1U);
    EXPECT_EQ(lost.after_s, 3240U) << "what was asked for";
    const Refresh rewritten = refresh_after([](const Heard&) {
        return std::vector<std::string>{"Contact: <sip:user000000@203.0.113.7:61000>;expires=1000"};
    });
    EXPECT_EQ(rewritten.binding_lost, 0U);
    EXPECT_EQ(rewritten.after_s, 900U);
}

TEST(Registration, REG_4_REG_5_LessMoreAndDecrementedGrantsAreTaken) {
    for (const std::uint32_t granted_s : {60U, 3599U, 3600U, 7200U}) {
        const Refresh refresh = refresh_after([&](const Heard& r) {
            return std::vector<std::string>{"Contact: <" + r.contact_uri() + ">;expires=" + std::to_string(granted_s)};
        });
        EXPECT_EQ(refresh.after_s, std::uint64_t{granted_s} * 9 / 10);
    }
    Peer peer(make_plan(1), grant(50));
    peer.run_until(50 * second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.last().expires(), 3600U) << "the next request asks for what the profile says";
}

TEST(Registration, REG_6_RefreshesKeepTheirDistanceForAnyLifetime) {
    struct Row {
        std::uint32_t granted_s;
        std::uint32_t before_s;
        std::uint64_t after_ms;
    };
    // E = 1 s, 5 s, 60 s and the longest a phone can be given: 64,800 minutes.
    for (const Row& row : {Row{0, 0, 1000}, Row{1, 0, 1000}, Row{5, 0, 4500}, Row{60, 0, 54'000}, Row{60, 60, 30'000},
                           Row{60, 5, 55'000}, Row{5, 60, 2500}, Row{64'800 * 60, 0, 3'499'200'000},
                           Row{64'800 * 60, 60, 3'887'940'000}, Row{0xffff'ffff, 0, registration::wait_ms_max}}) {
        SCOPED_TRACE(row.granted_s);
        WorkerPlan plan = make_plan(1);
        plan.groups[0].profile.refresh_before_s = row.before_s;
        Peer peer(plan, [&](Peer& self, const Heard& request) {
            if (self.heard().size() == 1) {
                self.say(request, granting(request, row.granted_s));
            }
        });
        peer.run_until((row.after_ms + 100) * millisecond);
        EXPECT_EQ(peer.at_ms(), (std::vector<base::Nanoseconds>{0, row.after_ms}));
    }
}

TEST(Registration, REG_7_A423IsObeyedOnceAndNeverInALoop) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, answer_to(request, 423, {"Min-Expires: " + std::to_string(request.expires() + 1)}));
    });
    peer.run_until(19 * second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.heard()[1].expires(), 3601U);
    EXPECT_EQ(peer.failed_by(423), 1U);
    peer.run_until(21 * second);
    EXPECT_EQ(peer.heard().size(), 4U) << "the next attempt may obey once more";
}

TEST(Registration, REG_7_A423ThatAsksForNothingMoreIsAFailure) {
    for (const std::string row : {"X-Nothing: 1", "Min-Expires: 3600", "Min-Expires: 60", "Min-Expires: 0"}) {
        SCOPED_TRACE(row);
        Peer peer(make_plan(1),
                  [&](Peer& self, const Heard& request) { self.say(request, answer_to(request, 423, {row})); });
        peer.run_until(19 * second);
        EXPECT_EQ(peer.heard().size(), 1U);
        EXPECT_EQ(peer.failed_by(423), 1U);
    }
}

TEST(Registration, REG_5_REG_7_ARaisedExpiryIsAskedForAgainAlthoughGrantsAreDecremented) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (request.expires() < 7200) {
            self.say(request, answer_to(request, 423, {"Min-Expires: 7200"}));
        } else {
            self.say(request, granting(request, 7199));
        }
    });
    peer.run_until(5 * 6479 * second);
    std::vector<std::uint32_t> asked;
    for (const Heard& request : peer.heard()) {
        asked.push_back(request.expires());
    }
    EXPECT_EQ(asked, (std::vector<std::uint32_t>{3600, 7200, 7200, 7200, 7200, 7200}));
}

TEST(Registration, REG_18_ARemovalIsChallengedAndCompleted) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (request.expires() == 0 && !request.authorized()) {
            self.say(request, answer_to(request, 401, {std::string(challenge_row)}));
        } else {
            self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 3600));
        }
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    ASSERT_EQ(peer.heard().size(), 3U);
    EXPECT_TRUE(peer.last().authorized());
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_EQ(peer.count(Counter::challenged), 1U);
}

}  // namespace
}  // namespace regstorm::engine
