// SPDX-License-Identifier: Apache-2.0
// From what the user says of a kind of phone to what the engine needs of it.
#pragma once

#include <memory>
#include <string>

#include "regstorm/config/scenario.hpp"
#include "regstorm/engine/plan.hpp"

namespace regstorm::app {

/// As a URI says it: "192.0.2.1", "[2001:db8::1]"; and with the port behind it.
[[nodiscard]] std::string host_of(const config::Target& target);
[[nodiscard]] std::string host_and_port_of(const config::Target& target);

[[nodiscard]] registration::Profile make_profile(const config::Device& device);

/// Users and passwords of a CSV file: USER[,PASSWORD] per line, quotes as in RFC 4180 where a value holds a comma; a
/// first line that begins with "user" is its heading. Throws PlanError with the line that is wrong.
[[nodiscard]] std::shared_ptr<const engine::UserList> read_users(const std::string& path);

/// `domain`: host part of every AoR and request URI. Throws PlanError when a text is longer than a request can hold.
[[nodiscard]] engine::Group make_group(const config::Device& device, const config::Auth& auth,
                                       const std::string& domain);

}  // namespace regstorm::app
