// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/udp_port.hpp"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>

namespace regstorm::port {
namespace {

/// How often a flush offers what a full socket or queueing discipline refused. Its emptying takes far longer than a
/// poll, so more would only stall the loop.
constexpr std::uint32_t offers_max = 4;
/// How often one datagram is sent again because the call reported an older datagram's ICMP error. Each report clears
/// one error and a peer can cause them as fast as we send, so the odds against a datagram halve with each.
constexpr std::uint32_t refusals_max = 32;
/// The same for errors that can also be the datagram's own (no route, not permitted).
constexpr std::uint32_t failures_max = 3;

/// What the kernel takes as one merged message: 65,507 bytes of UDP payload, less where IPv6 has extensions.
constexpr std::size_t merged_bytes_max = 65'000;
constexpr base::Nanoseconds merge_pause_ns = base::ns_per_s;

bool is_wildcard(const base::IpAddress& ip) { return ip == base::IpAddress{{}, ip.family}; }

void check_config(const UdpPortConfig& config) {
    if (config.sockets < 1 || config.sockets > UdpPort::sockets_max) {
        throw UdpError("cannot open " + std::to_string(config.sockets) + " UDP sockets: 1 to " +
                       std::to_string(UdpPort::sockets_max) + " are allowed per worker");
    }
    if (config.bind.udp_port != 0 && config.bind.udp_port + config.sockets - 1 > 65535) {
        throw UdpError("cannot bind " + std::to_string(config.sockets) + " UDP ports from " +
                       std::to_string(config.bind.udp_port) + " on: ports end at 65535; start lower or use port 0");
    }
    if (config.target && config.target->ip.family != config.bind.ip.family) {
        throw UdpError("cannot reach " + to_text(*config.target) + " from " + to_text(config.bind.ip) +
                       ": one is IPv4 and the other IPv6; use the same for both");
    }
}

/// RFC 3261 18.4: unreachable host, network, port or protocol and parameter problems are fatal to a request;
/// source quench and TTL exceeded are not. "Fragmentation needed" is path MTU discovery at work.
bool is_fatal(const sock_extended_err& error) {
    switch (error.ee_origin) {
        case SO_EE_ORIGIN_ICMP:
            return (error.ee_type == ICMP_DEST_UNREACH && error.ee_code != ICMP_FRAG_NEEDED) ||
                   error.ee_type == ICMP_PARAMETERPROB;
        case SO_EE_ORIGIN_ICMP6:
            return error.ee_type == ICMP6_DST_UNREACH || error.ee_type == ICMP6_PARAM_PROB;
        default:
            return false;
    }
}

sock_extended_err error_of(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
            (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR)) {
            sock_extended_err error;
            std::memcpy(&error, CMSG_DATA(part), sizeof error);
            return error;
        }
    }
    return {};
}

/// How long the datagrams of a merged message are; 0: it is a single one.
std::uint32_t merged_segment_bytes(msghdr& message) {
    const cmsghdr* const part = CMSG_FIRSTHDR(&message);  // we asked for no other kind
    if (part == nullptr || part->cmsg_level != IPPROTO_UDP || part->cmsg_type != UDP_GRO) {
        return 0;
    }
    int segment_bytes = 0;
    std::memcpy(&segment_bytes, CMSG_DATA(part), sizeof segment_bytes);
    return static_cast<std::uint32_t>(segment_bytes);
}

}  // namespace

UdpPort::UdpPort(const UdpPortConfig& config)
    : requested_bytes_(config.buffer_bytes), merge_allowed_(config.merge), merging_(config.merge) {
    check_config(config);
    queues_.reserve(config.sockets);
    buffer_bytes_ = config.buffer_bytes;
    base::SocketAddress address = config.bind;
    for (std::uint32_t i = 0; i < config.sockets; ++i) {
        queues_.emplace_back(UdpSocket(address, config.buffer_bytes));
        if (config.merge_reads) {
            queues_.back().socket.merge_reads();
        }
        buffer_bytes_ = std::min(buffer_bytes_, queues_.back().socket.buffer_bytes());
        watched_.push_back({.fd = queues_.back().socket.fd(), .events = POLLIN, .revents = 0});
        address.udp_port = static_cast<std::uint16_t>(config.bind.udp_port == 0 ? 0 : address.udp_port + 1);
    }
    if (config.target && is_wildcard(config.bind.ip)) {
        const base::IpAddress seen = local_ip_towards(*config.target);
        for (Queue& queue : queues_) {
            queue.seen.ip = seen;
        }
    }
    rx_buffers_ = std::make_unique_for_overwrite<RxBuffer[]>(rx_messages_max);
    tx_buffers_.resize(burst_max);
    prepare_headers(config.merge_reads ? rx_message_bytes_max : payload_bytes_max);
}

void UdpPort::prepare_headers(std::uint32_t rx_bytes) {
    for (std::uint32_t i = 0; i < rx_messages_max; ++i) {
        std::memset(rx_buffers_[i].bytes, 0, payload_bytes_max);
        rx_parts_[i] = {rx_buffers_[i].bytes, rx_bytes};
        rx_headers_[i].msg_hdr = {.msg_name = &rx_remotes_[i],
                                  .msg_namelen = sizeof rx_remotes_[i],
                                  .msg_iov = &rx_parts_[i],
                                  .msg_iovlen = 1,
                                  .msg_control = rx_controls_[i].bytes.data(),
                                  .msg_controllen = rx_controls_[i].bytes.size(),
                                  .msg_flags = 0};
    }
    for (std::uint32_t i = 0; i < burst_max; ++i) {
        tx_headers_[i].msg_hdr.msg_name = &tx_remotes_[i];
        cmsghdr segment{};
        segment.cmsg_level = IPPROTO_UDP;
        segment.cmsg_type = UDP_SEGMENT;
        segment.cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        std::memcpy(tx_controls_[i].bytes.data(), &segment, sizeof segment);
    }
}

// With several sockets, one poll(2) finds those that have something: asking each would cost a system call each. The
// next burst starts after the last one served, so that none starves.
std::uint32_t UdpPort::rx_burst(std::span<RxDatagram> burst) {
    const std::span<RxDatagram> wanted = burst.first(std::min<std::size_t>(burst.size(), burst_max));
    std::uint32_t filled = 0;
    if (left_first_ != left_end_) {
        filled = deliver(wanted, 0);
        if (filled == wanted.size()) {
            return filled;
        }
        rx_half_ = burst_max - rx_half_;
    }
    rx_used_ = rx_half_;
    const std::uint32_t sockets = socket_count();
    if (sockets == 1) {
        return receive(0, wanted, filled);
    }
    int ready = poll(watched_.data(), watched_.size(), 0);
    for (std::uint32_t seen = 0; seen < sockets && ready > 0 && filled < wanted.size(); ++seen) {
        const std::uint16_t socket = next_rx_;
        next_rx_ = static_cast<std::uint16_t>(socket + 1U == sockets ? 0 : socket + 1U);
        if (watched_[socket].revents != 0) {
            filled = receive(socket, wanted, filled);
            --ready;
        }
    }
    return filled;
}

std::uint32_t UdpPort::receive(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled) {
    Queue& queue = queues_[socket];
    // recvmmsg reports a pending error instead of datagrams, once; they are still there when it is asked again.
    for (std::uint32_t errors = 0; errors < offers_max;) {
        if (queue.error_pending) [[unlikely]] {
            filled = receive_errors(socket, burst, filled);
        }
        if (filled == burst.size()) {
            return filled;
        }
        // As many as fill the burst if they are like the last ones: more would only leave the cache again.
        const auto room = static_cast<std::uint32_t>(burst.size()) - filled;
        const std::uint32_t wanted = std::max(room / merged_lately_, 1U);
        const int count = recvmmsg(queue.socket.fd(), &rx_headers_[rx_used_], wanted, MSG_DONTWAIT, nullptr);
        if (count >= 0) [[likely]] {
            left_socket_ = socket;
            note_messages(static_cast<std::uint32_t>(count));
            filled = deliver(burst, filled);
            if (static_cast<std::uint32_t>(count) < wanted) {
                return filled;  // there is no more
            }
        } else if (errno == EAGAIN || errno == EINTR) {
            return filled;
        } else {
            queue.error_pending = true;
            ++errors;
        }
    }
    return filled;
}

/// Takes down what the kernel says of `count` messages that it has read, and makes their headers good for the next
/// read.
void UdpPort::note_messages(std::uint32_t count) {
    left_first_ = rx_used_;
    left_offset_ = 0;
    std::uint32_t datagrams = 0;
    for (const std::uint32_t end = rx_used_ + count; rx_used_ < end; ++rx_used_) {
        msghdr& header = rx_headers_[rx_used_].msg_hdr;
        RxMessage& message = rx_messages_[rx_used_];
        message.size = rx_headers_[rx_used_].msg_len;
        message.segment_bytes = merged_segment_bytes(header);
        if (message.segment_bytes == 0) {
            message.segment_bytes = message.size;
            ++datagrams;
        } else {
            datagrams += (message.size + message.segment_bytes - 1) / message.segment_bytes;
        }
        message.cut = (header.msg_flags & MSG_TRUNC) != 0;
        header.msg_namelen = sizeof(KernelAddress);
        header.msg_controllen = sizeof(MergedControl);
    }
    left_end_ = rx_used_;
    if (count != 0) {
        merged_lately_ = datagrams / count;
    }
}

/// Fills the burst with what was read; what has no room stays for the next burst.
std::uint32_t UdpPort::deliver(std::span<RxDatagram> burst, std::uint32_t filled) {
    const base::Source source{left_socket_, queues_[left_socket_].seen.udp_port};
    for (; left_first_ < left_end_; ++left_first_) {
        const RxMessage& message = rx_messages_[left_first_];
        const base::SocketAddress remote = from_kernel(rx_remotes_[left_first_]);
        do {
            if (filled == burst.size()) {
                return filled;
            }
            const std::uint32_t size = std::min(message.segment_bytes, message.size - left_offset_);
            burst[filled++] = {.data = rx_buffers_[left_first_].bytes + left_offset_,
                               .size = std::min(size, payload_bytes_max),
                               .kind = message.cut || size > payload_bytes_max ? RxKind::oversized : RxKind::payload,
                               .source = source,
                               .remote = remote};
            left_offset_ += size;
        } while (left_offset_ < message.size);
        left_offset_ = 0;
    }
    return filled;
}

// At most burst_max errors a call, wanted or not; what stays keeps error_pending set for the next.
std::uint32_t UdpPort::receive_errors(std::uint16_t socket, std::span<RxDatagram> burst, std::uint32_t filled) {
    Queue& queue = queues_[socket];
    alignas(cmsghdr) std::array<char, 256> control;
    for (std::uint32_t reads = 0; reads < burst_max && filled < burst.size(); ++reads) {
        msghdr message = rx_headers_[rx_used_].msg_hdr;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = recvmsg(queue.socket.fd(), &message, MSG_ERRQUEUE | MSG_DONTWAIT);
        if (size < 0) {
            queue.error_pending = false;
            return filled;
        }
        const sock_extended_err error = error_of(message);
        if (is_fatal(error)) {
            burst[filled++] = {.data = rx_buffers_[rx_used_].bytes,
                               .size = std::min(static_cast<std::uint32_t>(size), payload_bytes_max),
                               .kind = RxKind::unreachable,
                               .source = {socket, queue.seen.udp_port},
                               .remote = from_kernel(rx_remotes_[rx_used_])};
            ++rx_used_;
            suspend_merging();
        } else if (error.ee_origin != SO_EE_ORIGIN_LOCAL) {
            // Local errors are no datagrams: the send that caused them has failed and was counted.
            ++rx_other_;
        }
    }
    return filled;
}

void UdpPort::flush() {
    for (std::uint32_t i = 0; i < waiting_count_; ++i) {
        send(queues_[waiting_[i]]);
    }
    waiting_count_ = 0;
    queued_ = 0;
}

/// How many datagrams from `first` on can leave as one message: same target, same length, only the last may be shorter.
std::uint32_t UdpPort::run_length(const Queue& queue, std::uint32_t first) const {
    const std::size_t segment_bytes = queue.parts[first].iov_len;
    if (!merging_ || segment_bytes == 0) {
        return 1;
    }
    std::size_t bytes = segment_bytes;
    std::uint32_t last = first;
    while (queue.parts[last].iov_len == segment_bytes && last + 1 < queue.count) {
        const std::size_t next_bytes = queue.parts[last + 1].iov_len;
        if (next_bytes == 0 || next_bytes > segment_bytes || bytes + next_bytes > merged_bytes_max ||
            !(queue.remotes[last + 1] == queue.remotes[first])) {
            break;
        }
        bytes += next_bytes;
        ++last;
    }
    return last - first + 1;
}

/// Describes the datagrams from `first` on as messages in tx_headers_, returns how many.
std::uint32_t UdpPort::write_headers(Queue& queue, std::uint32_t first) {
    std::uint32_t messages = 0;
    for (std::uint32_t next = first; next < queue.count; ++messages) {
        const std::uint32_t run = run_length(queue, next);
        const base::SocketAddress& remote = queue.remotes[next];
        to_kernel(remote, tx_remotes_[messages]);
        msghdr& header = tx_headers_[messages].msg_hdr;
        header.msg_namelen = kernel_bytes(remote.ip.family);
        header.msg_iov = &queue.parts[next];
        header.msg_iovlen = run;
        header.msg_control = nullptr;
        header.msg_controllen = 0;
        if (run > 1) {
            SegmentControl& control = tx_controls_[messages];
            const std::uint16_t segment_bytes = static_cast<std::uint16_t>(queue.parts[next].iov_len);
            std::memcpy(control.bytes.data() + CMSG_LEN(0), &segment_bytes, sizeof segment_bytes);
            header.msg_control = control.bytes.data();
            header.msg_controllen = control.bytes.size();
        }
        next += run;
    }
    return messages;
}

// A failed sendmmsg means that its first message was not sent: because the kernel is full, because the call reported
// an older datagram's ICMP error, or because this message cannot be sent at all. Which of the last two it was shows
// when the same message is offered again. Each turn takes messages or uses up an offer, a failure or the merging.
void UdpPort::send(Queue& queue) {
    std::uint32_t sent = 0;
    std::uint32_t offers = 0;
    std::uint32_t failures = 0;
    while (sent < queue.count && offers < offers_max) {
        const std::uint32_t messages = write_headers(queue, sent);
        const int taken = sendmmsg(queue.socket.fd(), tx_headers_.data(), messages, MSG_DONTWAIT);
        if (taken > 0) [[likely]] {
            for (int i = 0; i < taken; ++i) {
                sent += static_cast<std::uint32_t>(tx_headers_[i].msg_hdr.msg_iovlen);
            }
            // A short count hides why: an ICMP error may just have been reported to nobody.
            queue.error_pending |= static_cast<std::uint32_t>(taken) < messages;
            failures = 0;
            continue;
        }
        const int error = errno;
        if (error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR) {
            ++offers;
            continue;
        }
        queue.error_pending = true;
        if (++failures < (error == ECONNREFUSED ? refusals_max : failures_max)) {
            continue;
        }
        failures = 0;
        if (tx_headers_[0].msg_hdr.msg_iovlen > 1) {
            suspend_merging();
        } else {
            ++tx_dropped_;
            ++sent;
        }
    }
    tx_dropped_ += queue.count - sent;
    queue.count = 0;
}

void UdpPort::suspend_merging() {
    merging_ = false;
    merge_again_ns_ = now_ns_ + merge_pause_ns;
}

PortHealth UdpPort::health() const {
    PortHealth health{.tx_dropped = tx_dropped_, .rx_other = rx_other_};
    for (const Queue& queue : queues_) {
        health.rx_dropped += queue.socket.dropped();
    }
    return health;
}

void UdpPort::wait(base::Nanoseconds timeout_ns) {
    if (left_first_ != left_end_) {
        return;
    }
    const timespec timeout{.tv_sec = static_cast<std::time_t>(timeout_ns / base::ns_per_s),
                           .tv_nsec = static_cast<long>(timeout_ns % base::ns_per_s)};
    static_cast<void>(ppoll(watched_.data(), watched_.size(), &timeout, nullptr));
}

}  // namespace regstorm::port
