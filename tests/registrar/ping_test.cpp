// SPDX-License-Identifier: Apache-2.0
// OPTIONS of the registrar's own: who gets them, how often, and whose answers count.
#include "cue_desk.hpp"

namespace regstorm::registrar {
namespace {

/// A 200 to a request, as a phone writes it.
std::string answer_to(const std::string& request) {
    sip::Request parsed;
    EXPECT_EQ(sip::parse_request(request, parsed), sip::ParseError::none) << request;
    std::array<char, 2000> out;
    const std::uint32_t size = sip::write_response(out.data(), out.size(), parsed, 200, "OK", {.to_tag = "p"});
    return {out.data(), size};
}

TEST(Pings, EveryBindingIsAskedOncePerIntervalAndAnswersAreCounted) {
    Desk desk(misbehaving("ping every=30s"));
    Caller caller(desk);
    ASSERT_EQ(caller.status("alice"), 200);
    ASSERT_EQ(caller.status("bob"), 200);
    std::uint64_t asked = 0;
    for (int i = 0; i < 900; ++i) {
        desk.wait(100 * ms);
        for (const std::string& ping : desk.poll()) {
            ++asked;
            EXPECT_TRUE(ping.starts_with("OPTIONS " + alice_uri + " SIP/2.0\r\n")) << ping;
            EXPECT_TRUE(desk.post(answer_to(ping)).empty());
        }
    }
    EXPECT_EQ(asked, 6U) << "two bindings, 90 s";
    EXPECT_EQ(desk.counters().pings, 6U);
    EXPECT_EQ(desk.counters().ping_answers, 6U) << "KA-2";
    EXPECT_EQ(desk.counters().responses, 0U);
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Pings, OnlyAnswersToOurOwnCount) {
    Desk desk(misbehaving("ping every=1s"));
    ASSERT_EQ(Caller(desk).status(), 200);
    desk.wait(second);
    const std::string answer = answer_to(desk.poll().at(0));
    std::string forged = answer;
    const std::size_t digit = forged.find("Call-ID: ") + 20;
    forged[digit] = forged[digit] == '0' ? '1' : '0';
    desk.post(forged);
    desk.post("SIP/2.0 200 OK\r\n\r\n");
    EXPECT_EQ(desk.counters().ping_answers, 0U);
    EXPECT_EQ(desk.counters().responses, 2U);
    desk.post(answer);
    EXPECT_EQ(desk.counters().ping_answers, 1U);
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Pings, StopForWhoHasLeftOrExpiredAndOutsideTheWindow) {
    Desk desk(misbehaving("ping every=1s 10s-20s"));
    Caller caller(desk);
    ASSERT_EQ(caller.status("alice", {"Expires: 3600"}), 200);
    const auto pings_in = [&](int seconds) {
        const std::uint64_t before = desk.counters().pings;
        for (int i = 0; i < 10 * seconds; ++i) {
            desk.wait(100 * ms);
            desk.poll();
        }
        return desk.counters().pings - before;
    };
    EXPECT_EQ(pings_in(10), 0U);
    EXPECT_EQ(pings_in(5), 5U);
    EXPECT_EQ(status_of(desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 9})), 200);
    EXPECT_EQ(pings_in(3), 0U) << "nobody is bound";
    EXPECT_EQ(caller.status("alice", {"Expires: 3600"}), 200) << "another call would be needed for a lower CSeq";
    EXPECT_EQ(pings_in(12), 2U);
}

TEST(Pings, AContactThatNamesNoAddressIsCountedInstead) {
    Desk desk(misbehaving("ping every=1s"));
    desk.ask({.rows = {contact("sip:alice@phone.example.test")}});
    desk.wait(second);
    EXPECT_TRUE(desk.poll().empty());
    EXPECT_EQ(desk.counters().not_pinged, 1U);
    EXPECT_EQ(desk.counters().pings, 0U);
}

TEST(Pings, FindTheAddressInAContact) {
    const auto at = [](std::string_view uri) {
        const std::optional<base::SocketAddress> address = contact_address(uri);
        return address ? base::to_text(*address) : std::string("none");
    };
    EXPECT_EQ(at("sip:alice@192.0.2.1:5070;transport=udp"), "192.0.2.1:5070");
    EXPECT_EQ(at("SIP:192.0.2.1"), "192.0.2.1:5060");
    EXPECT_EQ(at("sip:a@[2001:db8::1]:5070?x=y"), "[2001:db8::1]:5070");
    EXPECT_EQ(at("sip:a@[2001:db8::1]"), "[2001:db8::1]:5060");
    EXPECT_EQ(at("sips:a@192.0.2.1"), "none");
    EXPECT_EQ(at("sip:a@host"), "none");
    EXPECT_EQ(at("sip:a@192.0.2.1:0"), "none");
    EXPECT_EQ(at("tel:+4930"), "none");
    EXPECT_EQ(at(""), "none");
}

}  // namespace
}  // namespace regstorm::registrar
