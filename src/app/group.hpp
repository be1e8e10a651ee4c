// SPDX-License-Identifier: Apache-2.0
// From what the user says of a kind of phone to what the engine needs of it.
#pragma once

#include <string>

#include "regstorm/config/scenario.hpp"
#include "regstorm/engine/plan.hpp"

namespace regstorm::app {

[[nodiscard]] registration::Profile make_profile(const config::Device& device);

/// `domain`: host part of every AoR and request URI. Throws PlanError when a text is longer than a request can hold.
[[nodiscard]] engine::Group make_group(const config::Device& device, const config::Auth& auth,
                                       const std::string& domain);

}  // namespace regstorm::app
