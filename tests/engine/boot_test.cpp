// SPDX-License-Identifier: Apache-2.0
// What a phone does between power on and its first REGISTER, and what a power cut leaves of it.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using registration::Unregister;
using stats::Counter;

WorkerPlan plan_with(const std::function<void(registration::Profile&)>& change) {
    WorkerPlan plan = make_plan(1);
    change(plan.groups[0].profile);
    plan.groups[0].compile({.domain = "example.test", .instance = true});
    return plan;
}

void grant(Peer& self, const Heard& request) { self.say(request, granting(request, 3600), 10 * millisecond); }

TEST(Boot, MSG_11_UnregistersItsOwnContactBeforeTheFirstRegister) {
    Peer peer(plan_with([](auto& profile) { profile.unregister_first = Unregister::instance; }), grant);
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 2U);
    const Heard& removal = peer.heard()[0];
    const Heard& registration = peer.heard()[1];
    EXPECT_EQ(removal.expires(), 0U);
    EXPECT_TRUE(removal.has(">;+sip.instance=\"<urn:uuid:"));
    EXPECT_TRUE(removal.has(";expires=0\r\n"));
    EXPECT_EQ(registration.expires(), 3600U);
    EXPECT_EQ(removal.contact_uri(), registration.contact_uri()) << "byte for byte";
    EXPECT_EQ(removal.row("Call-ID"), registration.row("Call-ID")) << "MSG-3";
    EXPECT_EQ(removal.cseq() + 1, registration.cseq()) << "MSG-4";
    EXPECT_EQ(peer.count(Counter::clearings_succeeded), 1U);
    EXPECT_EQ(peer.count(Counter::attempted), 1U) << "the un-REGISTER is no registration attempt";
    EXPECT_EQ(peer.in_state(State::registered), 1U);
}

TEST(Boot, MSG_9_MSG_10_UnregisterAllIsAStarAloneWithoutInstance) {
    Peer peer(plan_with([](auto& profile) { profile.unregister_first = Unregister::all; }), grant);
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.heard()[0].row("Contact"), "*");
    EXPECT_EQ(peer.heard()[0].expires(), 0U);
    EXPECT_FALSE(peer.heard()[0].has("+sip.instance"));
    EXPECT_TRUE(peer.heard()[1].has("+sip.instance"));
}

TEST(Boot, REG_18_TheUnregisterIsChallengedLikeAnyRegister) {
    for (const bool authorize_first : {false, true}) {
        Peer peer(plan_with([&](auto& profile) {
                      profile.unregister_first = Unregister::all;
                      profile.authorize_register = authorize_first;
                  }),
                  [](Peer& self, const Heard& request) {
                      self.say(request,
                               request.authorized()
                                   ? granting(request, 3600)
                                   : answer_to(request, 401,
                                               {R"(WWW-Authenticate: Digest realm="r", nonce="n", qop="auth")"}));
                  });
        peer.run_until(second);
        ASSERT_EQ(peer.heard().size(), authorize_first ? 3U : 4U) << "bare, answered, then the REGISTER";
        EXPECT_TRUE(peer.heard()[1].authorized());
        EXPECT_EQ(peer.heard()[1].row("Contact"), "*");
        EXPECT_EQ(peer.heard()[2].authorized(), authorize_first) << "Add Auth Header On Initial REGISTER";
        if (authorize_first) {
            EXPECT_TRUE(peer.heard()[2].has("nc=00000002")) << "AUT-9";
        }
        EXPECT_EQ(peer.in_state(State::registered), 1U);
    }
}

TEST(Boot, ARefusedUnregisterCostsTheRetryWaitAndIsNotRepeated) {
    int answered = 0;
    Peer peer(plan_with([](auto& profile) { profile.unregister_first = Unregister::instance; }),
              [&](Peer& self, const Heard& request) {
                  self.say(request, answered++ == 0 ? answer_to(request, 500) : granting(request, 3600));
              });
    peer.run_until(30 * second);
    EXPECT_EQ(peer.at_ms(), (std::vector<base::Nanoseconds>{0, 20'000}));
    EXPECT_EQ(peer.last().expires(), 3600U);
    EXPECT_EQ(peer.count(Counter::clearings_failed), 1U);
    EXPECT_EQ(peer.count(Counter::failed), 0U);
}

TEST(Boot, TXN_1_AnUnansweredUnregisterIsGivenUpAfterTimerF) {
    Peer peer(plan_with([](auto& profile) { profile.unregister_first = Unregister::instance; }));
    peer.run_until(52'100 * millisecond);
    ASSERT_EQ(peer.heard().size(), 12U);
    EXPECT_EQ(peer.at_ms()[10], 31'500U);
    EXPECT_EQ(peer.at_ms()[11], 52'000U) << "32 s of Timer F, 20 s of retry wait";
    EXPECT_EQ(peer.last().expires(), 3600U);
}

TEST(Boot, DelaysItsFirstRequestAsTheProfileSays) {
    Peer peer(plan_with([](auto& profile) { profile.boot_delay_ms = 5000; }), grant);
    peer.run_until(4'999 * millisecond);
    EXPECT_TRUE(peer.heard().empty());
    EXPECT_EQ(peer.in_state(State::delayed), 1U);
    peer.run_until(5'100 * millisecond);
    ASSERT_EQ(peer.heard().size(), 1U);
    EXPECT_GE(peer.heard()[0].at_ns, 5 * second);
}

TEST(Boot, INV_6_RandomBootDelaysSpreadThePhonesAndRepeatWithTheSeed) {
    const auto times = [](std::uint64_t salt) {
        WorkerPlan plan = make_plan(200, 1e6);
        plan.salt = salt;
        plan.groups[0].profile.boot_delay_spread_ms = 10'000;
        Peer peer(plan, grant);
        peer.run_until(11 * second);
        EXPECT_EQ(peer.in_state(State::registered), 200U);
        return peer.at_ms();
    };
    const std::vector<base::Nanoseconds> first = times(1);
    EXPECT_EQ(first, times(1));
    EXPECT_NE(first, times(2));
    EXPECT_GT(first.back(), 9'000U);
}

TEST(Boot, WithRegistrationOffThePhoneAnswersButNeverRegisters) {
    WorkerPlan plan = plan_with([](auto& profile) { profile.registers = false; });
    Peer peer(plan);
    peer.run_until(second);
    EXPECT_EQ(peer.in_state(State::present), 1U);
    peer.simulation().phones_port().faults().report_unreachable = false;
    constexpr base::SocketAddress caller{base::IpAddress::from_ipv4(0xc613'0009), 5080};
    peer.simulation().network().inject(peer.simulation().now_ns() + second, caller, phone_address,
                                       "OPTIONS sip:user000000@198.18.0.1 SIP/2.0\r\n"
                                       "Via: SIP/2.0/UDP 198.19.0.9:5080;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
                                       "To: <sip:user000000@example.test>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
                                       "Content-Length: 0\r\n\r\n");
    peer.run_until(3600 * second);
    EXPECT_TRUE(peer.heard().empty());
    EXPECT_EQ(peer.count(Counter::answered_requests), 1U);
    EXPECT_EQ(peer.simulation().snapshot().first_outcomes, 1U) << "a run must not wait for it";
}

TEST(Boot, MSG_3_OB_1_APowerCutGivesANewCallIdAndKeepsTheInstance) {
    Peer peer(plan_with([](auto&) {}), grant);
    peer.run_until(second);
    Phones<port::SimPort>& phones = peer.simulation().worker().phones();
    phones.power_off(0, peer.simulation().now_ns());
    EXPECT_EQ(peer.in_state(State::idle), 1U);
    phones.start(0, peer.simulation().now_ns(), peer.simulation().now_ns());
    peer.run_until(2 * second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_NE(peer.heard()[0].row("Call-ID"), peer.heard()[1].row("Call-ID"));
    EXPECT_EQ(peer.heard()[0].row("Contact"), peer.heard()[1].row("Contact")) << "the instance with it";
    EXPECT_EQ(peer.in_state(State::registered), 1U);
    EXPECT_EQ(peer.count(Counter::power_offs), 1U);
}

TEST(Boot, INV_2_AnAnswerToTheBootBeforeIsLateAndTheAttemptAbandoned) {
    Peer peer(plan_with([](auto&) {}), [](Peer& self, const Heard& request) {
        self.say(request, granting(request, 3600), self.heard().size() == 1 ? 300 * millisecond : millisecond);
    });
    peer.run_until(100 * millisecond);
    Phones<port::SimPort>& phones = peer.simulation().worker().phones();
    phones.power_off(0, peer.simulation().now_ns());
    phones.start(0, peer.simulation().now_ns(), peer.simulation().now_ns());
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::abandoned), 1U);
    EXPECT_EQ(peer.count(Counter::late), 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(peer.in_state(State::registered), 1U);
}

}  // namespace
}  // namespace regstorm::engine
