// SPDX-License-Identifier: Apache-2.0
// Ethernet II with at most one 802.1Q tag. Reading checks the length, nothing else.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/net/bytes.hpp"

namespace regstorm::net {

inline constexpr std::uint32_t ethernet_header_bytes = 14;
inline constexpr std::uint32_t vlan_tag_bytes = 4;
/// Shortest frame without its FCS; what is shorter is padded with zeros.
inline constexpr std::uint32_t ethernet_frame_bytes_min = 60;

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_vlan = 0x8100;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
inline constexpr std::uint16_t vlan_id_max = 4094;

struct EthernetFrame {
    base::MacAddress destination;
    base::MacAddress source;
    std::uint16_t ethertype = 0;  ///< behind the tag, when there is one
    std::uint16_t vlan_id = 0;    ///< 0: no tag, or one that carries only a priority
    const char* packet = nullptr;
    std::uint32_t packet_bytes = 0;
};

/// False when the frame ends within its headers.
[[nodiscard]] inline bool read_ethernet(const char* data, std::uint32_t size, EthernetFrame& frame) {
    if (size < ethernet_header_bytes) {
        return false;
    }
    std::memcpy(frame.destination.bytes.data(), data, 6);
    std::memcpy(frame.source.bytes.data(), data + 6, 6);
    frame.ethertype = load_be16(data + 12);
    frame.vlan_id = 0;
    std::uint32_t header_bytes = ethernet_header_bytes;
    if (frame.ethertype == ethertype_vlan) {
        header_bytes += vlan_tag_bytes;
        if (size < header_bytes) {
            return false;
        }
        frame.vlan_id = load_be16(data + 14) & 0xfff;
        frame.ethertype = load_be16(data + 16);
    }
    frame.packet = data + header_bytes;
    frame.packet_bytes = size - header_bytes;
    return true;
}

/// Returns one past the header.
inline char* write_ethernet(char* out, const base::MacAddress& destination, const base::MacAddress& source,
                            std::optional<std::uint16_t> vlan_id, std::uint16_t ethertype) {
    std::memcpy(out, destination.bytes.data(), 6);
    std::memcpy(out + 6, source.bytes.data(), 6);
    out += 12;
    if (vlan_id) {
        store_be16(out, ethertype_vlan);
        store_be16(out + 2, *vlan_id);
        out += vlan_tag_bytes;
    }
    store_be16(out, ethertype);
    return out + 2;
}

/// Zeros behind a frame that is too short for the wire; returns its size then.
inline std::uint32_t pad_frame(char* frame, std::uint32_t size) {
    if (size < ethernet_frame_bytes_min) {
        std::memset(frame + size, 0, ethernet_frame_bytes_min - size);
        return ethernet_frame_bytes_min;
    }
    return size;
}

}  // namespace regstorm::net
