// SPDX-License-Identifier: Apache-2.0
// What a registrar did, as text for a person.
#pragma once

#include <string>

#include "regstorm/registrar/counters.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::app {

/// Every rule with the requests that felt it, and what became of held answers and pings; empty without rules.
[[nodiscard]] std::string misbehaviour_table(const registrar::RuleSet& rules,
                                             const registrar::RegistrarCounters& counters, std::uint64_t held_at_end);

/// What it received and answered.
[[nodiscard]] std::string registrar_table(const registrar::RegistrarCounters& counters, std::uint64_t live_bindings);

}  // namespace regstorm::app
