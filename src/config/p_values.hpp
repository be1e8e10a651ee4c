// SPDX-License-Identifier: Apache-2.0
// Grandstream's settings beside ours: the P-value of each account, the name in the newer dialect, what the values mean.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "regstorm/config/provision.hpp"

namespace regstorm::config {

/// One value of a choice in the file, and what our option calls it.
struct Meaning {
    std::string_view theirs;
    std::string_view ours;
};

struct PValue {
    /// By account; 0: not known for that account. A setting of the whole phone has the same number for all.
    std::array<std::uint32_t, provision_accounts> numbers;
    std::string_view item;                ///< "sip.registerExpiration", below "account.N."; empty: not known
    std::string_view title;               ///< as the phone's web page says, with its unit
    std::string_view key;                 ///< of our option
    std::span<const Meaning> meanings{};  ///< a choice; empty: a number, or text when max is 0
    std::uint32_t min = 0;
    std::uint32_t max = 0;
};

[[nodiscard]] std::span<const PValue> p_values();

}  // namespace regstorm::config
