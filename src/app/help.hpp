// SPDX-License-Identifier: Apache-2.0
// The help texts: what stands in the option table, laid out for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace regstorm::app {

/// What `regstorm` alone and `regstorm --help` say.
[[nodiscard]] std::string overview_text();
/// Of one command, by name; empty for a name that is none.
[[nodiscard]] std::string help_text(std::string_view command);

}  // namespace regstorm::app
