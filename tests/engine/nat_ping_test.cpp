// SPDX-License-Identifier: Apache-2.0
// What keeps a NAT open, on the wire.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::NatPing;
using stats::Counter;

/// What one registered phone sends besides REGISTER within 100 s, with pings every 20 s.
std::vector<Heard> pings(NatPing bytes) {
    WorkerPlan plan = make_plan(1);
    plan.nat_pings = true;
    plan.groups[0].profile.nat_ping = {.bytes = bytes, .interval_ms = 20'000};
    Peer peer(plan, [](Peer& self, const Heard& request) {
        if (request.method() == "REGISTER") {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(99 * second);
    EXPECT_EQ(peer.count(Counter::nat_pings), peer.heard().size() - 1);
    return {peer.heard().begin() + 1, peer.heard().end()};
}

TEST(NatPing, LeavesFromThePhonesOwnSourceAtItsInterval) {
    for (const auto& [bytes, text] : std::vector<std::pair<NatPing, std::string>>{
             {NatPing::crlf, "\r\n\r\n"}, {NatPing::zeros, std::string(4, '\0')}}) {
        const std::vector<Heard> sent = pings(bytes);
        ASSERT_EQ(sent.size(), 4U);
        for (std::size_t i = 0; i < sent.size(); ++i) {
            EXPECT_EQ(sent[i].bytes, text);
            EXPECT_EQ(sent[i].from, phone_address);
            EXPECT_NEAR(static_cast<double>(sent[i].at_ns / millisecond), 20'000.0 * static_cast<double>(i + 1), 10);
        }
    }
    EXPECT_TRUE(pings(NatPing::none).empty());
}

TEST(NatPing, OB_4_StunIsABindingRequestWithATransactionIdOfItsOwn) {
    const std::vector<Heard> sent = pings(NatPing::stun);
    ASSERT_EQ(sent.size(), 4U);
    for (const Heard& ping : sent) {
        ASSERT_EQ(ping.bytes.size(), 20U);
        EXPECT_EQ(ping.bytes.substr(0, 8), std::string("\x00\x01\x00\x00\x21\x12\xa4\x42", 8));
    }
    EXPECT_NE(sent[0].bytes.substr(8), sent[1].bytes.substr(8));
}

TEST(NatPing, OB_7_EchoedKeepWithoutAValueStartsNothing) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, replaced(granting(request, 3600), ";rport", ";rport=5060;keep"));
    });
    peer.run_until(100 * second);
    EXPECT_EQ(peer.heard().size(), 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(NatPing, AnAnswerIsCountedAndTakenForNothingElse) {
    WorkerPlan plan = make_plan(1);
    plan.nat_pings = true;
    plan.groups[0].profile.nat_ping = {.bytes = NatPing::crlf, .interval_ms = 20'000};
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.method() == "REGISTER" ? granting(request, 3600) : "\r\n");
    });
    peer.run_until(50 * second);
    EXPECT_EQ(peer.count(Counter::keep_alive_bytes), 2U);
}

}  // namespace
}  // namespace regstorm::engine
