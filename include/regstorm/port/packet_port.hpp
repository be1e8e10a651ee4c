// SPDX-License-Identifier: Apache-2.0
// What a poll loop needs of packet I/O: UDP payloads in and out, in bursts, and nothing about how they travel.
// Kernel sockets, DPDK devices behind the link layer (engine/linked_port.hpp) and the simulated network all look
// like this; the loop is a template over the port, so each combination is compiled as one loop.
//
// Ownership: memory belongs to the port. A received datagram is valid until release_rx(); a reserved transmit
// buffer is valid until tx_commit() or the next tx_reserve(). Nothing here blocks, allocates or throws.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::port {

/// Longest UDP payload a port accepts for sending and delivers whole. SIP over UDP stays below 1300 bytes
/// (RFC 3261 18.1.1); answers with many Contacts are longer. What exceeds this arrives as `oversized`.
inline constexpr std::uint32_t payload_bytes_max = 4096 - 128;
/// Datagrams per burst, both ways: one recvmmsg/sendmmsg or one rte_eth burst.
inline constexpr std::uint32_t burst_max = 64;

enum class RxKind : std::uint8_t {
    payload,      ///< `data` is the UDP payload
    oversized,    ///< longer than payload_bytes_max, or a fragment: `data` is cut, count and drop
    unreachable,  ///< ICMP destination unreachable: `data` quotes the start of the UDP payload *we* sent
};

struct RxDatagram {
    const char* data = nullptr;
    std::uint32_t size = 0;
    RxKind kind = RxKind::payload;
    base::Source source;         ///< which of our identities it arrived at
    base::SocketAddress remote;  ///< who sent it; for `unreachable`, whom we had sent to
};

/// Losses on our side of the wire since the port was made; each is the generator's fault, never the registrar's.
struct PortHealth {
    std::uint64_t rx_dropped = 0;  ///< arrived at this host, lost before rx_burst (socket or ring full, no mbuf)
    std::uint64_t tx_dropped = 0;  ///< committed, never left (queue full, no buffer, refused by the kernel)
    std::uint64_t rx_other = 0;    ///< frames that carry no datagram for us (ARP, ICMP echo, strangers, reflections)
    std::uint64_t rx_bad = 0;      ///< frames whose lengths or checksums do not hold
    std::uint64_t rx_crossed = 0;  ///< frames that arrived at one worker's queue and were handed to another worker
};

/// Whether datagrams can flow yet: a bypass port first has to resolve its neighbour.
enum class LinkState : std::uint8_t { resolving, ready, failed };

template <class P>
concept PacketPort = requires(P port, std::span<RxDatagram> burst, base::Nanoseconds now_ns, std::uint32_t size,
                              base::Source source, const base::SocketAddress& remote) {
    /// Fills up to burst.size() datagrams, burst_max at most, returns how many. When kernel UDP fills less, nothing
    /// more had arrived: so a loop knows that it has caught up. A device may also have read frames that were not for
    /// us.
    { port.rx_burst(burst) } -> std::same_as<std::uint32_t>;
    /// Gives back the memory of the last burst; after every rx_burst, also one that delivered nothing.
    { port.release_rx() } -> std::same_as<void>;
    /// payload_bytes_max writable bytes, or nullptr when there are none (counted in tx_dropped).
    { port.tx_reserve() } -> std::same_as<char*>;
    /// Queues the reserved buffer's first `size` bytes from `source` to `remote`.
    { port.tx_commit(size, source, remote) } -> std::same_as<void>;
    /// Hands everything queued to the device; what it does not take is dropped and counted.
    { port.flush() } -> std::same_as<void>;
    /// Called once per poll with the loop's clock: neighbour resolution, its repeats and its timeout.
    { port.tick(now_ns) } -> std::same_as<void>;
    { port.link_state() } -> std::same_as<LinkState>;
    { port.health() } -> std::same_as<PortHealth>;
    /// The address that `source` stands for, as peers see it: what Via and Contact must say.
    { port.address_of(source) } -> std::same_as<base::SocketAddress>;
};

/// A port that a loop may sleep on: wait() returns when something has arrived, or after so long.
template <class P>
concept RestingPort = PacketPort<P> && requires(P port, base::Nanoseconds at_most_ns) {
    { port.wait(at_most_ns) } -> std::same_as<void>;
};

/// A loop rests after this long without work: what arrives then took at least as long, and the time that the kernel
/// takes to wake the loop, which is added to its delay, is small beside that.
inline constexpr base::Nanoseconds quiet_ns = 10 * base::ns_per_ms;
/// The longest rest: so often the loop looks for commands.
inline constexpr base::Nanoseconds rest_max_ns = base::ns_per_ms;

}  // namespace regstorm::port
