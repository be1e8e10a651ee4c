// SPDX-License-Identifier: Apache-2.0
// A device that carries Ethernet frames: what the link layer (engine/linked_port.hpp) needs to make a PacketPort of
// it. A DPDK queue pair (eth_port.hpp) is one, an array in a test is another.
//
// Checksums: IPv4 header, ICMP and ND checksums are always complete in the frames handed over. Only the UDP checksum
// may be left to the device: where tx_udp_checksum_offload() is true, the UDP checksum field of every UDP frame
// holds the folded, not complemented sum of its pseudo-header (what rte_ipv4_phdr_cksum gives), and the port must
// have the device finish it. The port recognises such a frame itself: EtherType IPv4 or IPv6 behind at most one
// 802.1Q tag, no IP options or extension headers, protocol 17. All other frames go out as they are.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/port/packet_port.hpp"

namespace regstorm::port {

/// Ethernet, one 802.1Q tag, IPv6 (the longer of the two), UDP.
inline constexpr std::uint32_t frame_header_bytes_max = 14 + 4 + 40 + 8;
/// What tx_reserve() offers at least.
inline constexpr std::uint32_t frame_bytes_max = frame_header_bytes_max + payload_bytes_max;

struct Frame {
    char* data = nullptr;  ///< from the destination MAC on, contiguous; without the FCS
    std::uint32_t size = 0;
    void* handle = nullptr;     ///< the device's own (rte_mbuf*); nobody else looks at it
    bool checksum_bad = false;  ///< the device found the IP or UDP checksum wrong
    bool checksum_ok = false;   ///< the device found every checksum it met right, UDP included
};

template <class F>
concept FramePort = requires(F frames, const F fixed, std::span<Frame> burst, std::uint32_t size) {
    /// Fills up to burst.size() frames, returns how many. They are valid until release_rx().
    { frames.rx_burst(burst) } -> std::same_as<std::uint32_t>;
    /// Gives back the memory of the last burst.
    { frames.release_rx() } -> std::same_as<void>;
    /// frame_bytes_max writable bytes, or nullptr when there are none (counted in health().tx_dropped). A frame that
    /// was reserved and not committed is given out again.
    { frames.tx_reserve() } -> std::same_as<char*>;
    /// Queues the first `size` bytes of the reserved frame; 60 at least, the link pads.
    { frames.tx_commit(size) } -> std::same_as<void>;
    /// Hands everything queued to the device; what it does not take is dropped and counted.
    { frames.flush() } -> std::same_as<void>;
    { fixed.mac() } -> std::same_as<base::MacAddress>;
    /// Longest IP packet, in bytes.
    { fixed.mtu() } -> std::same_as<std::uint32_t>;
    { fixed.tx_udp_checksum_offload() } -> std::same_as<bool>;
    /// rx_dropped and tx_dropped of the device; rx_other and rx_bad where the device itself discards frames.
    { frames.health() } -> std::same_as<PortHealth>;
};

}  // namespace regstorm::port
