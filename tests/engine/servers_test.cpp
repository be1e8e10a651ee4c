// SPDX-License-Identifier: Apache-2.0
// Where phones send when their own registrar sends them elsewhere, or does not answer: to other registrars of the run,
// and never to anybody else, whatever an answer says.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

constexpr base::SocketAddress third_registrar{registrar_address.ip, 5070};  // 198.19.0.1:5070; nobody listens

Server server(const base::SocketAddress& address) {
    return {.address = address, .named = address, .hosts = {base::to_text(address.ip), ""}};
}

/// One phone whose 3xx may lead to the second registrar and to the third one.
WorkerPlan redirection_plan() {
    WorkerPlan plan = make_plan(1);
    for (const base::SocketAddress& address : {registrar_address, second_registrar, third_registrar}) {
        plan.groups[0].add_redirection(server(address), base::to_text(address));
    }
    return plan;
}

WorkerPlan secondary_plan() {
    WorkerPlan plan = make_plan(1);
    plan.groups[0].set_secondary(second_registrar);
    return plan;
}

std::string moved(const Heard& request, const std::string& contact) {
    return answer_to(request, 302, {"Contact: " + contact});
}

/// The first registrar moves everybody to `contact`, the second one grants.
Peer::OnRequest moving_to(const std::string& contact, std::uint32_t expires_s = 3600) {
    return [=](Peer& self, const Heard& request) {
        self.say(request, request.registrar == 0 ? moved(request, contact) : granting(request, expires_s));
    };
}

TEST(Servers, REG_8_ARedirectedPhoneRegistersWhereTheAnswerSays) {
    Peer peer(redirection_plan(), moving_to("<sip:198.19.0.2:5060>"));
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 2U);
    const Heard& first = peer.heard()[0];
    const Heard& again = peer.heard()[1];
    EXPECT_EQ(first.registrar, 0U);
    EXPECT_EQ(again.registrar, 1U);
    EXPECT_TRUE(again.bytes.starts_with("REGISTER sip:198.19.0.2:5060 SIP/2.0\r\n")) << again.bytes;
    EXPECT_EQ(again.row("To"), "<sip:user000000@example.test>") << "the AoR stays what it is";
    EXPECT_EQ(again.row("From"), first.row("From"));
    EXPECT_EQ(again.row("Call-ID"), first.row("Call-ID"));
    EXPECT_EQ(again.cseq(), first.cseq() + 1);
    EXPECT_NE(again.branch(), first.branch());
    EXPECT_EQ(again.contact_uri(), first.contact_uri());
    EXPECT_EQ(peer.count(Counter::attempted), 1U) << "one attempt, like one with a challenge";
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(peer.count(Counter::redirected), 1U);
    EXPECT_EQ(peer.failed_by(302), 0U);
}

TEST(Servers, REG_8_ARedirectionIsForOneAttemptAndTheBindingIsRemovedWhereItIs) {
    Peer peer(redirection_plan(), moving_to("<sip:198.19.0.2>", 100));
    peer.run_until(100 * second);
    ASSERT_EQ(peer.heard().size(), 4U);
    EXPECT_EQ(peer.heard()[2].registrar, 0U) << "the refresh asks the phone's own registrar again";
    EXPECT_EQ(peer.heard()[3].registrar, 1U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(101 * second);
    ASSERT_EQ(peer.heard().size(), 5U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
}

TEST(Servers, REG_8_OfTheContactsThatAreRegistrarsOfTheRunTheOneWithTheHighestQIsTaken) {
    Peer peer(redirection_plan(),
              moving_to("<sip:192.0.2.66>;q=1.0, <sip:198.19.0.1:5070>;q=0.3, <sip:198.19.0.2>;q=0.7, "
                        "<sip:198.19.0.2;transport=udp>;q=0.7"));
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(Servers, REG_8_ChallengesOfTheOtherRegistrarAreAnsweredForItsUri) {
    Peer peer(redirection_plan(), [](Peer& self, const Heard& request) {
        self.say(request, request.registrar == 0 ? moved(request, "<sip:198.19.0.2>")
                          : request.authorized()
                              ? granting(request, 3600)
                              : answer_to(request, 401, {R"(WWW-Authenticate: Digest realm="r", nonce="n")"}));
    });
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 3U);
    EXPECT_TRUE(peer.last().has("uri=\"sip:198.19.0.2:5060\""));
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(Servers, REG_8_NoAnswerMakesAPhoneSendToAnybodyWhoIsNotARegistrarOfTheRun) {
    struct Ear {
        std::vector<base::SocketAddress>& places;
        void operator()(const port::SimSent& sent) const {
            if (sent.from == phone_address) {
                places.push_back(sent.to);
            }
        }
    };
    for (const char* const contact :
         {"<sip:192.0.2.66>", "<sip:198.19.0.2:5999>", "<sip:198.19.0.3>", "<sips:198.19.0.2>", "<tel:+123>", "*",
          "<sip:198.19.0.2;transport=tcp>", "<sip:198.19.0.2;maddr=192.0.2.66>", "<sip:198.19.0.2@192.0.2.66>",
          "<sip:evil.example>", "<sip:user@[::1]>", "<sip:198.19.0.1:5060>", "<sip:198.19.0.2:5060", "<sip:>",
          "<sip:198.19.0.2:05O60>"}) {
        std::vector<base::SocketAddress> places;
        Ear ear{places};
        Peer peer(redirection_plan(),
                  [&](Peer& self, const Heard& request) { self.say(request, moved(request, contact)); });
        peer.simulation().network().add_tap(ear);
        peer.run_until(10 * second);
        EXPECT_EQ(places, std::vector{registrar_address}) << contact;
        EXPECT_EQ(peer.count(Counter::failed_redirect), 1U) << contact;
        EXPECT_EQ(peer.failed_by(302), 0U) << contact;
        EXPECT_EQ(peer.in_state(State::waiting), 1U) << contact;
    }
}

TEST(Servers, REG_8_WithoutAContactOrWhenThePhoneDoesNotFollowItFailsByItsStatus) {
    Peer silent(redirection_plan(),
                [](Peer& self, const Heard& request) { self.say(request, answer_to(request, 302)); });
    silent.run_until(second);
    EXPECT_EQ(silent.failed_by(302), 1U);
    Peer other_service(redirection_plan(), [](Peer& self, const Heard& request) {
        self.say(request, answer_to(request, 380, {"Contact: <sip:198.19.0.2>"}));
    });
    other_service.run_until(second);
    EXPECT_EQ(other_service.failed_by(380), 1U);
    EXPECT_EQ(other_service.heard().size(), 1U);
    WorkerPlan plan = redirection_plan();
    plan.groups[0].profile.follow_redirects = false;
    Peer stubborn(plan, moving_to("<sip:198.19.0.2>"));
    stubborn.run_until(second);
    EXPECT_EQ(stubborn.heard().size(), 1U);
    EXPECT_EQ(stubborn.failed_by(302), 1U);
    EXPECT_EQ(stubborn.count(Counter::failed_redirect), 0U);
}

TEST(Servers, REG_8_RegistrarsThatSendPhonesToEachOtherCostTwoRequests) {
    Peer peer(redirection_plan(), [](Peer& self, const Heard& request) {
        self.say(request, moved(request, request.registrar == 0 ? "<sip:198.19.0.2>" : "<sip:198.19.0.1>"));
    });
    peer.run_until(10 * second);
    EXPECT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.failed_by(302), 1U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
    peer.run_until(21 * second);
    ASSERT_EQ(peer.heard().size(), 4U) << "and two more after the wait";
    EXPECT_EQ(peer.heard()[2].registrar, 0U);
}

TEST(Servers, REG_8_UnRegisteringIsRedirectedToo) {
    Peer peer(redirection_plan(), [](Peer& self, const Heard& request) {
        const bool move = request.registrar == 0 && request.expires() == 0;
        self.say(request, move ? moved(request, "<sip:198.19.0.2>") : granting(request, request.expires()));
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    ASSERT_EQ(peer.heard().size(), 3U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_TRUE(peer.last().bytes.starts_with("REGISTER sip:198.19.0.2:5060 "));
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
}

/// Registrar and second of each request.
std::vector<std::pair<int, base::Nanoseconds>> course(const Peer& peer) {
    std::vector<std::pair<int, base::Nanoseconds>> all;
    for (const Heard& request : peer.heard()) {
        all.emplace_back(request.registrar, request.at_ns / second);
    }
    return all;
}

TEST(Servers, SilenceMakesTheNextAttemptGoToTheSecondaryRegistrarForTheSameDomain) {
    Peer peer(secondary_plan(), [](Peer& self, const Heard& request) {
        if (request.registrar == 1) {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(60 * second);
    ASSERT_EQ(peer.heard().size(), 12U) << "eleven sends to the silent one";
    EXPECT_EQ(peer.heard()[10].registrar, 0U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.last().at_ns / second, 52) << "Timer F, and the wait";
    EXPECT_TRUE(peer.last().bytes.starts_with("REGISTER sip:example.test SIP/2.0\r\n"));
    EXPECT_EQ(peer.count(Counter::failed_over), 1U);
    EXPECT_EQ(peer.in_state(State::registered), 1U);
}

TEST(Servers, SoDoesAPortThatIsClosed) {
    WorkerPlan plan = secondary_plan();
    plan.groups[0].registrar = third_registrar;
    Peer peer(plan, [](Peer& self, const Heard& request) { self.say(request, granting(request, 3600)); });
    peer.run_until(25 * second);
    ASSERT_EQ(peer.heard().size(), 1U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.count(Counter::failed_transport), 1U);
    EXPECT_EQ(peer.count(Counter::failed_over), 1U);
}

TEST(Servers, APhoneThatBootsAnewStartsAtItsOwnRegistrar) {
    Peer peer(secondary_plan(), [](Peer& self, const Heard& request) {
        self.say(request, request.registrar == 0 ? answer_to(request, 503) : granting(request, 3600));
    });
    peer.run_until(25 * second);
    EXPECT_EQ(peer.last().registrar, 1U);
    const base::Nanoseconds now_ns = peer.simulation().now_ns();
    peer.simulation().worker().phones().power_off(0, now_ns);
    peer.simulation().worker().phones().start(0, now_ns, now_ns);
    peer.run_until(26 * second);
    EXPECT_EQ(peer.last().registrar, 0U);
}

TEST(Servers, ARefreshReturnsToTheFirstRegistrarAndFindsTheSecondAgainWhenThatStillFails) {
    bool up = false;
    Peer peer(secondary_plan(), [&](Peer& self, const Heard& request) {
        self.say(request, request.registrar == 1 || up ? granting(request, 100) : answer_to(request, 503));
    });
    peer.run_until(150 * second);
    using Course = std::vector<std::pair<int, base::Nanoseconds>>;
    EXPECT_EQ(course(peer), (Course{{0, 0}, {1, 20}, {0, 110}, {1, 130}}));
    up = true;
    peer.run_until(350 * second);
    EXPECT_EQ(course(peer), (Course{{0, 0}, {1, 20}, {0, 110}, {1, 130}, {0, 220}, {0, 310}}));
    EXPECT_EQ(peer.count(Counter::failed_over), 2U);
}

TEST(Servers, OrItStaysWithTheSecondUntilThatOneFails) {
    WorkerPlan plan = secondary_plan();
    plan.groups[0].profile.failback_at_refresh = false;
    int down = 0;
    Peer peer(plan, [&](Peer& self, const Heard& request) {
        self.say(request, request.registrar == down ? answer_to(request, 503) : granting(request, 100));
    });
    peer.run_until(200 * second);
    using Course = std::vector<std::pair<int, base::Nanoseconds>>;
    EXPECT_EQ(course(peer), (Course{{0, 0}, {1, 20}, {1, 110}, {1, 200}}));
    down = 1;
    peer.run_until(400 * second);
    EXPECT_EQ(course(peer), (Course{{0, 0}, {1, 20}, {1, 110}, {1, 200}, {1, 290}, {0, 310}, {0, 400}}));
}

TEST(Servers, ARefusalIsNoReasonToLeaveARegistrar) {
    for (const int status : {403, 404, 480, 500, 600}) {
        Peer peer(secondary_plan(),
                  [&](Peer& self, const Heard& request) { self.say(request, answer_to(request, status)); });
        peer.run_until(25 * second);
        ASSERT_EQ(peer.heard().size(), 2U) << status;
        EXPECT_EQ(peer.last().registrar, 0U) << status;
        EXPECT_EQ(peer.count(Counter::failed_over), 0U);
    }
}

TEST(Servers, WhatAPhoneSendsBesideItsRegistrationAndWhenItLeavesFollowsTheBinding) {
    WorkerPlan plan = secondary_plan();
    plan.keep_alives = true;
    plan.groups[0].profile.keep_alive = {.enabled = true, .max_lost = 3, .interval_ms = 30'000};
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.registrar == 0 ? answer_to(request, 503) : granting(request, 3600));
    });
    peer.run_until(55 * second);
    EXPECT_EQ(peer.last().method(), "OPTIONS");
    EXPECT_EQ(peer.last().registrar, 1U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(56 * second);
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.last().registrar, 1U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
}

TEST(Servers, ASubscribeUnderWayIsRepeatedWhereItBeganWhenItsPhoneTurnsElsewhere) {
    WorkerPlan plan = secondary_plan();
    plan.subscriptions = true;
    plan.groups[0].profile.subscription = {.enabled = true, .expires_s = 3600, .retry_wait_ms = 20'000};
    bool up = true;
    Peer peer(plan, [&](Peer& self, const Heard& request) {
        if (request.method() == "REGISTER") {
            self.say(request, request.registrar == 1 || up ? granting(request, 60) : answer_to(request, 503));
            up = false;
        }
    });
    peer.run_until(82 * second);
    std::vector<std::pair<int, base::Nanoseconds>> subscribes;
    std::vector<std::pair<int, base::Nanoseconds>> registers;
    for (const Heard& request : peer.heard()) {
        (request.method() == "REGISTER" ? registers : subscribes)
            .emplace_back(request.registrar, request.at_ns / second);
    }
    using Course = std::vector<std::pair<int, base::Nanoseconds>>;
    EXPECT_EQ(registers, (Course{{0, 0}, {0, 54}, {1, 74}}));
    // The second SUBSCRIBE begins at 52 s; the 503 at 54 s turns the phone to the second registrar in the midst of it.
    const Course second_attempt(subscribes.end() - 10, subscribes.end());
    EXPECT_EQ(second_attempt.front(), (std::pair<int, base::Nanoseconds>{0, 52}));
    for (const auto& [registrar, at_s] : second_attempt) {
        EXPECT_EQ(registrar, 0) << at_s;
    }
}

}  // namespace
}  // namespace regstorm::engine
