// SPDX-License-Identifier: Apache-2.0
// The subscription beside a registration: RFC 6665, with the settings that desk phones have for it.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

WorkerPlan subscription_plan(std::uint32_t expires_s = 3600) {
    WorkerPlan plan = make_plan(1);
    plan.subscriptions = true;
    plan.groups[0].profile.subscription = {.enabled = true, .expires_s = expires_s, .retry_wait_ms = 1000};
    return plan;
}

std::string subscribed(const Heard& request, std::uint32_t expires_s, const std::string& target = "") {
    std::vector<std::string> rows{"Expires: " + std::to_string(expires_s)};
    if (!target.empty()) {
        rows.push_back("Contact: <" + target + ">");
    }
    return answer_to(request, 200, rows);
}

/// Grants every REGISTER; SUBSCRIBEs are the test's.
Peer::OnRequest with(std::function<void(Peer&, const Heard&)> on_subscribe) {
    return [on_subscribe = std::move(on_subscribe)](Peer& self, const Heard& request) {
        if (request.method() == "REGISTER") {
            self.say(request, granting(request, 86'400));
        } else {
            on_subscribe(self, request);
        }
    };
}

std::vector<Heard> subscribes(const Peer& peer) {
    std::vector<Heard> found;
    for (const Heard& request : peer.heard()) {
        if (request.method() == "SUBSCRIBE") {
            found.push_back(request);
        }
    }
    return found;
}

TEST(Subscription, SubscribesToItsOwnMailboxOnceRegistered) {
    Peer peer(subscription_plan(1800),
              with([](Peer& self, const Heard& request) { self.say(request, subscribed(request, 1800)); }));
    peer.run_until(second);
    ASSERT_EQ(subscribes(peer).size(), 1U);
    const Heard first = subscribes(peer)[0];
    EXPECT_TRUE(first.bytes.starts_with("SUBSCRIBE sip:user000000@example.test SIP/2.0\r\n"));
    EXPECT_EQ(first.row("To"), "<sip:user000000@example.test>");
    EXPECT_EQ(first.row("Event"), "message-summary");
    EXPECT_EQ(first.row("Accept"), "application/simple-message-summary");
    EXPECT_EQ(first.expires(), 1800U) << "Subscribe Expiration";
    EXPECT_FALSE(first.contact_uri().empty());
    EXPECT_NE(first.row("Call-ID"), peer.heard()[0].row("Call-ID"));
    EXPECT_EQ(peer.count(Counter::subscriptions_succeeded), 1U);
}

TEST(Subscription, RefreshesWithinItsDialogBeforeItExpires) {
    Peer peer(subscription_plan(), with([](Peer& self, const Heard& request) {
                  self.say(request, subscribed(request, 600, "sip:notifier@198.19.0.7:5080"));
              }));
    peer.run_until(1100 * second);
    const std::vector<Heard> sent = subscribes(peer);
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_NEAR(static_cast<double>((sent[1].at_ns - sent[0].at_ns) / millisecond), 540'000, 2)
        << "0.9 of 600 s granted";
    EXPECT_TRUE(sent[1].bytes.starts_with("SUBSCRIBE sip:notifier@198.19.0.7:5080 SIP/2.0\r\n"));
    EXPECT_EQ(sent[1].row("To"), "<sip:user000000@example.test>;tag=peer");
    EXPECT_EQ(sent[1].row("Call-ID"), sent[0].row("Call-ID"));
    EXPECT_EQ(sent[1].row("From"), sent[0].row("From"));
    EXPECT_EQ(sent[1].cseq(), sent[0].cseq() + 1);
}

TEST(Subscription, IsChallengedLikeARegistration) {
    Peer peer(
        subscription_plan(), with([](Peer& self, const Heard& request) {
            self.say(request,
                     request.authorized()
                         ? subscribed(request, 600, "sip:notifier@198.19.0.7")
                         : answer_to(request, 407, {R"(Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth")"}));
        }));
    peer.run_until(600 * second);
    const std::vector<Heard> sent = subscribes(peer);
    ASSERT_EQ(sent.size(), 3U) << "bare, answered, and the refresh with the kept nonce";
    EXPECT_TRUE(sent[1].has("\r\nProxy-Authorization: Digest username=\"user000000\""));
    EXPECT_TRUE(sent[1].has("uri=\"sip:user000000@example.test\""));
    EXPECT_TRUE(sent[2].has("uri=\"sip:notifier@198.19.0.7\"")) << "the digest is over the target it is sent to";
    EXPECT_TRUE(sent[2].has("nc=00000002"));
}

TEST(Subscription, BeginsAnewAtOnceWhenTheDialogIsForgotten) {
    int asked = 0;
    Peer peer(subscription_plan(), with([&](Peer& self, const Heard& request) {
                  self.say(request, ++asked == 2 ? answer_to(request, 481) : subscribed(request, 600));
              }));
    peer.run_until(545 * second);
    const std::vector<Heard> sent = subscribes(peer);
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[2].row("To"), "<sip:user000000@example.test>") << "a new dialog";
    EXPECT_LT(sent[2].at_ns - sent[1].at_ns, 50 * millisecond);
    EXPECT_EQ(peer.count(Counter::subscriptions_failed), 1U);
}

TEST(Subscription, RetriesAfterItsWaitAndNoSoonerThanRetryAfter) {
    int asked = 0;
    Peer peer(subscription_plan(), with([&](Peer& self, const Heard& request) {
                  ++asked;
                  self.say(request, asked == 1   ? answer_to(request, 500)
                                    : asked == 2 ? answer_to(request, 503, {"Retry-After: 30"})
                                                 : subscribed(request, 600));
              }));
    peer.run_until(60 * second);
    const std::vector<Heard> sent = subscribes(peer);
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_NEAR(static_cast<double>((sent[1].at_ns - sent[0].at_ns) / millisecond), 1000, 3);
    EXPECT_NEAR(static_cast<double>((sent[2].at_ns - sent[1].at_ns) / millisecond), 30'000, 3);
}

TEST(Subscription, IsRetransmittedAndGivenUpLikeAnyRequest) {
    Peer peer(subscription_plan(), with([](Peer&, const Heard&) {}));
    peer.run_until(32'500 * millisecond);
    EXPECT_EQ(subscribes(peer).size(), 11U);
    EXPECT_EQ(peer.count(Counter::subscriptions_failed), 1U);
    EXPECT_EQ(peer.in_state(State::registered), 1U) << "the registration does not suffer";
}

TEST(Subscription, IsEndedInItsDialogWhenThePhoneLeaves) {
    Peer peer(subscription_plan(), with([](Peer& self, const Heard& request) {
                  self.say(request, subscribed(request, 600, "sip:notifier@198.19.0.7"));
              }));
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2000 * second);
    const std::vector<Heard> sent = subscribes(peer);
    ASSERT_EQ(sent.size(), 2U) << "and no refresh after it";
    EXPECT_EQ(sent[1].expires(), 0U) << "RFC 6665 4.1.2.3";
    EXPECT_TRUE(sent[1].bytes.starts_with("SUBSCRIBE sip:notifier@198.19.0.7 SIP/2.0\r\n"));
    EXPECT_EQ(sent[1].row("To"), "<sip:user000000@example.test>;tag=peer");
    EXPECT_EQ(sent[1].row("Call-ID"), sent[0].row("Call-ID"));
    EXPECT_EQ(sent[1].cseq(), sent[0].cseq() + 1);
    EXPECT_EQ(peer.count(Counter::subscriptions_succeeded), 2U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
    peer.simulation().command(CommandKind::quit);
    peer.run_until(2001 * second);
    EXPECT_EQ(peer.count(Counter::subscriptions_abandoned), 0U);
}

TEST(Subscription, WhoseFirstAnswerIsStillOnItsWayIsEndedOnceItHasCome) {
    Peer peer(subscription_plan(),
              with([](Peer& self, const Heard& request) { self.say(request, subscribed(request, 600), 2 * second); }));
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(1900 * millisecond);
    for (const Heard& request : subscribes(peer)) {
        EXPECT_NE(request.expires(), 0U) << "a retransmission stays what it was";
    }
    EXPECT_FALSE(peer.simulation().snapshot().idle);
    peer.run_until(10 * second);
    EXPECT_EQ(subscribes(peer).back().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::subscriptions_attempted), 2U);
    EXPECT_EQ(peer.count(Counter::subscriptions_succeeded), 2U);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
}

TEST(Subscription, ThatNobodyLetsEndHoldsUpTheDrainForTimerFAndNoLonger) {
    Peer peer(subscription_plan(), with([](Peer& self, const Heard& request) {
                  if (request.expires() != 0) {
                      self.say(request, subscribed(request, 600));
                  }
              }));
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(30 * second);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_FALSE(peer.simulation().snapshot().idle);
    peer.run_until(34 * second);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
    EXPECT_EQ(peer.count(Counter::subscriptions_failed), 1U);
    EXPECT_EQ(subscribes(peer).size(), 12U);
}

TEST(Subscription, ThatIsGoneAlreadyIsNotBegunAgainByEndingIt) {
    for (const int status : {481, 500}) {
        Peer peer(subscription_plan(), with([&](Peer& self, const Heard& request) {
                      self.say(request, request.expires() != 0 ? subscribed(request, 600) : answer_to(request, status));
                  }));
        peer.run_until(second);
        peer.simulation().command(CommandKind::leave);
        peer.run_until(100 * second);
        EXPECT_EQ(subscribes(peer).size(), 2U) << status;
        EXPECT_EQ(peer.count(Counter::subscriptions_failed), 1U);
        EXPECT_TRUE(peer.simulation().snapshot().idle);
    }
}

TEST(Subscription, EndingItIsChallengedLikeBeginningIt) {
    Peer peer(subscription_plan(), with([](Peer& self, const Heard& request) {
                  self.say(request,
                           request.authorized() || request.expires() != 0
                               ? subscribed(request, 600)
                               : answer_to(request, 401, {R"(WWW-Authenticate: Digest realm="r", nonce="n")"}));
              }));
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    ASSERT_EQ(subscribes(peer).size(), 3U);
    EXPECT_EQ(subscribes(peer).back().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::subscriptions_succeeded), 2U);
}

TEST(Subscription, OfAPhoneThatOnlyExistsIsEndedToo) {
    WorkerPlan plan = subscription_plan();
    plan.groups[0].profile.registers = false;
    Peer peer(plan, with([](Peer& self, const Heard& request) { self.say(request, subscribed(request, 600)); }));
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    ASSERT_EQ(subscribes(peer).size(), 2U);
    EXPECT_EQ(subscribes(peer).back().expires(), 0U);
}

TEST(Subscription, APowerCutEndsItWithoutAWord) {
    Peer peer(subscription_plan(),
              with([](Peer& self, const Heard& request) { self.say(request, subscribed(request, 600)); }));
    peer.run_until(second);
    peer.simulation().worker().phones().power_off(0, peer.simulation().now_ns());
    peer.run_until(1000 * second);
    EXPECT_EQ(subscribes(peer).size(), 1U);
}

}  // namespace
}  // namespace regstorm::engine
