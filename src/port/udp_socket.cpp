// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/udp_socket.hpp"

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "regstorm/port/kernel_address.hpp"

namespace regstorm::port {
namespace {

using base::to_text;

std::string system_text(int error) { return std::string(std::strerror(error)); }

int open_socket(base::Family family) {
    const int fd = socket(kernel_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        return fd;
    }
    switch (errno) {
        case EMFILE:
        case ENFILE:
            throw UdpError(
                "cannot open a UDP socket: the limit of open files is reached; raise it (ulimit -n) or use fewer "
                "sockets");
        case EAFNOSUPPORT:
            throw UdpError(std::string("cannot open a UDP socket: this host has no ") +
                           (family == base::Family::ipv4 ? "IPv4" : "IPv6; use an IPv4 address or enable IPv6"));
        default:
            throw UdpError("cannot open a UDP socket: " + system_text(errno));
    }
}

std::string bind_sentence(const base::SocketAddress& address, int error) {
    const std::string what = "cannot bind UDP " + to_text(address) + ": ";
    switch (error) {
        case EADDRINUSE:
            return what + "another socket has it; choose another port, or end its holder (ss -ulpn shows it)";
        case EADDRNOTAVAIL:
            return what + "this host does not own " + to_text(address.ip) +
                   "; choose an address that `ip address` lists, or leave it out";
        case EACCES:
            return what + "ports below 1024 need CAP_NET_BIND_SERVICE; choose a port from 1024 up";
        default:
            return what + system_text(error);
    }
}

/// Asks past rmem_max/wmem_max first; that needs CAP_NET_ADMIN, and the plain request is cut at the limit.
void request_buffer(int fd, int forced_option, int option, std::uint32_t bytes) {
    const int value = static_cast<int>(bytes);
    if (setsockopt(fd, SOL_SOCKET, forced_option, &value, sizeof value) != 0) {
        static_cast<void>(setsockopt(fd, SOL_SOCKET, option, &value, sizeof value));
    }
}

std::uint32_t granted_buffer(int fd) {
    int value = 0;
    socklen_t size = sizeof value;
    static_cast<void>(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &size));
    // The kernel doubles what is asked, for its own book-keeping, and reports the double (socket(7)).
    return static_cast<std::uint32_t>(value) / 2;
}

/// Makes ICMP errors readable with the payload they quote (IP_RECVERR), and keeps IPv6 sockets off IPv4 ports.
void set_options(int fd, base::Family family) {
    const int on = 1;
    if (family == base::Family::ipv4) {
        static_cast<void>(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
        return;
    }
    static_cast<void>(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on));
    static_cast<void>(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
}

base::SocketAddress local_address(int fd) {
    KernelAddress local = {};
    socklen_t size = sizeof local;
    static_cast<void>(getsockname(fd, &local.any, &size));
    return from_kernel(local);
}

}  // namespace

UdpSocket::UdpSocket(const base::SocketAddress& address, std::uint32_t buffer_bytes)
    : fd_(open_socket(address.ip.family)) {
    set_options(fd_, address.ip.family);
    request_buffer(fd_, SO_RCVBUFFORCE, SO_RCVBUF, buffer_bytes);
    request_buffer(fd_, SO_SNDBUFFORCE, SO_SNDBUF, buffer_bytes);
    buffer_bytes_ = granted_buffer(fd_);
    KernelAddress local;
    to_kernel(address, local);
    if (bind(fd_, &local.any, kernel_bytes(address.ip.family)) != 0) {
        const int error = errno;
        close(fd_);
        throw UdpError(bind_sentence(address, error));
    }
    bound_ = local_address(fd_);
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_bytes_(other.buffer_bytes_), bound_(other.bound_) {}

void UdpSocket::merge_reads() const {
    const int on = 1;
    static_cast<void>(setsockopt(fd_, IPPROTO_UDP, UDP_GRO, &on, sizeof on));
}

std::uint32_t UdpSocket::dropped() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
    socklen_t size = sizeof figures;
    static_cast<void>(getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, figures.data(), &size));
    return figures[SK_MEMINFO_DROPS];
}

base::IpAddress local_ip_towards(const base::SocketAddress& target) {
    const UdpSocket probe({base::IpAddress{{}, target.ip.family}, 0}, 0);
    KernelAddress remote;
    to_kernel(target, remote);
    if (connect(probe.fd(), &remote.any, kernel_bytes(target.ip.family)) != 0) {
        throw UdpError("cannot reach " + to_text(target) + ": " + system_text(errno) +
                       "; check the target and `ip route get " + to_text(target.ip) + "`");
    }
    return local_address(probe.fd()).ip;
}

}  // namespace regstorm::port
