// SPDX-License-Identifier: Apache-2.0
// Which answers are believed (RFC 3261 17.1.3, 18.1.2), and what of a datagram is read at all.
#include <algorithm>

#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

using Distort = std::string (*)(const Heard&);

/// Answers the first request with a distorted 200, the first retransmission with a good one.
struct Matching {
    explicit Matching(Distort distort, const base::SocketAddress& from = registrar_address)
        : peer(make_plan(1), [distort, from](Peer& self, const Heard& request) {
              if (self.heard().size() == 1) {
                  self.say(request, distort(request), 0, from);
              } else {
                  self.say(request, granting(request, 3600));
              }
          }) {}

    /// The distorted answer is counted in `counter` and changes nothing.
    void expect_dropped(Counter counter) {
        peer.run_until(400 * millisecond);
        EXPECT_EQ(peer.count(counter), 1U);
        EXPECT_EQ(peer.in_state(State::registering), 1U);
        peer.run_until(600 * millisecond);
        EXPECT_EQ(peer.count(Counter::succeeded), 1U) << "the good answer is believed";
        EXPECT_EQ(peer.count(counter), 1U);
        EXPECT_EQ(peer.heard().size(), 2U);
    }
    void expect_accepted() {
        peer.run_until(400 * millisecond);
        EXPECT_EQ(peer.count(Counter::succeeded), 1U);
        EXPECT_EQ(peer.heard().size(), 1U);
    }

    Peer peer;
};

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

TEST(Matching, MAT_1_AnAnswerToAnotherMethodIsDropped) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), " REGISTER", " OPTIONS"); });
    matching.expect_dropped(Counter::mismatched);
}

TEST(Matching, MAT_1_ABranchThatIsNotOursIsDropped) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), r.branch(), "z9hG4bK0000000001"); });
    matching.expect_dropped(Counter::stray);
}

TEST(Matching, MAT_1_EveryChangedDigitOfABranchIsFoundOut) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        const std::string branch = request.branch();
        for (std::size_t i = 0; i < branch.size(); ++i) {
            std::string changed = branch;
            changed[i] = branch[i] == '7' ? '8' : '7';
            self.say(request, replaced(granting(request, 3600), branch, changed));
        }
    });
    peer.run_until(400 * millisecond);
    EXPECT_EQ(peer.count(Counter::stray), sip::branch_chars);
    EXPECT_EQ(peer.count(Counter::succeeded), 0U);
}

TEST(Matching, MAT_2_AnotherSentByIsDropped) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), "198.18.0.1:5060", "198.18.0.1:5061"); });
    matching.expect_dropped(Counter::mismatched);
}

TEST(Matching, MAT_2_BlanksAroundTheColonOfSentByAreAccepted) {
    Matching matching(
        [](const Heard& r) { return replaced(granting(r, 3600), "198.18.0.1:5060", "198.18.0.1 : 5060 "); });
    matching.expect_accepted();
}

TEST(Matching, MAT_3_TwoViaRowsAreDropped) {
    Matching matching([](const Heard& r) {
        return replaced(granting(r, 3600), "\r\nFrom:", "\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nFrom:");
    });
    matching.expect_dropped(Counter::multiple_via);
}

TEST(Matching, MAT_3_TwoViaValuesInOneRowAreDropped) {
    Matching matching([](const Heard& r) {
        return replaced(granting(r, 3600), "\r\nFrom:", ", SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nFrom:");
    });
    matching.expect_dropped(Counter::multiple_via);
}

TEST(Matching, MAT_4_AnUpperCasedBranchIsTheSameBranch) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), r.branch(), upper(r.branch())); });
    matching.expect_accepted();
}

TEST(Matching, MAT_5_AnAnswerFromAnotherAddressIsAccepted) {
    Matching matching([](const Heard& r) { return granting(r, 3600); },
                      {base::IpAddress::from_ipv4(0xc613'0002), 32'000});
    matching.expect_accepted();
}

TEST(Matching, MAT_6_AnotherCallIdIsDropped) {
    Matching matching(
        [](const Heard& r) { return replaced(granting(r, 3600), "Call-ID: " + r.row("Call-ID"), "Call-ID: x"); });
    matching.expect_dropped(Counter::mismatched);
}

TEST(Matching, MAT_6_AnotherFromTagIsDropped) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), ">;tag=", ">;tag=x"); });
    matching.expect_dropped(Counter::mismatched);
}

TEST(Matching, MAT_6_ACallIdInAnotherCaseIsDropped) {
    Matching matching(
        [](const Heard& r) { return replaced(granting(r, 3600), r.row("Call-ID"), upper(r.row("Call-ID"))); });
    matching.expect_dropped(Counter::mismatched);
}

TEST(Matching, TPT_1_RportIsSentWithoutAValueAndAnswersAreTakenAnywhere) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        // A server that fills in received and rport, and answers from a port of its own (RFC 3581 4).
        std::string text = granting(request, 3600);
        text = replaced(text, ";rport", ";received=198.18.0.1;rport=5060");
        self.say(request, text, 0, {registrar_address.ip, 40'000});
    });
    peer.run_until(100 * millisecond);
    const std::string via = peer.heard().at(0).row("Via");
    EXPECT_TRUE(via.ends_with(";rport") || via.find(";rport;") != std::string::npos) << via;
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(Matching, TPT_4_BytesBehindTheBodyAreIgnored) {
    Matching matching([](const Heard& r) { return granting(r, 3600) + "SIP/2.0 500 No\r\n\r\n"; });
    matching.expect_accepted();
}

TEST(Matching, TPT_4_AContentLengthBeyondTheDatagramIsMalformed) {
    Matching matching(
        [](const Heard& r) { return replaced(granting(r, 3600), "Content-Length: 0", "Content-Length: 9"); });
    matching.expect_dropped(Counter::malformed);
}

TEST(Matching, TPT_4_WithoutContentLengthTheBodyIsTheRest) {
    Matching matching([](const Heard& r) { return replaced(granting(r, 3600), "Content-Length: 0\r\n", "") + "body"; });
    matching.expect_accepted();
}

TEST(Matching, TPT_5_AnAnswerWithThirtyContactsIsReadAndAnOversizedOneIsCounted) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        std::string foreign = "Contact: ";
        for (int i = 0; i < 29; ++i) {
            foreign += "<sip:somebody-with-a-long-name@192.0.2." + std::to_string(i + 1) + ":5060>;expires=99, ";
        }
        const std::string own = "<" + request.contact_uri() + ">;expires=1800";
        std::string huge = answer_to(request, 200, {foreign + own});
        EXPECT_LT(huge.size(), port::payload_bytes_max);
        self.say(request, answer_to(request, 200, {foreign + own, "X-Fill: " + std::string(9000, 'x')}));
        self.say(request, huge, millisecond);
    });
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::oversized), 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    peer.run_until(1621 * second);
    EXPECT_EQ(peer.count(Counter::attempted), 2U) << "refreshed at nine tenths of our own 1800 s";
}

TEST(Matching, TPT_6_KeepAliveBytesAreNoSip) {
    static const std::string stun(
        "\x00\x01\x00\x00\x21\x12\xa4\x42"
        "abcdefghijkl",
        20);
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        for (const std::string& bytes :
             {std::string("\r\n"), std::string("\r\n\r\n"), std::string(4, '\0'), stun, std::string()}) {
            self.say(request, bytes);
        }
        self.say(request, granting(request, 3600), millisecond);
    });
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::keep_alive_bytes), 5U);
    EXPECT_EQ(peer.count(Counter::malformed), 0U);
    EXPECT_EQ(peer.count(Counter::requests), 0U);
    EXPECT_EQ(peer.count(Counter::sent), 1U) << "nothing is sent back";
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

}  // namespace
}  // namespace regstorm::engine
