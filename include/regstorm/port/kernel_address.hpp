// SPDX-License-Identifier: Apache-2.0
// base::SocketAddress in the form that socket calls take, and back. A few ns each way, no system call.
// IPv6 scopes are not carried: a link-local target needs an interface name, and SIP URIs have no place for one.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "regstorm/base/socket_address.hpp"

namespace regstorm::port {

/// Room for either family; sockaddr_storage would be 128 bytes.
union KernelAddress {
    sockaddr any;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
};
static_assert(sizeof(KernelAddress) <= 28);

[[nodiscard]] constexpr int kernel_family(base::Family family) {
    return family == base::Family::ipv4 ? AF_INET : AF_INET6;
}

[[nodiscard]] constexpr socklen_t kernel_bytes(base::Family family) {
    return family == base::Family::ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

inline void to_kernel(const base::SocketAddress& address, KernelAddress& out) {
    out = {};
    if (address.ip.family == base::Family::ipv4) {
        out.ipv4.sin_family = AF_INET;
        out.ipv4.sin_port = htons(address.udp_port);
        std::memcpy(&out.ipv4.sin_addr, address.ip.bytes.data(), sizeof out.ipv4.sin_addr);
    } else {
        out.ipv6.sin6_family = AF_INET6;
        out.ipv6.sin6_port = htons(address.udp_port);
        std::memcpy(&out.ipv6.sin6_addr, address.ip.bytes.data(), sizeof out.ipv6.sin6_addr);
    }
}

[[nodiscard]] inline base::SocketAddress from_kernel(const KernelAddress& address) {
    base::SocketAddress out;
    if (address.any.sa_family == AF_INET6) {
        out.ip.family = base::Family::ipv6;
        out.udp_port = ntohs(address.ipv6.sin6_port);
        std::memcpy(out.ip.bytes.data(), &address.ipv6.sin6_addr, sizeof address.ipv6.sin6_addr);
    } else {
        out.udp_port = ntohs(address.ipv4.sin_port);
        std::memcpy(out.ip.bytes.data(), &address.ipv4.sin_addr, sizeof address.ipv4.sin_addr);
    }
    return out;
}

}  // namespace regstorm::port
