// SPDX-License-Identifier: Apache-2.0
#include "app/registrar_table.hpp"

#include <fmt/format.h>

namespace regstorm::app {

std::string misbehaviour_table(const registrar::RuleSet& rules, const registrar::RegistrarCounters& counters,
                               std::uint64_t held_at_end) {
    std::string text;
    for (std::uint32_t i = 0; i < rules.count; ++i) {
        text += fmt::format("misbehaved {:>10} times: {}\n", counters.by_rule[i], rules.rule[i].text.view());
    }
    if (rules.find(registrar::Misdeed::delay) != nullptr) {
        text += fmt::format("answers held back: {}, {} of them still waiting at the end; lost for want of room: {}\n",
                            counters.held, held_at_end, counters.not_held);
    }
    if (rules.find(registrar::Misdeed::ping) != nullptr) {
        text += fmt::format("pings: {} sent, {} answered, {} contacts without an address\n", counters.pings,
                            counters.ping_answers, counters.not_pinged);
    }
    return text;
}

std::string registrar_table(const registrar::RegistrarCounters& counters, std::uint64_t live_bindings) {
    std::string text = fmt::format(
        "received {}: {} REGISTER, {} OPTIONS, {} other requests, {} answers to pings, {} other responses, "
        "{} malformed, {} not SIP over UDP\n"
        "REGISTER: {} accepted, {} challenged, {} stale, {} wrong password, {} too brief, {} bad, {} without room, "
        "{} refused and {} ignored by rule, {} unsent\n"
        "bindings at the end: {}\n",
        counters.received, counters.registers, counters.options, counters.other_requests, counters.ping_answers,
        counters.responses, counters.malformed, counters.not_payload, counters.accepted, counters.challenged,
        counters.stale, counters.wrong_password, counters.too_brief, counters.bad_request, counters.full,
        counters.refused_on_cue, counters.ignored_on_cue, counters.unsent, live_bindings);
    return counters.balanced() ? text : text + "bug: the registrar's books do not balance\n";
}

std::string load_text(const RegistrarLoad& load) {
    const double share =
        load.serving_ns == 0 ? 0.0 : static_cast<double>(load.busy_ns) / static_cast<double>(load.serving_ns);
    return fmt::format("busy {:.0f} % from the first datagram to the last; lost by its port: {} arriving, {} leaving\n",
                       100 * share, load.rx_dropped, load.tx_dropped);
}

}  // namespace regstorm::app
