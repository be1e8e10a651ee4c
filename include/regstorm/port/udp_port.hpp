// SPDX-License-Identifier: Apache-2.0
// The packet port that any user has: kernel UDP sockets of one worker, moved in bursts by recvmmsg and sendmmsg.
//
// A datagram costs 0.9 us to receive and 3.6 us to send over loopback, nearly all of it in the kernel's stack, so what
// counts is to walk the stack less often. Neighbours in a burst that have the same target and length go down as one
// message that the kernel cuts at the end (UDP_SEGMENT, Linux 4.18): 0.7 us each. io_uring lost: it saves the system
// call but not the walk, and is often forbidden in containers.
//
// The way back is merged too where that is asked for (UDP_GRO, Linux 5.0): neighbours of one sender and length, merged
// by the NIC's driver or never cut on their way through loopback, are walked and read as one and cut up here. Sending
// and receiving are then 0.3 us together (bench/port, one_way). Its price is that the kernel counts a merged message
// that found the socket full as one loss.
//
// Merging changes nothing on a wire. On loopback and veth the message stays whole until it reaches a socket, so a
// packet capture or a raw-frame peer there sees it merged, and a closed port answers all of it with one ICMP error:
// such an error suspends merging for a second, and `merge = false` forbids it.
//
// Sockets stay unconnected, because answers may come from elsewhere (RFC 3261 18.1.1); fatal ICMP reaches us all the
// same through the sockets' error queues (RFC 3261 18.4, 8.1.3.1).
//
// Memory: 3 x 64 buffers of 4 KB, and 3 KB per socket, all touched at construction. Those for reading are 64 KB apart,
// and merged reads touch them as far as messages are long: 8 MB at most.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
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
    /// Let the kernel carry equal neighbours as one message when they leave,
    bool merge = true;
    /// and when they arrive; PortHealth::rx_dropped then counts messages of up to 64 datagrams.
    bool merge_reads = false;
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
    /// The kernel merges no more than an IP packet can hold.
    static constexpr std::uint32_t rx_message_bytes_max = 65'536;

    /// An odd number of cache lines apart: at 4096 bytes, all buffers' first lines would share eight L1 lines.
    struct alignas(base::cache_line_bytes) Buffer {
        char bytes[payload_bytes_max + base::cache_line_bytes];
    };
    static_assert(sizeof(Buffer) / base::cache_line_bytes % 2 == 1);

    /// Room for a merged message. Of most, only the beginning is ever touched.
    struct alignas(base::cache_line_bytes) RxBuffer {
        char bytes[rx_message_bytes_max + base::cache_line_bytes];
    };
    static_assert(sizeof(RxBuffer) / base::cache_line_bytes % 2 == 1);

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

    /// Ancillary data in which the kernel says how long the datagrams of a merged message are.
    struct MergedControl {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
    };

    /// What the kernel has read for us: one datagram, or several of one length that it has merged.
    struct RxMessage {
        std::uint32_t size = 0;
        std::uint32_t segment_bytes = 0;  ///< of its datagrams; the last may be shorter
        bool cut = false;                 ///< it was longer than its buffer
    };

    /// Two halves: while what is left in one is delivered, the other is read into. A message is one datagram at least,
    /// so that a half is enough for a burst.
    static constexpr std::uint32_t rx_messages_max = 2 * burst_max;

    [[gnu::cold]] void prepare_headers(std::uint32_t rx_bytes);
    std::uint32_t receive(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled);
    void note_messages(std::uint32_t count);
    std::uint32_t deliver(std::span<RxDatagram> burst, std::uint32_t filled);
    [[gnu::cold]] std::uint32_t receive_errors(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled);
    [[nodiscard]] std::uint32_t run_length(const Queue& queue, std::uint32_t first) const;
    std::uint32_t write_headers(Queue& queue, std::uint32_t first);
    void send(Queue& queue);
    [[gnu::cold]] void suspend_merging();

    std::vector<Queue> queues_;
    std::vector<pollfd> watched_;  ///< the same sockets, for poll(2)
    std::unique_ptr<RxBuffer[]> rx_buffers_;
    std::vector<Buffer> tx_buffers_;
    std::array<mmsghdr, rx_messages_max> rx_headers_{};
    std::array<iovec, rx_messages_max> rx_parts_{};
    std::array<KernelAddress, rx_messages_max> rx_remotes_{};
    std::array<MergedControl, rx_messages_max> rx_controls_{};
    std::array<RxMessage, rx_messages_max> rx_messages_{};
    std::uint32_t rx_half_ = 0;        ///< where the half of the buffers begins that is read into
    std::uint32_t rx_used_ = 0;        ///< one past the last of them that holds something of this burst
    std::uint32_t left_first_ = 0;     ///< messages read but not yet delivered: the first of them,
    std::uint32_t left_end_ = 0;       ///< one past the last,
    std::uint32_t left_offset_ = 0;    ///< how much of the first is,
    std::uint16_t left_socket_ = 0;    ///< and where they arrived
    std::uint32_t merged_lately_ = 1;  ///< datagrams in a message of the last read
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
