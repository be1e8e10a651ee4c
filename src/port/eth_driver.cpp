// SPDX-License-Identifier: Apache-2.0
#include "eth_driver.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <fmt/format.h>

#include "mbuf_pool.hpp"
#include "regstorm/port/frame_port.hpp"

namespace regstorm::port {
namespace {

/// Frames under way between the two sides of a memory port: at 200,000 a second the other side may be off its core for
/// 40 ms, which a shared machine does to it, before anything is lost. 256 to 4096 are within noise of each other when
/// nobody is away (bench/port, BM_MemoryRoundTrip); it costs 35 MB of buffers a side.
constexpr std::uint16_t ring_frames = 8192;
/// Frames in each direction of an af_packet ring: at 1 M frames/s the worker may be away for 4 ms. The default of 512
/// loses frames at every scheduling hiccup, and a full transmit ring makes the driver wait in poll() without end.
constexpr std::uint32_t packet_ring_frames = 4096;
/// An af_packet slot holds the kernel's header and the frame; two share a page where the MTU is an ordinary one.
constexpr std::uint32_t packet_slot_bytes_small = 2048;
constexpr std::uint32_t packet_slot_bytes_large = 4096;
constexpr std::uint32_t packet_slot_overhead = 96;
/// af_xdp: the size that libxdp gives the fill and completion rings too.
constexpr std::uint16_t xdp_ring_frames = 2048;
/// The kernel takes no af_xdp chunk above a page, and DPDK pads objects to an odd number of cache lines. So 63 lines,
/// of which the mempool's header takes one and the mbuf two.
constexpr std::uint16_t xdp_room = (63 - 3) * 64;
/// What the kernel and DPDK each keep free in front of an af_xdp frame.
constexpr std::uint32_t xdp_headroom = 256 + RTE_PKTMBUF_HEADROOM;
/// tap reads and writes one frame per system call; the kernel's own queue is the ring.
constexpr std::uint16_t tap_ring_frames = 256;
/// NIC rings: at 10 M frames/s the worker may be away for 200 us. Adjusted to what the device takes.
constexpr std::uint16_t nic_ring_frames = 2048;
constexpr std::uint32_t ethernet_bytes = 14 + 4;

/// Room for any frame that may be sent, or received into the largest af_packet slot.
constexpr std::uint16_t full_room = RTE_PKTMBUF_HEADROOM + packet_slot_bytes_large;
static_assert(frame_bytes_max <= packet_slot_bytes_large);

/// Mbufs that a worker holds beside the rings: received, to be sent, and in the caches of the two threads that touch
/// the pool of a memory port (the other side frees what this one sent).
constexpr std::uint32_t held = 4 * burst_max + 2 * (mbuf_cache + mbuf_cache / 2);

std::uint32_t packet_slot_bytes(std::uint32_t mtu) {
    const bool small = mtu + ethernet_bytes + packet_slot_overhead <= packet_slot_bytes_small;
    return small ? packet_slot_bytes_small : packet_slot_bytes_large;
}

}  // namespace

std::uint32_t memory_ring_frames() { return ring_frames; }

QueueMemory queue_memory(PortKind kind) {
    switch (kind) {
        case PortKind::memory:
            return {0, 0, ring_frames + held, full_room};
        case PortKind::af_xdp:
            // The receive pool is the UMEM: fill, receive, transmit and completion ring can all be full of it. What is
            // sent from the other pool is copied into it by the driver, for a frame may be larger than a chunk.
            return {4 * xdp_ring_frames + held, xdp_room, held, full_room};
        case PortKind::pci:
            return {nic_ring_frames + held, full_room, nic_ring_frames + held, full_room};
        case PortKind::af_packet:
        case PortKind::tap:
        case PortKind::udp:
            break;
    }
    return {tap_ring_frames + held, full_room, held, full_room};
}

Descriptors descriptors(PortKind kind) {
    switch (kind) {
        case PortKind::memory:
            return {ring_frames, ring_frames};
        case PortKind::af_xdp:
            return {xdp_ring_frames, xdp_ring_frames};
        case PortKind::pci:
            return {nic_ring_frames, nic_ring_frames};
        case PortKind::af_packet:
        case PortKind::tap:
        case PortKind::udp:
            break;
    }
    return {tap_ring_frames, tap_ring_frames};
}

const char* driver_name(PortKind kind) {
    return kind == PortKind::af_packet ? "net_af_packet" : kind == PortKind::af_xdp ? "net_af_xdp" : "net_tap";
}

std::string driver_arguments(const PortSpec& spec, std::uint32_t mtu, std::uint16_t queues) {
    if (spec.kind == PortKind::af_packet) {
        return fmt::format("iface={},qpairs={},blocksz=4096,framesz={},framecnt={},qdisc_bypass=1", spec.device, queues,
                           packet_slot_bytes(mtu), packet_ring_frames);
    }
    if (spec.kind == PortKind::af_xdp) {
        return fmt::format("iface={},start_queue=0,queue_count={}", spec.device, queues);
    }
    return fmt::format("iface={}", spec.device);
}

std::uint32_t usable_mtu(PortKind kind, std::uint32_t interface_mtu) {
    std::uint32_t room = frame_bytes_max;
    if (kind == PortKind::af_packet) {
        room = packet_slot_bytes(interface_mtu) - packet_slot_overhead;
    } else if (kind == PortKind::af_xdp) {
        room = xdp_room - xdp_headroom;
    }
    return std::min({interface_mtu, room - ethernet_bytes, frame_bytes_max - ethernet_bytes});
}

base::MacAddress own_mac(PortKind kind, const base::MacAddress& interface_mac) {
    base::MacAddress mac = interface_mac;
    if (kind == PortKind::tap) {
        // The tap driver takes the address of the kernel's side for its own. Both ends of a wire with one address
        // cannot be told apart, and the link layer drops what seems to come from itself.
        mac.bytes[5] ^= 1;
    }
    return mac;
}

}  // namespace regstorm::port
