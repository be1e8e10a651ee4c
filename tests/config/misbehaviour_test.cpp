// SPDX-License-Identifier: Apache-2.0
// The text of registrar.misbehave: what can be said, and what is said about what cannot.
#include "regstorm/config/misbehaviour.hpp"

#include "scratch.hpp"

namespace regstorm::config {
namespace {

using registrar::Misdeed;
using registrar::Rule;
using Misbehave = InScratchFolder;

Rule rule_of(std::string_view text) {
    const Parsed<registrar::RuleSet> parsed = parse_misbehaviour(text);
    EXPECT_EQ(parsed.problem, "") << text;
    EXPECT_EQ(parsed.value.count, 1U) << text;
    return parsed.value.rule[0];
}

TEST(MisbehaviourRules, NothingIsNoRule) {
    for (const std::string_view text : {"", "  ", ";"}) {
        EXPECT_EQ(parse_misbehaviour(text).problem, "");
        EXPECT_TRUE(parse_misbehaviour(text).value.empty());
    }
}

TEST(MisbehaviourRules, HaveAWhatAShareAndAWindow) {
    const Rule rule = rule_of(" 500  1% 10s-20s ");
    EXPECT_EQ(rule.misdeed, Misdeed::status);
    EXPECT_EQ(rule.status, 500);
    EXPECT_NEAR(static_cast<double>(rule.share), 0x1p64 / 100, 0x1p40);
    EXPECT_EQ(rule.from_ns, 10'000'000'000U);
    EXPECT_EQ(rule.to_ns, 20'000'000'000U);
    EXPECT_EQ(rule.methods, registrar::on_register);
    EXPECT_EQ(rule.text.view(), "500  1% 10s-20s");
    EXPECT_EQ(rule_of("drop 100%").share, Rule::always);
    EXPECT_EQ(rule_of("drop").share, Rule::always);
    EXPECT_EQ(rule_of("drop 0.0000000000000000001%").share, 1U);
    EXPECT_EQ(rule_of("drop 5s-").to_ns, Rule::never_ns);
    EXPECT_EQ(rule_of("limit 2k").gap_ns, 500'000U);
    EXPECT_NE(check_misbehaviour("limit"), "");
    EXPECT_NE(check_misbehaviour("limit max"), "");
    EXPECT_EQ(rule_of("silent").methods, registrar::on_any);
    EXPECT_EQ(rule_of("silent method=register").methods, registrar::on_register);
}

TEST(MisbehaviourRules, HaveKeys) {
    EXPECT_EQ(rule_of("503 5% retry-after=30").retry_after_s, 30U);
    EXPECT_TRUE(rule_of("503 retry-after=0").has_retry_after);
    EXPECT_FALSE(rule_of("503").has_retry_after);
    EXPECT_EQ(rule_of("423 min-expires=90").expires_s, 90U);
    EXPECT_EQ(rule_of("302 contact=sip:192.0.2.1").contact.view(), "sip:192.0.2.1");
    EXPECT_TRUE(rule_of("401 stale=yes").stale);
    EXPECT_TRUE(rule_of("404 user").by_user);
    EXPECT_EQ(rule_of("404 user=bob").user.view(), "bob");
    EXPECT_EQ(rule_of("short-expires 1% expires=5").expires_s, 5U);
    EXPECT_EQ(rule_of("ping every=90s").every_ns, 90'000'000'000U);
    EXPECT_EQ(rule_of("ping").every_ns, 30'000'000'000U);
    const Rule delay = rule_of("delay 5ms-50ms 10% 1s-2s method=any");
    EXPECT_EQ(delay.delay_min_ns, 5'000'000U);
    EXPECT_EQ(delay.delay_max_ns, 50'000'000U);
    EXPECT_EQ(delay.from_ns, 1'000'000'000U);
    EXPECT_EQ(rule_of("delay 20ms").delay_max_ns, 20'000'000U);
    EXPECT_EQ(parse_misbehaviour("503 5%; 403 2%;").value.count, 2U);
}

TEST_F(Misbehave, SaysWhichRuleIsWrongAndWhatWasMeant) {
    const struct {
        std::string rules;
        std::string line;
    } cases[] = {
        {"503 5%; dorp 1%",
         "rule 2: there is no dorp; allowed: silent, drop, limit, drop-answer, delay, duplicate, garbage, early-1xx, "
         "no-contact, foreign-contact, short-expires, next-nonce, no-stale, ping, a status from 300 to 699; "
         "did you mean drop?"},
        {"503 retry-afer=3",
         "rule 1: 503 has no key retry-afer; allowed: method, user, retry-after; did you mean retry-after?"},
        {"no-contact method=any", "rule 1: no-contact has no key method; allowed: user"},
        {"drop method=option",
         "rule 1: there is no method option; allowed: register, options, any; did you mean options?"},
        {"drop 0%", "rule 1: 0% is no share; allowed: more than 0% to 100%"},
        {"drop 101%", "rule 1: 101% is no share; allowed: more than 0% to 100%"},
        {"drop 20s-10s", "rule 1: 20s-10s ends before it begins"},
        {"drop 10s-10s", "rule 1: 10s-10s ends before it begins"},
        {"drop 10s-5x",
         "rule 1: \"5x\" has no known unit (\"x\"); units are us, ms, s, m, h, d; allowed: 20ms, 30s, 5m"},
        {"delay", "rule 1: delay needs a time; allowed: 20ms, 5ms-50ms"},
        {"delay 9ms-1ms", "rule 1: 9ms-1ms ends before it begins"},
        {"delay 2m", "rule 1: 2m is more than 1m"},
        {"503 retry-after=x", "rule 1: retry-after cannot be \"x\"; allowed: seconds, 0 to 4294967295"},
        {"short-expires expires=0", "rule 1: expires cannot be \"0\"; allowed: seconds, 1 to 4294967295"},
        {"302 contact=192.0.2.1",
         "rule 1: contact is no URI to send to; allowed: sip:... without ; < > and comma, up to 164 bytes"},
        {"drop often",
         "rule 1: \"often\" is neither a share nor a window nor KEY=VALUE; allowed: SHARE% as in 5%, "
         "FROM-TO as in 10s-20s, user, method, user"},
        {"ping; ping", "rule 2: there is a rule for ping already; allowed: one"},
        {"ping every=1us", "rule 1: every is too short; allowed: 1ms to 1d"},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(problems("[registrar]\nmisbehave = \"" + each.rules + "\"\n"),
                  Lines{"my.toml:2:13: registrar.misbehave: \"" + each.rules + "\" cannot be obeyed: " + each.line});
    }
}

TEST_F(Misbehave, IsBounded) {
    std::string many = "drop";
    for (std::uint32_t i = 1; i < registrar::rules_max; ++i) {
        many += ";drop";
    }
    EXPECT_EQ(parse_misbehaviour(many).value.count, registrar::rules_max);
    EXPECT_EQ(parse_misbehaviour(many + ";drop").problem, "has more than 32 rules");
    EXPECT_NE(parse_misbehaviour("404 user=" + std::string(65, 'u')).problem, "");
    EXPECT_NE(parse_misbehaviour("drop" + std::string(300, ' ') + "5%").problem, "");
    EXPECT_NE(parse_misbehaviour("drop\n5%").problem, "");
    EXPECT_NE(parse_misbehaviour("drop;;drop").problem, "") << "a rule that was forgotten";
    for (const std::string_view status : {"200", "299", "700", "99", "1000"}) {
        EXPECT_NE(parse_misbehaviour(status).problem, "") << status;
    }
}

}  // namespace
}  // namespace regstorm::config
