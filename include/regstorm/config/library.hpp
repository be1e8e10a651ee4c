// SPDX-License-Identifier: Apache-2.0
// The scenarios and device profiles that come with regstorm, embedded in the binary from the TOML files in
// src/config/scenarios and src/config/profiles, so that nothing else needs to be installed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "regstorm/config/device.hpp"

namespace regstorm::config {

struct Embedded {
    std::string_view name;  ///< the file's name without .toml
    std::string_view text;  ///< the file
};

[[nodiscard]] std::span<const Embedded> scenarios();
[[nodiscard]] std::span<const Embedded> profiles();
/// nullptr when there is none of that name.
[[nodiscard]] const Embedded* find_embedded(std::span<const Embedded> all, std::string_view name);
/// The one that was probably meant; empty when nothing is near.
[[nodiscard]] std::string_view nearest_embedded(std::span<const Embedded> all, std::string_view name);
/// "first-run, avalanche": for messages.
[[nodiscard]] std::string names_of(std::span<const Embedded> all);
/// The file's own `description`.
[[nodiscard]] std::string description_of(const Embedded& embedded);

/// A device as a profile that says every key, with what is allowed beside it.
[[nodiscard]] std::string resolved_profile(const Device& device, std::string_view description);

}  // namespace regstorm::config
