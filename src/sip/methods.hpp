// SPDX-License-Identifier: Apache-2.0
// Methods and their names (RFC 3261 27.4 registry; case-sensitive, RFC 3261 7.1).
#pragma once

#include <array>
#include <string_view>

#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// In the order of the enum; `other` has no name.
inline constexpr std::array<std::string_view, 15> method_names = {
    "",        "ACK",   "BYE",     "CANCEL", "INFO",     "INVITE",    "MESSAGE", "NOTIFY",
    "OPTIONS", "PRACK", "PUBLISH", "REFER",  "REGISTER", "SUBSCRIBE", "UPDATE"};
static_assert(static_cast<std::size_t>(Method::update) == method_names.size() - 1);

[[nodiscard]] inline Method method_of(std::string_view text) {
    if (text == "REGISTER") [[likely]] {
        return Method::register_;
    }
    for (std::size_t i = 1; i < method_names.size(); ++i) {
        if (text == method_names[i]) {
            return static_cast<Method>(i);
        }
    }
    return Method::other;
}

}  // namespace regstorm::sip
