// SPDX-License-Identifier: Apache-2.0
// What is installed beside the program: manual pages and completion, made from the help texts and the option table, so
// that an option is declared once.
#pragma once

#include <string>
#include <string_view>

namespace regstorm::app {

/// regstorm(1) for an empty `command`, else regstorm-COMMAND(1); roff with the man macros.
[[nodiscard]] std::string man_page(std::string_view command);
/// For bash; to be sourced, or in bash-completion's folder.
[[nodiscard]] std::string bash_completion();

}  // namespace regstorm::app
