// SPDX-License-Identifier: Apache-2.0
// "423 5% min-expires=90; silent 10s-20s": how a person says what the embedded registrar is to do wrong.
//
//     RULES = RULE *(";" RULE)
//     RULE  = WHAT [SHARE%] [FROM-TO] [user] *(KEY=VALUE), in any order after WHAT
#pragma once

#include <string>
#include <string_view>

#include "regstorm/config/values.hpp"
#include "regstorm/registrar/rule.hpp"

namespace regstorm::config {

/// All rules of the text. The problem names the rule, what is allowed in its place, and what was probably meant.
[[nodiscard]] Parsed<registrar::RuleSet> parse_misbehaviour(std::string_view text);
/// The same for the table of options: what is wrong, or nothing.
[[nodiscard]] std::string check_misbehaviour(std::string_view text);

}  // namespace regstorm::config
