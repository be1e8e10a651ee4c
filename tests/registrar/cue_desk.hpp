// SPDX-License-Identifier: Apache-2.0
// The desk with a registrar that misbehaves as a text of rules says.
#pragma once

#include "desk.hpp"
#include "regstorm/config/misbehaviour.hpp"

namespace regstorm::registrar {

inline constexpr base::Nanoseconds ms = base::ns_per_ms;
inline const std::string alice_uri = "sip:alice@198.18.0.1:5060";

inline RegistrarPlan misbehaving(const std::string& rules, bool authenticate = false, std::uint64_t seed = 1) {
    RegistrarPlan plan = make_plan(authenticate);
    const config::Parsed<RuleSet> parsed = config::parse_misbehaviour(rules);
    EXPECT_EQ(parsed.problem, "");
    plan.rules = parsed.value;
    plan.seed = seed;
    plan.held_answers = 64;
    return plan;
}

/// A REGISTER of alice's with the next CSeq.
struct Caller {
    explicit Caller(Desk& at) : desk(at) {}

    std::vector<std::string> post(const std::string& user = "alice", std::vector<std::string> more = {}) {
        more.push_back(contact(alice_uri));
        return desk.post(text_of({.user = user, .rows = more, .cseq = ++cseq}));
    }
    /// 0 when there was no answer.
    int status(const std::string& user = "alice", const std::vector<std::string>& more = {}) {
        const std::vector<std::string> answers = post(user, more);
        EXPECT_LE(answers.size(), 1U);
        return answers.empty() ? 0 : status_of(answers[0]);
    }
    /// How many of `requests` got `wanted`.
    int count(int wanted, int requests) {
        int hits = 0;
        for (int i = 0; i < requests; ++i) {
            hits += status() == wanted ? 1 : 0;
        }
        return hits;
    }

    Desk& desk;
    std::uint32_t cseq = 0;
};

}  // namespace regstorm::registrar
