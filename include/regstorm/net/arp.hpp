// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826). Cold: a handful of frames per second.
#pragma once

#include <cstdint>

#include "regstorm/base/mac_address.hpp"

namespace regstorm::net {

inline constexpr std::uint32_t arp_bytes = 28;
inline constexpr std::uint16_t arp_operation_request = 1;
inline constexpr std::uint16_t arp_operation_reply = 2;

struct ArpMessage {
    std::uint16_t operation = 0;
    base::MacAddress sender_mac;
    std::uint32_t sender_ip = 0;  ///< host order, as all IPv4 numbers here
    base::MacAddress target_mac;
    std::uint32_t target_ip = 0;
};

enum class ArpRead : std::uint8_t { ok, too_short, not_ipv4 };

[[nodiscard]] ArpRead read_arp(const char* data, std::uint32_t size, ArpMessage& arp);

/// Returns one past the message.
char* write_arp(char* out, const ArpMessage& arp);

}  // namespace regstorm::net
