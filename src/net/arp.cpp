// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/arp.hpp"

#include <cstring>

#include "regstorm/net/bytes.hpp"
#include "regstorm/net/ethernet.hpp"

namespace regstorm::net {
namespace {

constexpr std::uint16_t hardware_ethernet = 1;
constexpr std::uint16_t address_lengths = 6 << 8 | 4;  ///< of hardware and protocol, in one word

}  // namespace

ArpRead read_arp(const char* data, std::uint32_t size, ArpMessage& arp) {
    if (size < arp_bytes) {
        return ArpRead::too_short;
    }
    if (load_be16(data) != hardware_ethernet || load_be16(data + 2) != ethertype_ipv4 ||
        load_be16(data + 4) != address_lengths) {
        return ArpRead::not_ipv4;
    }
    arp.operation = load_be16(data + 6);
    std::memcpy(arp.sender_mac.bytes.data(), data + 8, 6);
    arp.sender_ip = load_be32(data + 14);
    std::memcpy(arp.target_mac.bytes.data(), data + 18, 6);
    arp.target_ip = load_be32(data + 24);
    return ArpRead::ok;
}

char* write_arp(char* out, const ArpMessage& arp) {
    store_be16(out, hardware_ethernet);
    store_be16(out + 2, ethertype_ipv4);
    store_be16(out + 4, address_lengths);
    store_be16(out + 6, arp.operation);
    std::memcpy(out + 8, arp.sender_mac.bytes.data(), 6);
    store_be32(out + 14, arp.sender_ip);
    std::memcpy(out + 18, arp.target_mac.bytes.data(), 6);
    store_be32(out + 24, arp.target_ip);
    return out + arp_bytes;
}

}  // namespace regstorm::net
