// SPDX-License-Identifier: Apache-2.0
// What a text must be so that it cannot break the message it becomes part of: a line break in a user agent would be a
// header of the attacker's choice, a quote in a realm ends the realm. Each returns what is wrong, or nothing.
#pragma once

#include <string>
#include <string_view>

namespace regstorm::config {

/// No control characters.
[[nodiscard]] std::string check_printable(std::string_view text);
/// Printable, without quotes and backslashes.
[[nodiscard]] std::string check_quotable(std::string_view text);
/// The user part of a SIP URI (RFC 3261 25.1) with at most one %d or %0Nd; "%%" is a percent sign.
[[nodiscard]] std::string check_user_pattern(std::string_view text);
/// Empty, or host[:port].
[[nodiscard]] std::string check_domain(std::string_view text);
/// Empty, or ADDRESS:PORT.
[[nodiscard]] std::string check_listen_address(std::string_view text);

}  // namespace regstorm::config
