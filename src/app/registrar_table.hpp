// SPDX-License-Identifier: Apache-2.0
// What a registrar did, as text for a person.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/base/units.hpp"
#include "regstorm/registrar/counters.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::app {

/// Whether a registrar was the limit itself.
struct RegistrarLoad {
    base::Nanoseconds busy_ns = 0;     ///< in polls that found something
    base::Nanoseconds serving_ns = 0;  ///< from the first datagram to the last
    std::uint64_t rx_dropped = 0;      ///< datagrams that its port lost before it could read them
    std::uint64_t tx_dropped = 0;      ///< answers that its port lost
};

/// Every rule with the requests that felt it, and what became of held answers and pings; empty without rules.
[[nodiscard]] std::string misbehaviour_table(const registrar::RuleSet& rules,
                                             const registrar::RegistrarCounters& counters, std::uint64_t held_at_end);

/// What it received and answered.
[[nodiscard]] std::string registrar_table(const registrar::RegistrarCounters& counters, std::uint64_t live_bindings);

/// One line.
[[nodiscard]] std::string load_text(const RegistrarLoad& load);

}  // namespace regstorm::app
