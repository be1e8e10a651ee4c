// SPDX-License-Identifier: Apache-2.0
// One bound, non-blocking kernel UDP socket: opening it, explaining why it cannot be opened, and what it lost.
//
// Receive losses are read with SO_MEMINFO. SO_RXQ_OVFL would tell them too, but only in front of the next datagram
// that arrives (losses at the end of a run stay hidden), and it costs an ancillary message on every receive.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "regstorm/base/socket_address.hpp"

namespace regstorm::port {

/// One sentence for the user: what could not be had, and how to mend it.
class UdpError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class UdpSocket {
  public:
    /// Binds `address` (udp_port 0: the kernel chooses) and asks for `buffer_bytes` of buffer each way, past the
    /// system's limit where the process may. Throws UdpError.
    UdpSocket(const base::SocketAddress& address, std::uint32_t buffer_bytes);
    ~UdpSocket();
    UdpSocket(UdpSocket&& other) noexcept;
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(UdpSocket&&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    /// Lets the kernel hand over datagrams of one sender and length as one message (UDP_GRO, Linux 5.0). An older
    /// kernel refuses, and they come one by one.
    void merge_reads() const;

    [[nodiscard]] int fd() const { return fd_; }
    /// What it is bound to, with the port that the kernel chose.
    [[nodiscard]] const base::SocketAddress& bound() const { return bound_; }
    /// Receive buffer that the kernel granted, in the unit in which it was asked.
    [[nodiscard]] std::uint32_t buffer_bytes() const { return buffer_bytes_; }
    /// Datagrams that reached the socket and found its buffer full, modulo 2^32. A system call.
    [[nodiscard]] std::uint32_t dropped() const;

  private:
    int fd_ = -1;
    std::uint32_t buffer_bytes_ = 0;
    base::SocketAddress bound_;
};

/// The address of this host that datagrams to `target` carry. Asks the routing table, sends nothing. Throws UdpError.
[[nodiscard]] base::IpAddress local_ip_towards(const base::SocketAddress& target);

}  // namespace regstorm::port
