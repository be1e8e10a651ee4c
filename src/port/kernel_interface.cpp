// SPDX-License-Identifier: Apache-2.0
#include "kernel_interface.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "regstorm/port/problem.hpp"

namespace regstorm::port {

KernelInterface read_kernel_interface(const std::string& name) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::memcpy(request.ifr_name, name.data(), std::min(name.size(), sizeof request.ifr_name - 1));
    KernelInterface found;
    bool complete = ioctl(fd, SIOCGIFINDEX, &request) == 0;
    found.index = static_cast<unsigned>(request.ifr_ifindex);
    complete = complete && ioctl(fd, SIOCGIFMTU, &request) == 0;
    found.mtu = static_cast<std::uint32_t>(request.ifr_mtu);
    complete = complete && ioctl(fd, SIOCGIFHWADDR, &request) == 0;
    std::memcpy(found.mac.bytes.data(), request.ifr_hwaddr.sa_data, found.mac.bytes.size());
    close(fd);
    if (!complete) {
        throw PortError({fmt::format("interface {} does not exist", name), "ip -brief link"});
    }
    return found;
}

AllMulticast::AllMulticast(unsigned interface_index)
    : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) {  // protocol 0: it receives nothing
    packet_mreq request{};
    request.mr_ifindex = static_cast<int>(interface_index);
    request.mr_type = PACKET_MR_ALLMULTI;
    if (fd_ >= 0) {
        setsockopt(fd_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
    }
}

AllMulticast::~AllMulticast() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

}  // namespace regstorm::port
