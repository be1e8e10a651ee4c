// SPDX-License-Identifier: Apache-2.0
// The packet port that any user has: kernel UDP sockets of one worker, moved in bursts by recvmmsg and sendmmsg.
//
// A datagram costs 0.7 us to receive and 3.5 us to send over loopback, nearly all of it in the kernel's stack, so what
// counts is to walk the stack less often. Neighbours in a burst that have the same target and length go down as one
// message that the kernel cuts at the end (UDP_SEGMENT, Linux 4.18): 0.5 us each (bench/port, reflection). io_uring
// lost: it saves the system call but not the walk, and is often forbidden in containers. UDP_GRO lost for now: it
// makes reading cheaper only where the peer merges too, and the kernel counts a lost merged message as one datagram.
//
// Merging changes nothing on a wire. On loopback and veth the message stays whole until it reaches a socket, so a
// packet capture or a raw-frame peer there sees it merged, and a closed port answers all of it with one ICMP error:
// such an error suspends merging for a second, and `merge = false` forbids it.
//
// Sockets stay unconnected, because answers may come from elsewhere (RFC 3261 18.1.1); fatal ICMP reaches us all the
// same through the sockets' error queues (RFC 3261 18.4, 8.1.3.1).
//
// Memory: 2 x 64 buffers of 4 KB, and 3 KB per socket, all touched at construction.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <span>
#include <utility>
#include <vector>

#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/port/kernel_address.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/port/udp_socket.hpp"

namespace regstorm::port {

struct UdpPortConfig {
    /// Where to bind. udp_port 0: the kernel chooses each socket's; else the sockets take consecutive ports from it.
    base::SocketAddress bind;
    /// 1 to UdpPort::sockets_max. One is cheapest: bursts spread over more are shorter and merge less.
    std::uint32_t sockets = 1;
    /// 32 MiB hold 52,000 answers of 600 bytes: a stall of 200 ms at 250,000 a second.
    std::uint32_t buffer_bytes = 32U << 20;
    /// Needed to say which address peers see when `bind` is the wildcard; without it address_of() says the wildcard.
    std::optional<base::SocketAddress> target{};
    /// Let the kernel carry equal neighbours as one message.
    bool merge = true;
};

class UdpPort {
  public:
    static constexpr std::uint32_t sockets_max = 256;

    /// Opens the sockets. Throws UdpError, whose text is for the user.
    explicit UdpPort(const UdpPortConfig& config);
    UdpPort(const UdpPort&) = delete;
    UdpPort& operator=(const UdpPort&) = delete;

    std::uint32_t rx_burst(std::span<RxDatagram> burst);
    /// Nothing to give back: the next rx_burst overwrites.
    void release_rx() {}

    /// Never nullptr: a full queue is flushed here.
    char* tx_reserve() {
        if (queued_ == burst_max) {
            flush();
        }
        return tx_buffers_[queued_].bytes;
    }

    void tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress& remote) {
        DCHECK(size <= payload_bytes_max && source.address < queues_.size());
        Queue& queue = queues_[source.address];
        if (queue.count == 0) {
            waiting_[waiting_count_++] = source.address;
        }
        queue.remotes[queue.count] = remote;
        queue.parts[queue.count] = {tx_buffers_[queued_++].bytes, size};
        ++queue.count;
    }

    /// One sendmmsg per socket that has something to send.
    void flush();

    void tick(base::Nanoseconds now_ns) {
        now_ns_ = now_ns;
        merging_ = merging_ || (merge_allowed_ && now_ns >= merge_again_ns_);
    }
    [[nodiscard]] LinkState link_state() const { return LinkState::ready; }
    /// One system call per socket: for once an interval, not for the poll loop.
    [[nodiscard]] PortHealth health() const;
    [[nodiscard]] base::SocketAddress address_of(base::Source source) const {
        return queues_[source.address].seen;  // a socket has one port, whatever the source says
    }

    [[nodiscard]] std::uint32_t socket_count() const { return static_cast<std::uint32_t>(queues_.size()); }
    /// Source of the nth socket, for those who spread their traffic.
    [[nodiscard]] base::Source source(std::uint32_t socket) const {
        return {static_cast<std::uint16_t>(socket), queues_[socket].seen.udp_port};
    }
    /// The smallest receive buffer that the kernel granted.
    [[nodiscard]] std::uint32_t buffer_bytes() const { return buffer_bytes_; }
    /// The kernel granted less than asked: bursts may be lost on our side; raise net.core.rmem_max.
    [[nodiscard]] bool buffer_reduced() const { return buffer_bytes_ < requested_bytes_; }

    /// Sleeps until a datagram or an error has arrived, at most `timeout_ns`. For when there is nothing else to do.
    void wait(base::Nanoseconds timeout_ns);

  private:
    /// An odd number of cache lines apart: at 4096 bytes, all buffers' first lines would share eight L1 lines.
    struct alignas(base::cache_line_bytes) Buffer {
        char bytes[payload_bytes_max + base::cache_line_bytes];
    };
    static_assert(sizeof(Buffer) / base::cache_line_bytes % 2 == 1);

    /// A socket and what waits to leave from it.
    struct Queue {
        explicit Queue(UdpSocket opened) : socket(std::move(opened)), seen(socket.bound()) {}

        UdpSocket socket;
        base::SocketAddress seen;    ///< what the socket is bound to, as peers see it
        bool error_pending = false;  ///< the kernel has ICMP errors for us
        std::uint32_t count = 0;
        std::array<iovec, burst_max> parts{};
        std::array<base::SocketAddress, burst_max> remotes{};
    };

    /// Ancillary data that says where the kernel cuts a merged message.
    struct SegmentControl {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> bytes{};
    };

    [[gnu::cold]] void prepare_headers();
    std::uint32_t receive(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled);
    [[gnu::cold]] std::uint32_t receive_errors(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled);
    [[nodiscard]] std::uint32_t run_length(const Queue& queue, std::uint32_t first) const;
    std::uint32_t write_headers(Queue& queue, std::uint32_t first);
    void send(Queue& queue);
    [[gnu::cold]] void suspend_merging();

    std::vector<Queue> queues_;
    std::vector<pollfd> watched_;  ///< the same sockets, for poll(2)
    std::vector<Buffer> rx_buffers_;
    std::vector<Buffer> tx_buffers_;
    std::array<mmsghdr, burst_max> rx_headers_{};
    std::array<iovec, burst_max> rx_parts_{};
    std::array<KernelAddress, burst_max> rx_remotes_{};
    std::array<mmsghdr, burst_max> tx_headers_{};
    std::array<SegmentControl, burst_max> tx_controls_{};
    std::array<KernelAddress, burst_max> tx_remotes_{};
    std::array<std::uint16_t, burst_max> waiting_{};  ///< sockets with something queued
    std::uint32_t waiting_count_ = 0;
    std::uint32_t queued_ = 0;
    std::uint16_t next_rx_ = 0;  ///< which socket the next burst asks first
    std::uint32_t buffer_bytes_ = 0;
    std::uint32_t requested_bytes_ = 0;
    bool merge_allowed_;
    bool merging_;
    base::Nanoseconds now_ns_ = 0;
    base::Nanoseconds merge_again_ns_ = 0;
    std::uint64_t tx_dropped_ = 0;
    std::uint64_t rx_other_ = 0;
};
static_assert(PacketPort<UdpPort>);

}  // namespace regstorm::port
