// SPDX-License-Identifier: Apache-2.0
// af_packet, af_xdp and tap against the kernel of a neighbour, in network namespaces that exist only for the test.
// DPDK starts once per process and stays in the namespace it started in, so each TEST runs in a process of its own
// (--gtest_filter in tests/port/meson.build).
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>

#include "regstorm/port/eal.hpp"
#include "regstorm/port/eth_device.hpp"
#include "regstorm/port/preflight.hpp"
#include "udp_frame.hpp"
#include "veth_peer.hpp"

/// The af_xdp driver of DPDK 22.11 never gives libxdp's 80 bytes per queue back (src/port/driver_sockets.hpp); asked
/// by the leak checker where there is one.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:xsk_umem__create"; }

namespace regstorm::port {
namespace {

constexpr std::uint32_t frames_wanted = 1000;

/// A wait that ends even if the machine is busy; only a broken port reaches it.
class Patience {
  public:
    [[nodiscard]] bool ended() const { return std::chrono::steady_clock::now() > until_; }

  private:
    std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + std::chrono::seconds(20);
};

std::unique_ptr<EthDevice> open_device(const char* text, std::uint16_t queues = 1) {
    const PortSpecResult parsed = parse_port_spec(text);
    for (const Problem& problem : preflight(*parsed.spec, {.queues = queues}, gather_host_facts())) {
        ADD_FAILURE() << problem.what << "; fix: " << problem.fix;
    }
    start_eal({.memory_bytes = memory_needed(*parsed.spec, queues)});
    try {
        return std::make_unique<EthDevice>(EthDevice::open(*parsed.spec, {.queues = queues}));
    } catch (const PortError& error) {
        ADD_FAILURE() << error.what() << "\n" << error.detail();
        return nullptr;
    }
}

/// 1000 datagrams to the echo, each awaited: what arrives is exactly what was sent.
void exchange(EthPort& port, const base::MacAddress& peer_mac) {
    std::array<Frame, burst_max> burst;
    std::uint32_t answered = 0;
    const Patience patience;
    while (answered < frames_wanted && !patience.ended()) {
        constexpr std::uint32_t window = 25;  // less than any socket buffer on the way: nothing may be lost
        for (std::uint32_t i = 0; i < window; ++i) {
            char* frame = port.tx_reserve();
            ASSERT_NE(frame, nullptr);
            port.tx_commit(write_udp_frame(frame, {.source_mac = port.mac(),
                                                   .target_mac = peer_mac,
                                                   .source_ip = EchoHost::tester_address,
                                                   .target_ip = EchoHost::address,
                                                   .number = answered + i}));
        }
        port.flush();
        const std::uint32_t target = answered + window;
        while (answered < target && !patience.ended()) {
            const std::uint32_t count = port.rx_burst(burst);
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::optional<std::uint32_t> number = read_udp_number(burst[i].data, burst[i].size);
                if (number) {  // the kernel also says other things: IPv6 router solicitations
                    ASSERT_EQ(*number, answered);
                    ++answered;
                }
            }
            port.release_rx();
        }
    }
    EXPECT_EQ(answered, frames_wanted);
    const PortHealth health = port.health();
    EXPECT_EQ(health.tx_dropped, 0u);
    EXPECT_EQ(health.rx_dropped, 0u);
}

/// One datagram from a kernel socket of ours to the echo, and its answer.
void ask_echo_through_the_kernel() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(udp_frame_port);
    inet_pton(AF_INET, EchoHost::address, &target.sin_addr);
    ASSERT_EQ(sendto(fd, "hello", 5, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target), 5);
    char answer[8];
    EXPECT_EQ(recv(fd, answer, sizeof answer, 0), 5);
    close(fd);
}

class VethPort : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0 || !enter_new_network_namespace()) {
            GTEST_SKIP() << "network namespaces need root";
        }
        host = std::make_unique<EchoHost>(true);
        peer_mac = *base::parse_mac(EchoHost::far_mac);
    }
    void exchange_over(EthDevice& device) {
        EthPort port(device.queue(0));
        host->learn(EchoHost::far_interface, base::to_text(port.mac()));
        EXPECT_EQ(port.mtu(), 1500u);
        exchange(port, peer_mac);
    }
    std::unique_ptr<EchoHost> host;
    base::MacAddress peer_mac;
};

TEST_F(VethPort, AfPacketCarriesAThousandFramesEachWayTwice) {
    for (int round = 0; round < 2; ++round) {
        const std::unique_ptr<EthDevice> device = open_device("af_packet:near0");
        ASSERT_NE(device, nullptr);
        exchange_over(*device);
    }
}

TEST_F(VethPort, AfPacketCountsWhatTheWorkerWasTooLateFor) {
    const std::unique_ptr<EthDevice> device = open_device("af_packet:near0");
    ASSERT_NE(device, nullptr);
    EthPort port(device->queue(0));
    host->learn(EchoHost::far_interface, base::to_text(port.mac()));
    // Nobody polls while the neighbour sends three times what the ring holds.
    host->flood(3 * 4096);
    std::array<Frame, burst_max> burst;
    std::uint32_t arrived = 0;
    while (const std::uint32_t count = port.rx_burst(burst)) {
        arrived += count;
        port.release_rx();
    }
    const std::uint64_t lost = port.health().rx_dropped;
    EXPECT_GE(arrived, 4000u);
    EXPECT_GE(lost, 4096u);
    EXPECT_GE(arrived + lost, 3u * 4096);
    EXPECT_EQ(port.health().rx_dropped, lost) << "reading must not lose or repeat the count";
}

TEST_F(VethPort, AfPacketDoesNotHearWhatThisHostSends) {
    const std::unique_ptr<EthDevice> device = open_device("af_packet:near0");
    ASSERT_NE(device, nullptr);
    EthPort port(device->queue(0));
    std::array<Frame, burst_max> burst;
    while (port.rx_burst(burst) != 0) {
        port.release_rx();
    }
    const base::MacAddress own = port.mac();
    run("ip address add 198.18.0.3/24 dev near0");
    ask_echo_through_the_kernel();  // an ARP request and a datagram out, an ARP reply and a datagram in
    std::uint32_t count = 0;
    while (const std::uint32_t received = port.rx_burst(burst)) {
        for (std::uint32_t i = 0; i < received; ++i) {
            EXPECT_NE(std::memcmp(burst[i].data + 6, own.bytes.data(), 6), 0) << "a frame of our own came back";
        }
        count += received;
        port.release_rx();
    }
    EXPECT_GE(count, 2u);
}

TEST_F(VethPort, AfXdpCarriesAThousandFramesEachWayTwice) {
    for (int round = 0; round < 2; ++round) {
        const std::unique_ptr<EthDevice> device = open_device("af_xdp:near0");
        ASSERT_NE(device, nullptr);
        exchange_over(*device);
    }
}

TEST(TapPort, CarriesAThousandFramesEachWayAndHasAnAddressOfItsOwn) {
    if (geteuid() != 0 || !enter_new_network_namespace()) {
        GTEST_SKIP() << "network namespaces need root";
    }
    const std::unique_ptr<EthDevice> device = open_device("tap:phones0");
    ASSERT_NE(device, nullptr);
    EchoHost host(false);
    run(fmt::format("ip address add {}/24 dev phones0", EchoHost::address));
    EthPort port(device->queue(0));
    host.learn("phones0", base::to_text(port.mac()));
    base::MacAddress kernel_mac = port.mac();
    kernel_mac.bytes[5] ^= 1;
    exchange(port, kernel_mac);
}

}  // namespace
}  // namespace regstorm::port
