// SPDX-License-Identifier: Apache-2.0
#include "veth_peer.hpp"

#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include "regstorm/base/check.hpp"

namespace regstorm::port {
namespace {

constexpr std::uint16_t udp_port = 5060;

void echo_for_ever() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(udp_port);
    CHECK(bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0);
    for (;;) {
        std::array<char, 4096> datagram;
        sockaddr_in from{};
        socklen_t from_size = sizeof from;
        const ssize_t size =
            recvfrom(fd, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
        if (size >= 0) {
            sendto(fd, datagram.data(), static_cast<std::size_t>(size), 0, reinterpret_cast<const sockaddr*>(&from),
                   from_size);
        }
    }
}

}  // namespace

bool enter_new_network_namespace() {
    if (unshare(CLONE_NEWNET) != 0) {
        return false;
    }
    run("ip link set lo up");
    return true;
}

void run(const std::string& command) { CHECK(std::system((command + " >/dev/null").c_str()) == 0); }

EchoHost::EchoHost(bool in_own_namespace) : in_own_namespace_(in_own_namespace) {
    std::array<int, 2> ready{};
    CHECK(pipe(ready.data()) == 0);
    child_ = fork();
    CHECK(child_ >= 0);
    if (child_ == 0) {
        CHECK(!in_own_namespace || enter_new_network_namespace());
        CHECK(write(ready[1], "x", 1) == 1);
        echo_for_ever();
    }
    char byte = 0;
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    close(ready[1]);
    if (in_own_namespace) {
        run(fmt::format("ip link add {} type veth peer name {} address {} netns {}", near_interface, far_interface,
                        far_mac, child_));
        run(fmt::format("ip link set {} up", near_interface));
        run(fmt::format("nsenter -t {} -n ip link set {} up", child_, far_interface));
        run(fmt::format("nsenter -t {} -n ip address add {}/24 dev {}", child_, address, far_interface));
    }
}

EchoHost::~EchoHost() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
}

void EchoHost::flood(std::uint32_t count) const {
    const int flooder = fork();
    CHECK(flooder >= 0);
    if (flooder == 0) {
        const int network = open(fmt::format("/proc/{}/ns/net", child_).c_str(), O_RDONLY);
        CHECK(setns(network, CLONE_NEWNET) == 0);
        const int fd = socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in target{};
        target.sin_family = AF_INET;
        target.sin_port = htons(udp_port);
        inet_pton(AF_INET, tester_address, &target.sin_addr);
        for (std::uint32_t i = 0; i < count; ++i) {
            sendto(fd, "flood", 5, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
        }
        _exit(0);
    }
    waitpid(flooder, nullptr, 0);
}

void EchoHost::learn(const std::string& interface, const std::string& tester_mac) {
    const std::string where = in_own_namespace_ ? fmt::format("nsenter -t {} -n ", child_) : std::string{};
    run(fmt::format("{}ip neighbour replace {} lladdr {} dev {}", where, tester_address, tester_mac, interface));
}

}  // namespace regstorm::port
