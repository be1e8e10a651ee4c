// SPDX-License-Identifier: Apache-2.0
// Kernel sockets on loopback. Whatever arrives is awaited, never expected at a moment: polls are bounded by count, and
// each empty one sleeps in the kernel.
#include "regstorm/port/udp_port.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace regstorm::port {
namespace {

using base::SocketAddress;
using testing::HasSubstr;

constexpr int polls_max = 200;
constexpr base::Nanoseconds poll_ns = 10 * base::ns_per_ms;

SocketAddress at(const char* text) { return base::parse_socket_address(text, 0).value(); }

struct Datagram {
    std::string data;
    RxKind kind;
    base::Source source;
    SocketAddress remote;
};

void append(UdpPort& port, std::vector<Datagram>& received) {
    std::array<RxDatagram, burst_max> burst;
    const std::uint32_t count = port.rx_burst(burst);
    for (std::uint32_t i = 0; i < count; ++i) {
        received.push_back({{burst[i].data, burst[i].size}, burst[i].kind, burst[i].source, burst[i].remote});
    }
    port.release_rx();
    if (count == 0) {
        port.wait(poll_ns);
    }
}

std::vector<Datagram> receive(UdpPort& port, std::size_t wanted) {
    std::vector<Datagram> received;
    for (int polls = 0; polls < polls_max && received.size() < wanted; ++polls) {
        append(port, received);
    }
    return received;
}

void queue(UdpPort& port, std::string_view payload, base::Source source, const SocketAddress& remote) {
    payload.copy(port.tx_reserve(), payload.size());
    port.tx_commit(static_cast<std::uint32_t>(payload.size()), source, remote);
}

SocketAddress first_address(const UdpPort& port) { return port.address_of(port.source(0)); }

/// An address on which nobody listens: bound a moment ago, closed now.
SocketAddress closed_address(const char* ip) {
    const UdpPort port({.bind = at(ip)});
    return first_address(port);
}

std::string payload_of(int i, std::size_t bytes) {
    std::string payload = "datagram " + std::to_string(i) + " ";
    payload.resize(bytes, static_cast<char>('a' + i % 26));
    return payload;
}

struct Case {
    const char* loopback;
    bool merge;
    bool merge_reads = false;
};

class UdpPortBothWays : public testing::TestWithParam<Case> {
  protected:
    [[nodiscard]] UdpPortConfig config(std::uint32_t sockets = 1) const {
        return {.bind = at(GetParam().loopback),
                .sockets = sockets,
                .merge = GetParam().merge,
                .merge_reads = GetParam().merge_reads};
    }
};
INSTANTIATE_TEST_SUITE_P(Loopback, UdpPortBothWays,
                         testing::Values(Case{"127.0.0.1", true}, Case{"127.0.0.1", false}, Case{"::1", true},
                                         Case{"::1", false}, Case{"127.0.0.1", true, true}, Case{"::1", true, true}),
                         [](const testing::TestParamInfo<Case>& chosen) {
                             return std::string(chosen.param.loopback[0] == ':' ? "Ipv6" : "Ipv4") +
                                    (chosen.param.merge_reads ? "MergedBothWays"
                                     : chosen.param.merge     ? "Merged"
                                                              : "OneByOne");
                         });

TEST_P(UdpPortBothWays, CarriesEveryByteOfBurstsInOrder) {
    UdpPort left(config());
    UdpPort right(config());
    std::vector<std::string> sent;
    // Runs of one length and changes of length, so that some leave merged and some alone; the last is the longest.
    for (int i = 0; i < 300; ++i) {
        const std::size_t bytes = i == 299 ? payload_bytes_max : 400 + static_cast<std::size_t>(i / 7 % 3) * 100;
        sent.push_back(payload_of(i, bytes));
        queue(left, sent.back(), left.source(0), first_address(right));
    }
    left.flush();
    const std::vector<Datagram> received = receive(right, sent.size());
    ASSERT_EQ(received.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_EQ(received[i].data, sent[i]);
        EXPECT_EQ(received[i].kind, RxKind::payload);
        EXPECT_EQ(received[i].remote, first_address(left));
        EXPECT_EQ(received[i].source, right.source(0));
    }
    EXPECT_EQ(left.health().tx_dropped, 0U);
    EXPECT_EQ(right.health().rx_dropped, 0U);
}

TEST_P(UdpPortBothWays, CarriesEmptyDatagrams) {
    UdpPort left(config());
    UdpPort right(config());
    for (const char* payload : {"", "one", "", "", "two"}) {
        queue(left, payload, left.source(0), first_address(right));
    }
    left.flush();
    const std::vector<Datagram> received = receive(right, 5);
    ASSERT_EQ(received.size(), 5U);
    EXPECT_EQ(received[0].data, "");
    EXPECT_EQ(received[1].data, "one");
    EXPECT_EQ(received[4].data, "two");
}

TEST_P(UdpPortBothWays, AnswersLeaveFromTheSocketThatWasAsked) {
    UdpPort clients(config(5));
    UdpPort server(config(3));
    for (int i = 0; i < 60; ++i) {
        queue(clients, payload_of(i, 100), clients.source(static_cast<std::uint32_t>(i) % 5),
              server.address_of(server.source(static_cast<std::uint32_t>(i) % 3)));
    }
    clients.flush();
    const std::vector<Datagram> requests = receive(server, 60);
    ASSERT_EQ(requests.size(), 60U);
    for (const Datagram& request : requests) {
        queue(server, request.data, request.source, request.remote);
    }
    server.flush();
    const std::vector<Datagram> answers = receive(clients, 60);
    ASSERT_EQ(answers.size(), 60U);
    for (const Datagram& answer : answers) {
        const int i = std::stoi(answer.data.substr(9));
        EXPECT_EQ(answer.source, clients.source(static_cast<std::uint32_t>(i) % 5)) << answer.data;
        EXPECT_EQ(answer.remote, server.address_of(server.source(static_cast<std::uint32_t>(i) % 3))) << answer.data;
    }
}

// A merged message holds more datagrams than a small burst: the others come with the next bursts, and nothing is read
// over them before they have.
TEST_P(UdpPortBothWays, BringsWhatABurstHasNoRoomForWithTheNext) {
    UdpPort left(config());
    UdpPort other(config());
    UdpPort right(config());
    std::vector<std::string> sent;
    for (int i = 0; i < 150; ++i) {
        sent.push_back(payload_of(i, 200));
        queue(left, sent.back(), left.source(0), first_address(right));
    }
    left.flush();
    queue(other, "from somebody else", other.source(0), first_address(right));
    other.flush();
    sent.emplace_back("from somebody else");
    std::vector<std::string> received;
    std::array<RxDatagram, 7> burst;
    for (int polls = 0; polls < polls_max && received.size() < sent.size(); ++polls) {
        const std::uint32_t count = right.rx_burst(burst);
        ASSERT_LE(count, burst.size());
        for (std::uint32_t i = 0; i < count; ++i) {
            received.emplace_back(burst[i].data, burst[i].size);
            EXPECT_EQ(burst[i].remote, first_address(received.size() <= 150 ? left : other));
        }
        right.release_rx();
        if (count == 0) {
            right.wait(poll_ns);
        }
    }
    EXPECT_EQ(received, sent);
}

// Some arrive merged and some alone, so that how many a read brings cannot be foreseen.
TEST_P(UdpPortBothWays, ABurstThatIsNotFullHasLeftNothingBehind) {
    UdpPort left(config());
    UdpPort right(config());
    std::vector<std::string> sent;
    for (int i = 0; i < 500; ++i) {
        sent.push_back(payload_of(i, i / 90 % 2 == 0 ? 200 : 200 + static_cast<std::size_t>(i) % 90));
        queue(left, sent.back(), left.source(0), first_address(right));
    }
    left.flush();
    std::vector<std::string> received;
    std::array<RxDatagram, burst_max> burst;
    for (std::uint32_t count = burst_max; count == burst_max;) {
        right.wait(poll_ns);
        count = right.rx_burst(burst);
        for (std::uint32_t i = 0; i < count; ++i) {
            received.emplace_back(burst[i].data, burst[i].size);
        }
        right.release_rx();
    }
    EXPECT_EQ(received, sent);
}

TEST_P(UdpPortBothWays, DoesNotSleepOverWhatItHasReadButNotDelivered) {
    UdpPort left(config());
    UdpPort right(config());
    for (int i = 0; i < 10; ++i) {
        queue(left, payload_of(i, 200), left.source(0), first_address(right));
    }
    left.flush();
    std::array<RxDatagram, 3> burst;
    right.wait(poll_ns);
    ASSERT_EQ(right.rx_burst(burst), 3U);
    const auto started = std::chrono::steady_clock::now();
    right.wait(20 * base::ns_per_s);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

TEST_P(UdpPortBothWays, TPT_5_CutsOversizedDatagramsAndSaysSo) {
    UdpPort port(config());
    const UdpSocket peer(at(GetParam().loopback), 1U << 20);
    KernelAddress target;
    to_kernel(first_address(port), target);
    for (const std::size_t bytes : {std::size_t{payload_bytes_max} + 1, std::size_t{60'000}, std::size_t{3}}) {
        const std::string payload(bytes, 'x');
        ASSERT_EQ(sendto(peer.fd(), payload.data(), bytes, 0, &target.any, kernel_bytes(peer.bound().ip.family)),
                  static_cast<ssize_t>(bytes));
    }
    const std::vector<Datagram> received = receive(port, 3);
    ASSERT_EQ(received.size(), 3U);
    EXPECT_EQ(received[0].kind, RxKind::oversized);
    EXPECT_EQ(received[1].kind, RxKind::oversized);
    EXPECT_LE(received[1].data.size(), payload_bytes_max);
    EXPECT_EQ(received[2].kind, RxKind::payload);
    EXPECT_EQ(received[2].data, "xxx");
}

// A closed port makes the kernel report an error at every other call; none of them may cost a datagram.
TEST_P(UdpPortBothWays, TXN_7_ReportsClosedPortsAndLosesNothingSentElsewhere) {
    UdpPort port(config());
    UdpPort open(config());
    const SocketAddress closed = closed_address(GetParam().loopback);
    for (int i = 0; i < 50; ++i) {
        queue(port, payload_of(i, 300), port.source(0), closed);
        queue(port, payload_of(i, 300), port.source(0), first_address(open));
    }
    port.flush();
    EXPECT_EQ(receive(open, 50).size(), 50U);
    const std::vector<Datagram> errors = receive(port, 50);
    ASSERT_EQ(errors.size(), 50U);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(errors[static_cast<std::size_t>(i)].kind, RxKind::unreachable);
        EXPECT_EQ(errors[static_cast<std::size_t>(i)].remote, closed);
        EXPECT_EQ(errors[static_cast<std::size_t>(i)].source, port.source(0));
        EXPECT_EQ(errors[static_cast<std::size_t>(i)].data, payload_of(i, 300));
    }
    EXPECT_EQ(port.health().tx_dropped, 0U);
}

TEST_P(UdpPortBothWays, ReceivesWhatWaitsBehindAnError) {
    UdpPort port(config());
    UdpPort peer(config());
    queue(port, "into the void", port.source(0), closed_address(GetParam().loopback));
    port.flush();
    queue(peer, "hello", peer.source(0), first_address(port));
    peer.flush();
    const std::vector<Datagram> received = receive(port, 2);
    ASSERT_EQ(received.size(), 2U);
    EXPECT_EQ(received[0].kind, RxKind::unreachable);
    EXPECT_EQ(received[0].data, "into the void");
    EXPECT_EQ(received[1].data, "hello");
}

TEST_P(UdpPortBothWays, CountsWhatItsFullSocketLost) {
    UdpPort sender(config());
    UdpPortConfig tiny = config();
    tiny.buffer_bytes = 16'384;
    UdpPort port(tiny);
    constexpr std::uint64_t sent = 2000;
    for (int i = 0; i < static_cast<int>(sent); ++i) {
        queue(sender, payload_of(i, 200), sender.source(0), first_address(port));
    }
    sender.flush();
    ASSERT_EQ(sender.health().tx_dropped, 0U);
    std::vector<Datagram> received;
    for (int polls = 0; polls < polls_max && received.size() + port.health().rx_dropped < sent; ++polls) {
        append(port, received);
    }
    EXPECT_GT(received.size(), 0U);
    const std::uint64_t counted = port.health().rx_dropped;
    const std::uint64_t lost = sent - received.size();
    EXPECT_GT(counted, 0U);
    EXPECT_LE(counted, lost);
    // The kernel counts messages: 64 datagrams at most, if it merges.
    EXPECT_LE(lost, GetParam().merge_reads ? counted * 64 : counted);
}

// UDP port 0 is refused by the kernel itself, so nothing leaves the host.
TEST_P(UdpPortBothWays, CountsWhatTheKernelRefusesAndSendsTheRest) {
    UdpPort port(config());
    UdpPort peer(config());
    const SocketAddress nowhere{at(GetParam().loopback).ip, 0};
    for (int i = 0; i < 20; ++i) {
        queue(port, payload_of(i, 100), port.source(0), i / 5 == 2 ? nowhere : first_address(peer));
    }
    port.flush();
    EXPECT_EQ(receive(peer, 15).size(), 15U);
    EXPECT_EQ(port.health().tx_dropped, 5U);
}

TEST(UdpPort, CountsTargetsOfTheOtherFamilyAsDropped) {
    UdpPort port({.bind = at("127.0.0.1")});
    queue(port, "lost", port.source(0), at("[::1]:5060"));
    port.flush();
    EXPECT_EQ(port.health().tx_dropped, 1U);
}

// An error about a merged message speaks for all of it, so merging pauses until the clock has gone on for a second.
TEST(UdpPort, SendsOneByOneForASecondAfterAnUnreachableTarget) {
    UdpPort port({.bind = at("127.0.0.1")});
    const SocketAddress closed = closed_address("127.0.0.1");
    const auto send_ten = [&] {
        for (int i = 0; i < 10; ++i) {
            queue(port, payload_of(i, 200), port.source(0), closed);
        }
        port.flush();
    };
    port.tick(5 * base::ns_per_s);
    send_ten();
    EXPECT_EQ(receive(port, 1).size(), 1U);
    port.tick(5 * base::ns_per_s + 999 * base::ns_per_ms);
    send_ten();
    EXPECT_EQ(receive(port, 10).size(), 10U);
    port.tick(7 * base::ns_per_s);
    send_ten();
    EXPECT_EQ(receive(port, 1).size(), 1U);
    std::vector<Datagram> more;
    append(port, more);
    EXPECT_TRUE(more.empty());
}

TEST(UdpPort, TakesConsecutivePortsOrThoseTheKernelChooses) {
    const UdpPort chosen({.bind = at("127.0.0.1"), .sockets = 3});
    EXPECT_NE(chosen.source(0).udp_port, 0);
    EXPECT_NE(chosen.source(0).udp_port, chosen.source(1).udp_port);
    // Some free range must exist among these; which one, depends on the host.
    for (std::uint16_t first = 20'000; first < 30'000; first = static_cast<std::uint16_t>(first + 100)) {
        try {
            const UdpPort port({.bind = {at("127.0.0.1").ip, first}, .sockets = 3});
            EXPECT_EQ(port.source(0), (base::Source{0, first}));
            EXPECT_EQ(port.source(2), (base::Source{2, static_cast<std::uint16_t>(first + 2)}));
            return;
        } catch (const UdpError&) {
        }
    }
    FAIL() << "no three consecutive UDP ports are free";
}

TEST(UdpPort, ReportsTheBufferItWasGranted) {
    const UdpPort small({.bind = at("127.0.0.1"), .buffer_bytes = 100'000});
    EXPECT_EQ(small.buffer_bytes(), 100'000U);
    EXPECT_FALSE(small.buffer_reduced());
    // Nobody is granted two gigabytes: the kernel counts in an int, and doubles.
    const UdpPort greedy({.bind = at("127.0.0.1"), .buffer_bytes = 0x7fffffff});
    EXPECT_LT(greedy.buffer_bytes(), 0x7fffffffU);
    EXPECT_TRUE(greedy.buffer_reduced());
}

TEST(UdpPort, SaysWhichAddressPeersSeeBehindTheWildcard) {
    const UdpPort ipv4({.bind = at("0.0.0.0"), .target = at("127.0.0.1:5060")});
    EXPECT_EQ(to_text(first_address(ipv4).ip), "127.0.0.1");
    EXPECT_NE(first_address(ipv4).udp_port, 0);
    const UdpPort ipv6({.bind = at("::"), .target = at("[::1]:5060")});
    EXPECT_EQ(to_text(first_address(ipv6).ip), "::1");
    const UdpPort aimless({.bind = at("0.0.0.0")});
    EXPECT_EQ(to_text(first_address(aimless).ip), "0.0.0.0");
}

template <class Make>
std::string error_of(const Make& make) {
    try {
        make();
    } catch (const UdpError& error) {
        return error.what();
    }
    return "no error";
}

std::string bind_error(const UdpPortConfig& config) {
    return error_of([&] { const UdpPort port(config); });
}

TEST(UdpPort, ExplainsWhyItCannotBind) {
    const UdpPort holder({.bind = at("127.0.0.1")});
    const SocketAddress taken = first_address(holder);
    EXPECT_EQ(bind_error({.bind = taken}),
              "cannot bind UDP " + to_text(taken) +
                  ": another socket has it; choose another port, or end its holder (ss -ulpn shows it)");
    EXPECT_EQ(bind_error({.bind = at("192.0.2.77:5060")}),
              "cannot bind UDP 192.0.2.77:5060: this host does not own 192.0.2.77; choose an address that "
              "`ip address` lists, or leave it out");
    EXPECT_THAT(bind_error({.bind = at("127.0.0.1"), .sockets = 0}), HasSubstr("1 to 256 are allowed"));
    EXPECT_THAT(bind_error({.bind = at("127.0.0.1:65535"), .sockets = 2}), HasSubstr("ports end at 65535"));
    EXPECT_THAT(bind_error({.bind = at("127.0.0.1"), .target = at("[::1]:5060")}),
                HasSubstr("one is IPv4 and the other IPv6"));
    EXPECT_THAT(bind_error({.bind = at("0.0.0.0"), .target = at("255.255.255.255:5060")}),
                HasSubstr("cannot reach 255.255.255.255:5060: "));
}

TEST(UdpPort, ExplainsPrivilegedPorts) {
    int unprivileged_from = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> unprivileged_from;
    if (geteuid() != 0 || unprivileged_from <= 1) {
        GTEST_SKIP() << "needs root, to become somebody else, and a kernel that guards low ports";
    }
    ASSERT_EQ(seteuid(65534), 0);
    const std::string error = bind_error({.bind = at("127.0.0.1:1")});
    ASSERT_EQ(seteuid(0), 0);
    EXPECT_EQ(error,
              "cannot bind UDP 127.0.0.1:1: ports below 1024 need CAP_NET_BIND_SERVICE; choose a port from 1024 up");
}

TEST(UdpPort, TheAddressThatPeersSeeHasThePortThatTheKernelChose) {
    const UdpPort port({.bind = {base::IpAddress::from_ipv4(0x7f00'0001), 0}});
    const SocketAddress seen = port.address_of({0, 0});  // a plan knows no port yet
    EXPECT_NE(seen.udp_port, 0) << "a Contact with port 0 can be reached by nobody";
    EXPECT_EQ(seen, first_address(port));
}

}  // namespace
}  // namespace regstorm::port
