// SPDX-License-Identifier: Apache-2.0
// A Grandstream phone's own configuration file (cfg.xml) as a device profile, so that the phones in a laboratory are
// the phones of the site. Both dialects are read: P-values (`<P32>60</P32>`) and names
// (`<item name="account.1.sip"><part name="registerExpiration">60</part></item>`). What the file does not say has
// Grandstream's factory setting; what regstorm has no setting for is listed, by name only: it may be a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/config/load.hpp"

namespace regstorm::config {

inline constexpr std::uint32_t provision_accounts = 5;
inline constexpr std::size_t provision_bytes_max = 4 << 20;  // a full GRP template has 150 KiB

struct Imported {
    std::string toml{};                 ///< a device profile; empty when there are problems
    std::vector<Problem> problems{};    ///< a value out of its range; or one, why the file cannot be read at all
    std::vector<std::string> unused{};  ///< names of values without a setting here, at most `unused_max`
    std::size_t unused_more = 0;        ///< how many further ones there were

    static constexpr std::size_t unused_max = 200;
};

/// Whether a file is meant to be XML: it starts with "<".
[[nodiscard]] bool looks_like_xml(std::string_view text);

/// `name` is the file's, for messages; `account` is 1 to provision_accounts.
[[nodiscard]] Imported import_provision(std::string_view xml, std::string_view name, std::uint32_t account);

/// The same from a file.
[[nodiscard]] Imported import_provision_file(const std::string& path, std::uint32_t account);

/// "P2, P30 and 12 more"; empty when all was used.
[[nodiscard]] std::string unused_text(const Imported& imported);

}  // namespace regstorm::config
