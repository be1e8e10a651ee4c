// SPDX-License-Identifier: Apache-2.0
// Any bytes as the rules of a misbehaving registrar: they are refused in one line, or every rule of them is within its
// bounds and its own text makes it again.
#include <cstdlib>
#include <string_view>

#include "regstorm/config/misbehaviour.hpp"

namespace {

using namespace regstorm;
using registrar::Misdeed;
using registrar::Rule;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const Rule& rule) {
    require(rule.from_ns < rule.to_ns);
    require(rule.delay_min_ns <= rule.delay_max_ns);
    require(rule.misdeed == Misdeed::status ? rule.status >= 300 && rule.status <= 699 : rule.status == 0);
    require(rule.misdeed != Misdeed::ping || rule.every_ns != 0);
    const config::Parsed<registrar::RuleSet> again = config::parse_misbehaviour(rule.text.view());
    require(again.good() && again.value.count == 1);
    const Rule& same = again.value.rule[0];
    require(same.misdeed == rule.misdeed && same.methods == rule.methods && same.share == rule.share &&
            same.from_ns == rule.from_ns && same.to_ns == rule.to_ns && same.user.view() == rule.user.view() &&
            same.contact.view() == rule.contact.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const config::Parsed<registrar::RuleSet> parsed = config::parse_misbehaviour(text);
    require(parsed.problem.find_first_of("\r\n") == std::string::npos);
    require(parsed.value.count <= registrar::rules_max);
    require(parsed.good() || parsed.value.empty());
    for (std::uint32_t i = 0; i < parsed.value.count; ++i) {
        check(parsed.value.rule[i]);
    }
    return 0;
}
