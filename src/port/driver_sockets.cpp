// SPDX-License-Identifier: Apache-2.0
#include "driver_sockets.hpp"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <iterator>
#include <string>

namespace regstorm::port {
namespace {

struct OpenSocket {
    int fd = -1;
    ino_t inode = 0;
};

std::vector<OpenSocket> open_sockets(int family) {
    std::vector<OpenSocket> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string name = entry.path().filename().string();
        OpenSocket socket;
        std::from_chars(name.data(), name.data() + name.size(), socket.fd);
        int domain = 0;
        socklen_t size = sizeof domain;
        struct stat status {};
        if (getsockopt(socket.fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == family &&
            fstat(socket.fd, &status) == 0) {
            socket.inode = status.st_ino;
            found.push_back(socket);
        }
    }
    return found;
}

/// A filter, because PACKET_IGNORE_OUTGOING has no effect on a socket in a fanout group, and the driver makes one.
void ignore_outgoing(int fd) {
    constexpr std::uint32_t packet_type = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, packet_type),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

}  // namespace

DriverSockets::DriverSockets(PortKind kind)
    : kind_(kind),
      family_(kind == PortKind::af_packet ? AF_PACKET
              : kind == PortKind::af_xdp  ? AF_XDP
                                          : AF_UNSPEC) {
    for (const OpenSocket& socket : open_sockets(family_)) {
        inodes_.insert(socket.inode);
    }
}

void DriverSockets::adopt() {
    const std::set<ino_t> others = std::move(inodes_);
    inodes_.clear();
    for (const OpenSocket& socket : open_sockets(family_)) {
        if (others.contains(socket.inode)) {
            continue;
        }
        inodes_.insert(socket.inode);
        const int duplicate = dup(socket.fd);
        if (duplicate >= 0) {
            duplicates_.push_back(duplicate);
        }
        if (kind_ == PortKind::af_packet) {
            ignore_outgoing(socket.fd);
        }
    }
}

DriverSockets::~DriverSockets() {
    if (duplicates_.empty()) {
        return;
    }
    for (const int fd : duplicates_) {
        close(fd);
    }
    for (const OpenSocket& socket : open_sockets(family_)) {
        if (inodes_.contains(socket.inode)) {
            close(socket.fd);
        }
    }
}

std::uint64_t DriverSockets::read_drops() const {
    std::uint64_t drops = 0;
    for (const int fd : duplicates_) {
        if (kind_ == PortKind::af_packet) {
            tpacket_stats counts{};
            socklen_t size = sizeof counts;
            if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) == 0) {
                drops += counts.tp_drops;
            }
        } else {
            xdp_statistics counts{};
            socklen_t size = sizeof counts;
            if (getsockopt(fd, SOL_XDP, XDP_STATISTICS, &counts, &size) == 0) {
                drops += counts.rx_dropped + counts.rx_ring_full;
            }
        }
    }
    return drops;
}

}  // namespace regstorm::port
