// SPDX-License-Identifier: Apache-2.0
// RFC 3261 10.3: what REGISTERs do to bindings, as the phone sees it in the answers.
#include "desk.hpp"

namespace regstorm::registrar {
namespace {

const std::string a = "sip:alice@198.18.0.1:5060";
const std::string b = "sip:alice@198.18.0.2:5060";
const std::string c = "sip:alice@198.18.0.3:5060";

TEST(Bindings, ARegisterBindsAndARefreshReplaces) {
    Desk desk;
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a), "Expires: 100"}}), "Contact"), "<" + a + ">;expires=100");
    desk.wait(30 * second);
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a), "Expires: 200"}, .cseq = 2}), "Contact"),
              "<" + a + ">;expires=200");
    EXPECT_EQ(desk.live(), 1U);
    EXPECT_EQ(desk.counters().accepted, 2U);
    EXPECT_EQ(desk.counters().registers, 2U);
}

TEST(Bindings, MSG_8_TheContactParameterBeatsTheExpiresHeader) {
    Desk desk;
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a, ";expires=120"), "Expires: 3600"}}), "Contact"),
              "<" + a + ">;expires=120");
}

TEST(Bindings, WithoutALifetimeTheDefaultIsGranted) {
    Desk desk;
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a)}}), "Contact"), "<" + a + ">;expires=3600");
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a, ";expires=abc"), "Expires: 90"}, .cseq = 2}), "Contact"),
              "<" + a + ">;expires=3600")
        << "PAR-16: an unreadable one counts as 3600";
}

TEST(Bindings, REG_4_TooMuchIsCutToTheMost) {
    Desk desk;
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a, ";expires=4294967295")}}), "Contact"), "<" + a + ">;expires=86400");
}

TEST(Bindings, REG_7_TooLittleIsRefusedWithMinExpires) {
    Desk desk;
    const std::string answer = desk.ask({.rows = {contact(a), "Expires: 59"}});
    EXPECT_EQ(status_of(answer), 423);
    EXPECT_EQ(row_of(answer, "Min-Expires"), "60");
    EXPECT_EQ(desk.live(), 0U);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(a), "Expires: 60"}, .cseq = 2})), 200);
    EXPECT_EQ(desk.counters().too_brief, 1U);
}

TEST(Bindings, TooLittleIsRaisedWhereThePlanSaysSo) {
    RegistrarPlan plan = make_plan();
    plan.too_brief = TooBrief::raise;
    Desk desk(plan);
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(a), "Expires: 1"}}), "Contact"), "<" + a + ">;expires=60");
}

TEST(Bindings, PAR_7_SeveralBindingsComeBackInOneRowWithWhatIsLeftOfThem) {
    Desk desk;
    desk.ask({.rows = {contact(a), "Expires: 100"}});
    desk.wait(10 * second);
    desk.ask({.rows = {contact(b), "Expires: 100"}, .cseq = 1, .call_id = "call-2"});
    desk.wait(10 * second);
    EXPECT_EQ(row_of(desk.ask({.rows = {}, .cseq = 2}), "Contact"), "<" + a + ">;expires=80, <" + b + ">;expires=90")
        << "REG-16: a fetch changes nothing";
    EXPECT_EQ(desk.live(), 2U);
    const std::string both =
        desk.ask({.rows = {contact(a) + ", <" + c + ">;expires=70", contact(b, ";expires=0")}, .cseq = 3});
    EXPECT_EQ(row_of(both, "Contact"), "<" + a + ">;expires=3600, <" + c + ">;expires=70");
}

TEST(Bindings, UrisAreComparedAsRfc3261Says) {
    Desk desk;
    desk.ask({.rows = {contact("sip:%61lice@EXAMPLE.org;transport=UDP"), "Expires: 100"}});
    desk.ask({.rows = {contact("sip:alice@example.org;transport=udp"), "Expires: 200"}, .cseq = 2});
    EXPECT_EQ(desk.live(), 1U);
    desk.ask({.rows = {contact("sip:alice@example.org"), "Expires: 200"}, .cseq = 3});
    EXPECT_EQ(desk.live(), 2U) << "a default that is not written is another URI";
}

TEST(Bindings, ExpiresZeroRemovesOneAndTheStarRemovesAll) {
    Desk desk;
    desk.ask({.rows = {contact(a) + ", <" + b + ">, <" + c + ">", "Expires: 100"}});
    ASSERT_EQ(desk.live(), 3U);
    EXPECT_EQ(row_of(desk.ask({.rows = {contact(b), "Expires: 0"}, .cseq = 2}), "Contact"),
              "<" + a + ">;expires=100, <" + c + ">;expires=100");
    const std::string gone = desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 3});
    EXPECT_EQ(status_of(gone), 200);
    EXPECT_EQ(row_of(gone, "Contact"), "") << "REG-17";
    EXPECT_EQ(desk.live(), 0U);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(b), "Expires: 0"}, .cseq = 4})), 200) << "nothing there: no error";
}

TEST(Bindings, MSG_9_TheStarStandsAloneAndWithExpiresZero) {
    Desk desk;
    desk.ask({.rows = {contact(a), "Expires: 100"}});
    std::uint32_t cseq = 2;
    for (const std::vector<std::string>& rows : {std::vector<std::string>{"Contact: *"},
                                                 {"Contact: *", "Expires: 10"},
                                                 {"Contact: *, <" + b + ">", "Expires: 0"},
                                                 {contact(b), "Contact: *", "Expires: 0"}}) {
        EXPECT_EQ(status_of(desk.ask({.rows = rows, .cseq = cseq++})), 400) << rows[0];
        EXPECT_EQ(desk.live(), 1U);
    }
    EXPECT_EQ(desk.counters().bad_request, 4U);
}

TEST(Bindings, MSG_11_WhatWasRegisteredByteForByteIsRemovedAndNothingElse) {
    Desk desk;
    const std::string own = "sip:al%69ce@[2001:db8::1]:5060;transport=udp;ob";
    desk.ask({.rows = {contact(own), contact(a), "Expires: 100"}});
    const std::string gone = desk.ask({.rows = {contact(own, ";expires=0")}, .cseq = 2});
    EXPECT_EQ(status_of(gone), 200);
    EXPECT_EQ(row_of(gone, "Contact"), "<" + a + ">;expires=100");
}

TEST(Bindings, MSG_10_AStarWithAnInstanceBesideItIsRefused) {
    Desk desk;
    desk.ask({.rows = {contact(a), contact(b), "Expires: 100"}});
    const std::string star = "Contact: *;+sip.instance=\"<urn:uuid:0>\";reg-id=1";
    EXPECT_EQ(status_of(desk.ask({.rows = {star, "Expires: 0"}, .cseq = 2})), 400);
    EXPECT_EQ(desk.live(), 2U);
    EXPECT_EQ(status_of(desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 3})), 200);
    EXPECT_EQ(desk.live(), 0U);
}

TEST(Bindings, RemovingOneContactManyTimesMakesRoomForOneOnly) {
    Desk desk;
    std::vector<std::string> rows;
    for (int i = 0; i < 8; ++i) {
        rows.push_back(contact("sip:old@192.0.2." + std::to_string(i)));
    }
    rows.emplace_back("Expires: 100");
    EXPECT_EQ(status_of(desk.ask({.rows = rows})), 200);
    rows.clear();
    for (int i = 0; i < 8; ++i) {
        rows.push_back(contact("sip:old@192.0.2.0", ";expires=0"));
        rows.push_back(contact("sip:new@192.0.2." + std::to_string(i), ";expires=100"));
    }
    EXPECT_EQ(status_of(desk.ask({.rows = rows, .cseq = 2})), 503);
    EXPECT_EQ(desk.live(), 8U);
}

TEST(Bindings, REG_16_REG_17_AFetchListsWithoutChangeAndNobodyIsNoContact) {
    Desk desk;
    EXPECT_EQ(status_of(desk.ask({.cseq = 1})), 200);
    EXPECT_EQ(row_of(desk.ask({.cseq = 2}), "Contact"), "");
    desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 3});
    desk.wait(40 * second);
    for (std::uint32_t cseq = 4; cseq < 7; ++cseq) {
        EXPECT_EQ(row_of(desk.ask({.rows = {"Expires: 3600"}, .cseq = cseq}), "Contact"), "<" + a + ">;expires=60");
    }
    EXPECT_EQ(desk.live(), 1U);
}

TEST(Bindings, MSG_4_ALowerCSeqOfTheSameCallIsRefused) {
    Desk desk;
    desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 7});
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 6})), 400);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(a), "Expires: 0"}, .cseq = 6})), 400);
    EXPECT_EQ(status_of(desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 6})), 400);
    EXPECT_EQ(desk.live(), 1U);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 7})), 200) << "a retransmission";
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 1, .call_id = "reboot"})), 200)
        << "another Call-ID starts anew";
    EXPECT_EQ(desk.live(), 1U);
}

TEST(Bindings, ARefusedRequestChangesNothing) {
    Desk desk;
    desk.ask({.rows = {contact(a), "Expires: 100"}, .cseq = 5});
    // RFC 3261 10.3: all updates or none.
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(b), contact(c, ";expires=1"), "Expires: 100"}, .cseq = 6})), 423);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(b), contact(a), "Expires: 100"}, .cseq = 4})), 400);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact(b) + ", <no uri", "Expires: 100"}, .cseq = 7})), 400);
    EXPECT_EQ(status_of(desk.ask(
                  {.rows = {contact(a, ";expires=0"), contact("sip:" + std::string(200, 'x') + "@h")}, .cseq = 8})),
              400);
    EXPECT_EQ(row_of(desk.ask({.cseq = 9}), "Contact"), "<" + a + ">;expires=100");
}

TEST(Bindings, TheNinthBindingOfAnAorIsRefused) {
    Desk desk;
    for (std::uint32_t i = 1; i <= bindings_per_aor_max; ++i) {
        EXPECT_EQ(status_of(desk.ask({.rows = {contact("sip:alice@198.18.0." + std::to_string(i))}, .cseq = i})), 200);
    }
    const std::string refused = desk.ask({.rows = {contact("sip:alice@198.18.0.9")}, .cseq = 9});
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_EQ(row_of(refused, "Retry-After"), "30");
    EXPECT_EQ(desk.live(), bindings_per_aor_max);
    EXPECT_EQ(status_of(desk.ask({.rows = {contact("sip:alice@198.18.0.3")}, .cseq = 10})), 200) << "a refresh";
}

TEST(Bindings, AFullTableIsRefusedUntilBindingsHaveGone) {
    RegistrarPlan plan = make_plan();
    plan.aors = 2;
    plan.bindings = 2;
    Desk desk(plan);
    EXPECT_EQ(status_of(desk.ask({.user = "u1", .rows = {contact(a), "Expires: 100"}})), 200);
    EXPECT_EQ(status_of(desk.ask({.user = "u2", .rows = {contact(a), "Expires: 200"}})), 200);
    const std::string refused = desk.ask({.user = "u3", .rows = {contact(a)}});
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_EQ(row_of(refused, "Retry-After"), "30");
    EXPECT_EQ(desk.counters().full, 1U);
    desk.wait(101 * second);
    EXPECT_EQ(status_of(desk.ask({.user = "u3", .rows = {contact(a)}, .cseq = 2})), 200) << "u1 has expired";
    EXPECT_EQ(status_of(desk.ask({.user = "u4", .rows = {contact(a)}})), 503);
    EXPECT_EQ(status_of(desk.ask({.user = "u2", .rows = {"Contact: *", "Expires: 0"}, .cseq = 2})), 200);
    EXPECT_EQ(status_of(desk.ask({.user = "u4", .rows = {contact(a)}, .cseq = 2})), 200) << "u2 has left";
}

TEST(Bindings, AskingCostsNoPlaceInTheTable) {
    Desk desk;
    for (int i = 0; i < 100; ++i) {
        const std::string user = "nobody" + std::to_string(i);
        EXPECT_EQ(status_of(desk.ask({.user = user})), 200);
        EXPECT_EQ(status_of(desk.ask({.user = user, .rows = {contact(a), "Expires: 1"}})), 423);
        EXPECT_EQ(status_of(desk.ask({.user = user, .rows = {contact(a), "Expires: 0"}})), 200);
    }
    EXPECT_EQ(desk.live(), 0U);
}

TEST(Bindings, ABindingExpiresToTheSecond) {
    Desk desk;
    desk.ask({.rows = {contact(a), "Expires: 60"}});
    desk.wait(60 * second - 1);
    EXPECT_EQ(row_of(desk.ask({.cseq = 2}), "Contact"), "<" + a + ">;expires=0");
    desk.wait(1);
    EXPECT_EQ(row_of(desk.ask({.cseq = 3}), "Contact"), "");
    EXPECT_EQ(desk.live(), 0U);
}

}  // namespace
}  // namespace regstorm::registrar
