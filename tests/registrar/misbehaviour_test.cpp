// SPDX-License-Identifier: Apache-2.0
// Each misdeed as the phone sees it, in virtual time.
#include <set>

#include "cue_desk.hpp"

namespace regstorm::registrar {
namespace {

TEST(Misbehaviour, SilenceBeginsWithTheFirstDatagramAndEndsToTheNanosecond) {
    Desk desk(misbehaving("silent 0s-30s"));
    Caller caller(desk);
    desk.wait(100 * second);  // nothing has arrived yet: no time has passed
    EXPECT_EQ(caller.status(), 0);
    EXPECT_TRUE(desk.post(text_of({.method = "OPTIONS"})).empty()) << "silence is to everybody";
    desk.wait(30 * second - 1);
    EXPECT_EQ(caller.status(), 0);
    desk.wait(1);
    EXPECT_EQ(caller.status(), 200);
    EXPECT_EQ(desk.counters().ignored_on_cue, 2U);
    EXPECT_EQ(desk.counters().by_rule[0], 3U);
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Misbehaviour, AWindowIncludesItsBeginningAndNotItsEnd) {
    Desk desk(misbehaving("500 10s-20s"));
    Caller caller(desk);
    EXPECT_EQ(caller.status(), 200);
    desk.wait(10 * second - 1);
    EXPECT_EQ(caller.status(), 200);
    desk.wait(1);
    EXPECT_EQ(caller.status(), 500);
    desk.wait(10 * second - 1);
    EXPECT_EQ(caller.status(), 500);
    desk.wait(1);
    EXPECT_EQ(caller.status(), 200);
}

TEST(Misbehaviour, ADroppedRequestHasNoEffectAndADroppedAnswerHas) {
    Desk lost(misbehaving("drop"));
    EXPECT_EQ(Caller(lost).status(), 0);
    EXPECT_EQ(lost.live(), 0U);
    EXPECT_EQ(status_of(lost.ask({.method = "OPTIONS"})), 200) << "REGISTER only, unless the rule says more";
    Desk mute(misbehaving("drop-answer"));
    EXPECT_EQ(Caller(mute).status(), 0);
    EXPECT_EQ(mute.live(), 1U);
    EXPECT_EQ(mute.counters().accepted, 1U);
    EXPECT_EQ(mute.counters().by_rule[0], 1U);
}

TEST(Misbehaviour, ALimitLetsSoManyASecondPassAndIgnoresTheRest) {
    Desk desk(misbehaving("limit 100"));
    Caller caller(desk);
    for (int i = 0; i < 200; ++i) {
        static_cast<void>(caller.status());
        desk.wait(second / 200);
    }
    EXPECT_NEAR(static_cast<double>(desk.counters().by_rule[0]), 100, 5);
    EXPECT_EQ(desk.counters().ignored_on_cue, desk.counters().by_rule[0]);
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Misbehaviour, StatusesCarryTheRowsThatBelongToThem) {
    const auto answer = [](const std::string& rules) {
        Desk desk(misbehaving(rules));
        const std::string text = Caller(desk).post().at(0);
        EXPECT_EQ(desk.live(), 0U) << rules;
        EXPECT_EQ(desk.counters().refused_on_cue, 1U) << rules;
        EXPECT_TRUE(desk.counters().balanced()) << rules;
        return text;
    };
    EXPECT_TRUE(answer("503 retry-after=30").starts_with("SIP/2.0 503 Service Unavailable\r\n"));
    EXPECT_EQ(row_of(answer("503 retry-after=30"), "Retry-After"), "30") << "REG-11";
    EXPECT_EQ(row_of(answer("503"), "Retry-After"), "");
    EXPECT_EQ(row_of(answer("423"), "Min-Expires"), "60") << "REG-7";
    EXPECT_EQ(row_of(answer("423 min-expires=7200"), "Min-Expires"), "7200");
    EXPECT_EQ(row_of(answer("423 min-expires=0"), "Min-Expires"), "");
    EXPECT_EQ(row_of(answer("302"), "Contact"), "<sip:example.test>") << "REG-8: a loop, if one follows it";
    EXPECT_EQ(row_of(answer("302 contact=sip:192.0.2.7:5070"), "Contact"), "<sip:192.0.2.7:5070>");
    EXPECT_TRUE(row_of(answer("401"), "WWW-Authenticate").starts_with("Digest realm=\"example.test\", nonce="));
    EXPECT_NE(row_of(answer("401 stale=yes"), "WWW-Authenticate").find("stale=true"), std::string::npos) << "AUT-11";
    EXPECT_TRUE(row_of(answer("407"), "Proxy-Authenticate").starts_with("Digest realm="));
    EXPECT_TRUE(answer("480").starts_with("SIP/2.0 480 Temporarily Unavailable\r\n"));
    EXPECT_TRUE(answer("699").starts_with("SIP/2.0 699 ")) << "REG-13: any status";
}

TEST(Misbehaviour, SharesOfAnswersAddUp) {
    Desk desk(misbehaving("503 20%; 403 10%; drop 5%; 480 1%"));
    Caller caller(desk);
    std::array<int, 1000> seen{};
    for (int i = 0; i < 20'000; ++i) {
        ++seen[static_cast<std::size_t>(caller.status())];
    }
    EXPECT_NEAR(seen[503], 4000, 250) << "four sigma are 226";
    EXPECT_NEAR(seen[403], 2000, 180);
    EXPECT_NEAR(seen[0], 1000, 130);
    EXPECT_NEAR(seen[480], 200, 60);
    EXPECT_EQ(seen[200] + seen[503] + seen[403] + seen[480] + seen[0], 20'000);
    EXPECT_EQ(desk.counters().by_rule[0], static_cast<std::uint64_t>(seen[503]));
    EXPECT_EQ(desk.counters().by_rule[2], static_cast<std::uint64_t>(seen[0]));
    EXPECT_EQ(desk.counters().refused_on_cue, static_cast<std::uint64_t>(seen[503] + seen[403] + seen[480]));
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Misbehaviour, TheSameSeedRepeatsAndAnotherDoesNot) {
    const auto story = [](std::uint64_t seed) {
        Desk desk(misbehaving("503 30%; garbage 20%; duplicate 10%", false, seed));
        Caller caller(desk);
        std::string text;
        for (int i = 0; i < 200; ++i) {
            for (const std::string& answer : caller.post()) {
                text += answer;
            }
        }
        return text;
    };
    EXPECT_EQ(story(7), story(7));
    EXPECT_NE(story(7), story(8));
}

TEST(Misbehaviour, AShareOfUsersHitsTheSameOnesEveryTime) {
    RegistrarPlan plan = misbehaving("404 25% user");
    plan.aors = plan.bindings = 1000;
    Desk desk(plan);
    Caller caller(desk);
    int unknown = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string user = "user" + std::to_string(i);
        const int first = caller.status(user);
        EXPECT_EQ(caller.status(user), first);
        unknown += first == 404 ? 1 : 0;
    }
    EXPECT_NEAR(unknown, 250, 60);
}

TEST(Misbehaviour, ARuleCanBeAboutOneUserOrOtherMethods) {
    Desk desk(misbehaving("404 user=bob; 500 method=options; drop method=any user=carol"));
    Caller caller(desk);
    EXPECT_EQ(caller.status("bob"), 404);
    EXPECT_EQ(caller.status("bobby"), 200);
    EXPECT_EQ(status_of(desk.ask({.method = "OPTIONS"})), 500);
    EXPECT_EQ(caller.status("carol"), 0);
    EXPECT_EQ(desk.ask({.user = "carol", .method = "INVITE"}), "");
    EXPECT_EQ(status_of(desk.ask({.method = "INVITE"})), 405);
    EXPECT_TRUE(desk.counters().balanced());
}

TEST(Misbehaviour, AnswersComeTwiceOrBehindA100OrAsGarbage) {
    Desk twice(misbehaving("duplicate"));
    const std::vector<std::string> both = Caller(twice).post();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0], both[1]);
    EXPECT_EQ(twice.counters().accepted, 1U);

    Desk early(misbehaving("early-1xx"));
    const std::vector<std::string> trying = Caller(early).post();
    ASSERT_EQ(trying.size(), 2U);
    EXPECT_TRUE(trying[0].starts_with("SIP/2.0 100 Trying\r\n"));
    EXPECT_EQ(row_of(trying[0], "To").find("tag="), std::string::npos);
    EXPECT_EQ(status_of(trying[1]), 200);

    Desk mad(misbehaving("garbage"));
    Caller caller(mad);
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) {
        const std::string noise = caller.post().at(0);
        EXPECT_LE(noise.size(), 512U);
        seen.insert(noise);
    }
    EXPECT_GT(seen.size(), 45U);
    EXPECT_EQ(mad.live(), 1U) << "it was registered all the same";
}

TEST(Misbehaviour, A200CanLieAboutTheBindings) {
    Desk bare(misbehaving("no-contact"));
    const std::string none = Caller(bare).post().at(0);
    EXPECT_EQ(status_of(none), 200);
    EXPECT_EQ(row_of(none, "Contact"), "");
    EXPECT_EQ(bare.live(), 1U);

    Desk foreign(misbehaving("foreign-contact expires=7"));
    EXPECT_EQ(row_of(Caller(foreign).post().at(0), "Contact"),
              "<sip:somebody-else@192.0.2.1:5060>;expires=7, <" + alice_uri + ">;expires=3600")
        << "REG-2";

    Desk hasty(misbehaving("short-expires expires=5"));
    EXPECT_EQ(row_of(Caller(hasty).post().at(0), "Contact"), "<" + alice_uri + ">;expires=5");
    hasty.wait(5 * second);
    EXPECT_EQ(hasty.live(), 0U) << "it means what it says";
}

struct Known {
    explicit Known(const std::string& rules) : desk(misbehaving(rules, true)), caller(desk) {
        nonce = quoted(row_of(caller.post().at(0), "WWW-Authenticate"), "nonce");
    }
    std::string answer() { return caller.post("alice", {authorization(nonce)}).at(0); }

    Desk desk;
    Caller caller;
    std::string nonce;
};

TEST(Misbehaviour, AUT_13_TheNextNonceIsAnotherOneThatWorks) {
    Known known("next-nonce");
    for (int i = 0; i < 4; ++i) {
        const std::string answer = known.answer();
        ASSERT_EQ(status_of(answer), 200);
        const std::string next = quoted(row_of(answer, "Authentication-Info"), "nextnonce");
        EXPECT_NE(next, known.nonce) << "also within one second";
        known.nonce = next;
        known.desk.wait(i < 2 ? 0 : second);
    }
    EXPECT_EQ(known.desk.counters().by_rule[0], 4U);
}

TEST(Misbehaviour, AUT_10_AnOldNonceCanBeRefusedWithoutAWord) {
    Known known("no-stale");
    known.desk.wait(301 * second);
    const std::string answer = known.answer();
    EXPECT_EQ(status_of(answer), 401);
    EXPECT_EQ(row_of(answer, "WWW-Authenticate").find("stale"), std::string::npos);
    EXPECT_EQ(known.desk.counters().stale, 1U);
    EXPECT_EQ(known.desk.counters().by_rule[0], 1U);
}

TEST(Misbehaviour, REG_16_UnregisterAndFetchFeelTheRulesLikeAnyRegister) {
    Desk desk(misbehaving("503 10s-20s"));
    EXPECT_EQ(Caller(desk).status(), 200);
    EXPECT_EQ(row_of(desk.ask({.cseq = 2}), "Contact"), "<" + alice_uri + ">;expires=3600");
    desk.wait(10 * second);
    EXPECT_EQ(status_of(desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 3})), 503);
    EXPECT_EQ(status_of(desk.ask({.cseq = 4})), 503);
    EXPECT_EQ(desk.live(), 1U);
    desk.wait(10 * second);
    EXPECT_EQ(status_of(desk.ask({.rows = {"Contact: *", "Expires: 0"}, .cseq = 5})), 200);
    EXPECT_EQ(desk.live(), 0U);
}

TEST(Misbehaviour, NoiseBeneathRulesOfEveryKindIsSurvivedAndCounted) {
    base::Prng prng(3);
    Desk desk(
        misbehaving("drop 10%; 503 10%; 401 5%; garbage 10%; duplicate 10%; early-1xx 10%; drop-answer 10%; "
                    "delay 1ms-9ms 30%; no-contact 20%; foreign-contact 20%; short-expires 9%; next-nonce; "
                    "no-stale; ping every=10ms",
                    true));
    const std::string good = text_of({.rows = {contact(alice_uri), "Expires: 100", authorization("nonce")}});
    for (int i = 0; i < 4000; ++i) {
        std::string text = good;
        for (std::uint64_t changes = prng.below(4); changes > 0; --changes) {
            text[prng.below(text.size())] = static_cast<char>(prng.next());
        }
        desk.post(text);
        desk.wait(prng.below(3 * ms));
    }
    EXPECT_TRUE(desk.counters().balanced());
    EXPECT_GT(desk.counters().held, 100U);
}

}  // namespace
}  // namespace regstorm::registrar
