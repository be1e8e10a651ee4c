// SPDX-License-Identifier: Apache-2.0
// What the rows of the option table are written with, and where they stand: one file per part of the table.
#pragma once

#include <span>
#include <utility>

#include "config/text_checks.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {

template <auto Group, auto Value>
constexpr auto at() {
    using T = std::remove_reference_t<decltype(std::declval<Scenario&>().*Group.*Value)>;
    return Member<T>{[](Scenario& scenario) -> T& { return scenario.*Group.*Value; },
                     [](const Scenario& scenario) -> const T& { return scenario.*Group.*Value; }};
}

template <auto Group, auto Value>
constexpr ChoiceMember choice(std::span<const std::string_view> names) {
    using E = std::remove_reference_t<decltype(std::declval<Scenario&>().*Group.*Value)>;
    return {[](Scenario& scenario, std::size_t index) { scenario.*Group.*Value = static_cast<E>(index); },
            [](const Scenario& scenario) { return static_cast<std::size_t>(scenario.*Group.*Value); }, names};
}

/// A limit in the table is a double; durations are exact in one up to 104 days.
constexpr double of(Duration duration) { return static_cast<double>(duration.count()); }

inline constexpr double expiration_max = of(1080h);  // 64800 minutes: the longest a Grandstream can be given
inline constexpr double text_chars_max = 200;        // a REGISTER must stay below 1300 bytes (RFC 3261 18.1.1)

/// The parts, in the order of the table.
[[nodiscard]] std::span<const Option> load_rows();        // run, auth
[[nodiscard]] std::span<const Option> shape_rows();       // load, churn
[[nodiscard]] std::span<const Option> device_rows();      // device: registration and refresh
[[nodiscard]] std::span<const Option> failure_rows();     // device: after a failure
[[nodiscard]] std::span<const Option> keep_alive_rows();  // device: while registered
[[nodiscard]] std::span<const Option> message_rows();     // device: timers, addresses, headers
[[nodiscard]] std::span<const Option> link_rows();        // link
[[nodiscard]] std::span<const Option> registrar_rows();   // registrar
[[nodiscard]] std::span<const Option> report_rows();      // report
[[nodiscard]] std::span<const Option> evidence_rows();    // evidence
[[nodiscard]] std::span<const Option> capacity_rows();    // capacity
[[nodiscard]] std::span<const Option> limits_rows();      // limits

}  // namespace regstorm::config
