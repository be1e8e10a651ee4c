// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/sim_network.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace regstorm::port {
namespace {

using base::Nanoseconds;
using base::ns_per_ms;
using base::SocketAddress;

constexpr std::uint64_t seed = 20'261'122;
constexpr base::IpAddress phone_ip = base::IpAddress::from_ipv4(0xc6120001);
constexpr base::IpAddress registrar_ip = base::IpAddress::from_ipv4(0xc6130001);
constexpr SocketAddress registrar_address{registrar_ip, 5060};

struct Arrival {
    Nanoseconds at_ns;
    std::string data;
    RxKind kind;
    SocketAddress remote;
    base::Source source;

    friend bool operator==(const Arrival&, const Arrival&) = default;
};

void read_all(SimNetwork& network, SimPort& port, std::vector<Arrival>& arrivals) {
    std::array<RxDatagram, burst_max> burst;
    for (std::uint32_t count = port.rx_burst(burst); count > 0; count = port.rx_burst(burst)) {
        for (std::uint32_t i = 0; i < count; ++i) {
            const RxDatagram& got = burst[i];
            arrivals.push_back({network.now_ns(), {got.data, got.size}, got.kind, got.remote, got.source});
        }
        port.release_rx();
    }
}

/// Lets time run until nothing is under way.
std::vector<Arrival> run_until_quiet(SimNetwork& network, SimPort& port) {
    std::vector<Arrival> arrivals;
    while (network.next_event_ns() != SimNetwork::never_ns) {
        network.advance_to(network.next_event_ns());
        read_all(network, port, arrivals);
    }
    return arrivals;
}

void send(SimPort& port, std::string_view payload, const SocketAddress& remote, base::Source source = {0, 5060}) {
    payload.copy(port.tx_reserve(), payload.size());
    port.tx_commit(static_cast<std::uint32_t>(payload.size()), source, remote);
    port.flush();
}

class SimNetworkTest : public testing::Test {
  protected:
    SimNetwork network{seed};
    SimPort phones{network, {.first = phone_ip, .addresses = 1000, .udp_ports = 10}};
    SimPort registrar{network, {.first = registrar_ip}};
};

TEST_F(SimNetworkTest, DeliversExactBytesAfterExactlyTheDelay) {
    phones.faults().delay_min_ns = phones.faults().delay_max_ns = 1'234'567;
    network.advance_to(1000);
    send(phones, "REGISTER", registrar_address, {999, 5069});
    EXPECT_EQ(network.next_event_ns(), 1'235'567U);
    network.advance_to(1'235'566);
    std::vector<Arrival> arrivals;
    read_all(network, registrar, arrivals);
    EXPECT_TRUE(arrivals.empty());
    arrivals = run_until_quiet(network, registrar);
    ASSERT_EQ(arrivals.size(), 1U);
    EXPECT_EQ(arrivals[0],
              (Arrival{1'235'567, "REGISTER", RxKind::payload, phones.address_of({999, 5069}), {0, 5060}}));
    EXPECT_EQ(to_text(arrivals[0].remote), "198.18.3.232:5069");
}

TEST_F(SimNetworkTest, AnswersReachTheSourceThatAsked) {
    send(phones, "ask", registrar_address, {513, 5067});
    const std::vector<Arrival> asked = run_until_quiet(network, registrar);
    ASSERT_EQ(asked.size(), 1U);
    send(registrar, "answer", asked[0].remote);
    const std::vector<Arrival> answered = run_until_quiet(network, phones);
    ASSERT_EQ(answered.size(), 1U);
    EXPECT_EQ(answered[0].source, (base::Source{513, 5067}));
}

TEST_F(SimNetworkTest, CountsIpv6AddressesInTheirLastFourBytes) {
    const base::IpAddress first = base::parse_ip("2001:db8::ff:ff00").value();
    SimPort port(network, {.first = first, .addresses = 512});
    EXPECT_EQ(to_text(port.address_of({256, 5060})), "[2001:db8::100:0]:5060");
    send(port, "hi", port.address_of({511, 5060}), {3, 5060});
    const std::vector<Arrival> arrivals = run_until_quiet(network, port);
    ASSERT_EQ(arrivals.size(), 1U);
    EXPECT_EQ(arrivals[0].source.address, 511);
    EXPECT_EQ(arrivals[0].remote, port.address_of({3, 5060}));
}

TEST_F(SimNetworkTest, KeepsTheOrderWithinOneInstant) {
    for (int i = 0; i < 1000; ++i) {
        send(phones, std::to_string(i), registrar_address);
    }
    const std::vector<Arrival> arrivals = run_until_quiet(network, registrar);
    ASSERT_EQ(arrivals.size(), 1000U);
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        EXPECT_EQ(arrivals[i].data, std::to_string(i));
    }
}

TEST_F(SimNetworkTest, SpreadsDelaysOverTheWholeRange) {
    phones.faults().delay_min_ns = 5;
    phones.faults().delay_max_ns = 14;
    for (int i = 0; i < 2000; ++i) {
        send(phones, "x", registrar_address);
    }
    std::vector<int> arrived(20);
    for (const Arrival& arrival : run_until_quiet(network, registrar)) {
        ASSERT_GE(arrival.at_ns, 5U);
        ASSERT_LE(arrival.at_ns, 14U);
        ++arrived[arrival.at_ns];
    }
    // Ten values of 200 each, standard deviation 13.4; five of those either way.
    EXPECT_GT(*std::min_element(arrived.begin() + 5, arrived.begin() + 15), 133);
    EXPECT_LT(*std::max_element(arrived.begin() + 5, arrived.begin() + 15), 267);
}

TEST_F(SimNetworkTest, ReorderedDatagramsAreOvertaken) {
    phones.faults() = {.reordering = 0.1, .delay_min_ns = ns_per_ms, .delay_max_ns = ns_per_ms, .reorder_ns = 500};
    for (int i = 0; i < 1000; ++i) {
        network.advance_to(static_cast<Nanoseconds>(i) * 100);
        send(phones, std::to_string(i), registrar_address);
    }
    const std::vector<Arrival> arrivals = run_until_quiet(network, registrar);
    ASSERT_EQ(arrivals.size(), 1000U);
    std::uint64_t late = 0;
    for (const Arrival& arrival : arrivals) {
        const Nanoseconds on_time_ns = static_cast<Nanoseconds>(std::stoi(arrival.data)) * 100 + ns_per_ms;
        ASSERT_TRUE(arrival.at_ns == on_time_ns || arrival.at_ns == on_time_ns + 500);
        late += arrival.at_ns != on_time_ns;
    }
    EXPECT_EQ(late, phones.counters().reordered);
    EXPECT_GT(late, 0U);
    EXPECT_FALSE(std::is_sorted(arrivals.begin(), arrivals.end(), [](const Arrival& left, const Arrival& right) {
        return std::stoi(left.data) < std::stoi(right.data);
    }));
}

/// Five standard deviations of a binomial around its mean: a fixed seed either passes for ever or never.
void expect_share(std::uint64_t hits, std::uint64_t trials, double share) {
    const double mean = static_cast<double>(trials) * share;
    const double bound = 5 * std::sqrt(mean * (1 - share));
    EXPECT_NEAR(static_cast<double>(hits), mean, bound);
}

TEST_F(SimNetworkTest, EachFaultStrikesItsShare) {
    SCOPED_TRACE(seed);
    constexpr int trials = 20'000;
    phones.faults() = {.loss = 0.2, .duplication = 0.1, .reordering = 0.05, .corruption = 0.3};
    std::vector<Arrival> arrivals;
    for (int i = 0; i < trials; ++i) {
        send(phones, "0123456789", registrar_address);
        network.advance_to(network.now_ns() + ns_per_ms);
        read_all(network, registrar, arrivals);
    }
    const std::vector<Arrival> rest = run_until_quiet(network, registrar);
    arrivals.insert(arrivals.end(), rest.begin(), rest.end());

    const SimCounters& counters = phones.counters();
    const std::uint64_t survivors = trials - counters.lost;
    expect_share(counters.lost, trials, 0.2);
    expect_share(counters.duplicated, survivors, 0.1);
    expect_share(counters.reordered, survivors + counters.duplicated, 0.05);
    expect_share(counters.corrupted, survivors + counters.duplicated, 0.3);
    EXPECT_EQ(arrivals.size(), survivors + counters.duplicated);
    const auto damaged = std::count_if(arrivals.begin(), arrivals.end(),
                                       [](const Arrival& arrival) { return arrival.data != "0123456789"; });
    EXPECT_EQ(static_cast<std::uint64_t>(damaged), counters.corrupted);
    EXPECT_TRUE(counters.balanced());
}

TEST_F(SimNetworkTest, CorruptionReplacesExactlyOneByte) {
    phones.faults().corruption = 1;
    const std::string original(100, 'a');
    for (int i = 0; i < 200; ++i) {
        send(phones, original, registrar_address);
    }
    send(phones, "", registrar_address);
    for (const Arrival& arrival : run_until_quiet(network, registrar)) {
        if (!arrival.data.empty()) {
            EXPECT_EQ(std::count(arrival.data.begin(), arrival.data.end(), 'a'), 99);
        }
    }
    EXPECT_EQ(phones.counters().corrupted, 200U);
}

TEST_F(SimNetworkTest, ShareOfZeroNeverStrikesAndShareOfOneAlways) {
    for (int i = 0; i < 1000; ++i) {
        send(phones, "x", registrar_address);
    }
    EXPECT_EQ(run_until_quiet(network, registrar).size(), 1000U);
    phones.faults().loss = 1;
    for (int i = 0; i < 1000; ++i) {
        send(phones, "x", registrar_address);
    }
    EXPECT_EQ(run_until_quiet(network, registrar).size(), 0U);
    EXPECT_EQ(phones.counters().lost, 1000U);
}

TEST_F(SimNetworkTest, SilentWindowsSwallowWhatIsSentWithinThem) {
    phones.faults().silences = {{100, 200}, {300, 301}};
    for (Nanoseconds now_ns = 0; now_ns < 400; ++now_ns) {
        network.advance_to(now_ns);
        send(phones, "x", registrar_address);
    }
    EXPECT_EQ(run_until_quiet(network, registrar).size(), 299U);
    EXPECT_EQ(phones.counters().silenced, 101U);
}

TEST_F(SimNetworkTest, FaultsAreOneWay) {
    phones.faults().loss = 1;
    send(phones, "lost", registrar_address);
    send(registrar, "found", phones.address_of({0, 5060}));
    EXPECT_EQ(run_until_quiet(network, phones).size(), 1U);
    EXPECT_EQ(registrar.health().rx_dropped, 0U);
}

TEST_F(SimNetworkTest, TXN_7_ReportsWhereNobodyIs) {
    const SocketAddress nobody{registrar_ip, 5061};
    phones.faults().delay_min_ns = phones.faults().delay_max_ns = 700;
    const std::string request = "REGISTER " + std::string(1000, 'r');
    send(phones, request, nobody, {7, 5061});
    const std::vector<Arrival> arrivals = run_until_quiet(network, phones);
    ASSERT_EQ(arrivals.size(), 1U);
    EXPECT_EQ(arrivals[0], (Arrival{700, request.substr(0, SimNetwork::quoted_bytes_max), RxKind::unreachable, nobody,
                                    base::Source{7, 5061}}));
    phones.faults().report_unreachable = false;
    send(phones, request, nobody);
    EXPECT_TRUE(run_until_quiet(network, phones).empty());
    EXPECT_EQ(phones.counters().unreachable, 1U);
    EXPECT_EQ(phones.counters().unanswered, 1U);
    EXPECT_TRUE(phones.counters().balanced());
}

TEST_F(SimNetworkTest, ARegistrarThatGoesAwayIsUnreachable) {
    SimPort second(network, {.first = registrar_ip, .first_udp_port = 6060});
    phones.faults().delay_min_ns = phones.faults().delay_max_ns = 100;
    {
        const SimPort third(network, {.first = registrar_ip, .first_udp_port = 7060});
        send(phones, "too late", {registrar_ip, 7060});
        send(second, "to the one that stays", phones.address_of({0, 5060}), {0, 6060});
    }
    const std::vector<Arrival> arrivals = run_until_quiet(network, phones);
    ASSERT_EQ(arrivals.size(), 2U);
    EXPECT_EQ(arrivals[0].data, "to the one that stays");
    EXPECT_EQ(arrivals[1].kind, RxKind::unreachable);
}

TEST_F(SimNetworkTest, DatagramsOutliveTheirSender) {
    {
        SimPort brief(network, {.first = registrar_ip, .first_udp_port = 7060});
        brief.faults().delay_min_ns = brief.faults().delay_max_ns = 100;
        send(brief, "last words", phones.address_of({0, 5060}), {0, 7060});
    }
    const std::vector<Arrival> arrivals = run_until_quiet(network, phones);
    ASSERT_EQ(arrivals.size(), 1U);
    EXPECT_EQ(arrivals[0].data, "last words");
}

TEST_F(SimNetworkTest, TPT_5_InjectsForgedAndOversizedDatagrams) {
    const SocketAddress stranger{base::IpAddress::from_ipv4(0xc0000201), 9};
    network.inject(50, stranger, registrar_address, std::string(payload_bytes_max, 'f'));
    network.inject(60, stranger, registrar_address, std::string(payload_bytes_max + 1, 'o'));
    network.inject(70, stranger, stranger, "to nobody");
    const std::vector<Arrival> arrivals = run_until_quiet(network, registrar);
    ASSERT_EQ(arrivals.size(), 2U);
    EXPECT_EQ(arrivals[0].kind, RxKind::payload);
    EXPECT_EQ(arrivals[0].at_ns, 50U);
    EXPECT_EQ(arrivals[0].remote, stranger);
    EXPECT_EQ(arrivals[1].kind, RxKind::oversized);
    EXPECT_EQ(arrivals[1].data.size(), payload_bytes_max);
    EXPECT_EQ(network.injected().unanswered, 1U);
    EXPECT_TRUE(network.injected().balanced());
}

TEST_F(SimNetworkTest, AFullInboxIsCountedOnBothSides) {
    constexpr std::uint64_t surplus = 10;
    for (std::uint64_t i = 0; i < SimPort::inbox_max + surplus; ++i) {
        send(phones, "x", registrar_address);
    }
    network.advance_to(1);
    EXPECT_EQ(registrar.health().rx_dropped, surplus);
    EXPECT_EQ(phones.counters().overflowed, surplus);
    EXPECT_EQ(run_until_quiet(network, registrar).size(), SimPort::inbox_max);
    EXPECT_TRUE(phones.counters().balanced());
}

TEST_F(SimNetworkTest, TapsSeeEveryDatagramThatIsSentEvenIfItIsLost) {
    std::vector<std::string> seen;
    const auto record = [&seen](const SimSent& sent) {
        seen.push_back(std::to_string(sent.sent_ns) + " " + to_text(sent.from) + " " + to_text(sent.to) + " " +
                       std::string(sent.payload));
    };
    network.add_tap(record);
    phones.faults().loss = 1;
    network.advance_to(42);
    send(phones, "gone", registrar_address, {1, 5061});
    EXPECT_EQ(seen, std::vector<std::string>{"42 198.18.0.2:5061 198.19.0.1:5060 gone"});
}

TEST_F(SimNetworkTest, UnreadInboxesAreTheNextEvent) {
    EXPECT_EQ(network.next_event_ns(), SimNetwork::never_ns);
    send(phones, "x", registrar_address);
    network.advance_to(500);
    EXPECT_EQ(network.next_event_ns(), 500U);
    std::vector<Arrival> arrivals;
    read_all(network, registrar, arrivals);
    EXPECT_EQ(network.next_event_ns(), SimNetwork::never_ns);
}

/// A storm of requests and answers under every fault; what the registrar and the phones see, and the counters.
struct Storm {
    std::vector<Arrival> arrivals;
    SimCounters up;
    SimCounters down;
    std::uint64_t read_by_registrar = 0;
};

Storm storm(std::uint64_t storm_seed, double loss) {
    SimNetwork network(storm_seed);
    SimPort phones(network, {.first = phone_ip, .addresses = 100});
    SimPort registrar(network, {.first = registrar_ip});
    const SimFaults faults{.loss = loss,
                           .duplication = 0.1,
                           .reordering = 0.1,
                           .corruption = 0.1,
                           .delay_min_ns = ns_per_ms,
                           .delay_max_ns = 5 * ns_per_ms,
                           .silences = {{200 * ns_per_ms, 300 * ns_per_ms}}};
    phones.faults() = faults;
    registrar.faults() = faults;
    Storm result;
    for (std::uint32_t i = 0; i < 1000 || network.next_event_ns() != SimNetwork::never_ns; ++i) {
        if (i < 1000) {
            const SocketAddress to = i % 50 == 0 ? SocketAddress{registrar_ip, 1} : registrar_address;
            send(phones, "request " + std::to_string(i), to, {static_cast<std::uint16_t>(i % 100), 5060});
        }
        network.advance_to(network.now_ns() + ns_per_ms);
        std::vector<Arrival> requests;
        read_all(network, registrar, requests);
        for (const Arrival& request : requests) {
            send(registrar, request.data, request.remote);
        }
        result.read_by_registrar += requests.size();
        result.arrivals.insert(result.arrivals.end(), requests.begin(), requests.end());
        read_all(network, phones, result.arrivals);
    }
    result.up = phones.counters();
    result.down = registrar.counters();
    return result;
}

TEST(SimNetwork, INV_5_EveryDatagramEndsInExactlyOneCounter) {
    SCOPED_TRACE(seed);
    const Storm result = storm(seed, 0.1);
    EXPECT_EQ(result.up.sent, 1000U);
    EXPECT_EQ(result.up.under_way, 0U);
    EXPECT_GT(result.up.unreachable, 0U);
    EXPECT_GT(result.up.silenced, 0U);
    EXPECT_TRUE(result.up.balanced());
    EXPECT_TRUE(result.down.balanced());
    EXPECT_EQ(result.read_by_registrar, result.up.delivered);
    EXPECT_EQ(result.arrivals.size(), result.up.delivered + result.up.unreachable + result.down.delivered);
}

TEST(SimNetwork, INV_6_TheSameSeedGivesTheSameEvents) {
    for (std::uint64_t storm_seed = 1; storm_seed <= 5; ++storm_seed) {
        SCOPED_TRACE(storm_seed);
        const Storm first = storm(storm_seed, 0.1);
        const Storm second = storm(storm_seed, 0.1);
        EXPECT_EQ(first.arrivals, second.arrivals);
        EXPECT_EQ(first.up, second.up);
        EXPECT_EQ(first.down, second.down);
        EXPECT_NE(first.arrivals, storm(storm_seed + 100, 0.1).arrivals);
    }
}

// So that a test can switch one fault on and compare runs.
TEST(SimNetwork, OneFaultLeavesTheOthersDiceAlone) {
    const auto survivors = [](double loss) {
        SimNetwork network(seed);
        SimPort phones(network, {.first = phone_ip});
        SimPort registrar(network, {.first = registrar_ip});
        phones.faults() = {.loss = loss, .corruption = 0.2, .delay_max_ns = 1000};
        for (int i = 0; i < 500; ++i) {
            send(phones, "payload", registrar_address);
        }
        return run_until_quiet(network, registrar);
    };
    const std::vector<Arrival> all = survivors(0);
    const std::vector<Arrival> some = survivors(0.3);
    ASSERT_LT(some.size(), all.size());
    // `some` is `all` with gaps, in the same order.
    auto next = all.begin();
    for (const Arrival& arrival : some) {
        next = std::find(next, all.end(), arrival);
        ASSERT_NE(next, all.end());
        ++next;
    }
}

}  // namespace
}  // namespace regstorm::port
