// SPDX-License-Identifier: Apache-2.0
// One value into one member: by the member's type, within the row's limits.
#pragma once

#include <string>
#include <variant>

#include "regstorm/config/load.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {

/// A value as TOML has it, or a word from the command line, which may be anything.
struct Word {
    std::string text;
};
using RawValue = std::variant<bool, std::int64_t, double, std::string, Word>;

/// Sets the member, or says what is wrong (`where` stays empty) and leaves it alone.
[[nodiscard]] std::optional<Problem> assign(const Option& option, const RawValue& raw, Scenario& scenario);

}  // namespace regstorm::config
