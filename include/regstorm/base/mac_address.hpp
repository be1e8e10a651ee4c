// SPDX-License-Identifier: Apache-2.0
// An Ethernet address as plain data. In base because the link layer writes it into frames and the devices report it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace regstorm::base {

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};

    /// In words, as IpAddress does it.
    friend bool operator==(const MacAddress& left, const MacAddress& right) { return left.words() == right.words(); }

    /// Group bit of IEEE 802: broadcast and multicast. No station sends from such an address.
    [[nodiscard]] constexpr bool is_group() const { return (bytes[0] & 1) != 0; }

  private:
    [[nodiscard]] std::uint64_t words() const {
        std::uint32_t low = 0;
        std::uint16_t high = 0;
        std::memcpy(&low, bytes.data(), sizeof low);
        std::memcpy(&high, bytes.data() + sizeof low, sizeof high);
        return std::uint64_t{high} << 32 | low;
    }
};
static_assert(sizeof(MacAddress) == 6);

inline constexpr MacAddress broadcast_mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// "02:00:5e:10:00:ff", either case. Nothing else.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);
/// Lower case, colons.
[[nodiscard]] std::string to_text(const MacAddress& mac);

}  // namespace regstorm::base
