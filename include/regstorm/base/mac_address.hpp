// SPDX-License-Identifier: Apache-2.0
// An Ethernet address as plain data. In base because the link layer writes it into frames and the devices report it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace regstorm::base {

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};

    friend bool operator==(const MacAddress&, const MacAddress&) = default;

    /// Group bit of IEEE 802: broadcast and multicast. No station sends from such an address.
    [[nodiscard]] constexpr bool is_group() const { return (bytes[0] & 1) != 0; }
};
static_assert(sizeof(MacAddress) == 6);

inline constexpr MacAddress broadcast_mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// "02:00:5e:10:00:ff", either case. Nothing else.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);
/// Lower case, colons.
[[nodiscard]] std::string to_text(const MacAddress& mac);

}  // namespace regstorm::base
