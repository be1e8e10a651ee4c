// SPDX-License-Identifier: Apache-2.0
// What a datagram costs through the kernel's loopback, both ways: one UdpPort sends a window of requests as long as
// REGISTERs, another UdpPort on a thread of its own sends each back. Two cores are needed for the figure to mean
// anything; on loopback the sender's core also pays for the delivery into the receiver's socket.
#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <benchmark/benchmark.h>
#include <cstring>
#include <ctime>
#include <thread>

#include "regstorm/port/udp_port.hpp"

namespace regstorm::port {
namespace {

constexpr std::uint32_t request_bytes = 500;
/// Datagrams under way: enough to keep both sides in full bursts, far from what a socket buffer holds.
constexpr std::uint32_t window = 1024;
constexpr base::IpAddress loopback = base::IpAddress::from_ipv4(0x7f000001);

/// Gives the calling thread the nth core that the process may use: unpinned, the scheduler often lets both sides share.
void pin(int nth) {
    // Read once, before any thread is pinned: threads inherit their maker's cores.
    static const cpu_set_t allowed = [] {
        cpu_set_t set;
        sched_getaffinity(0, sizeof set, &set);
        return set;
    }();
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed) && nth-- == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            pthread_setaffinity_np(pthread_self(), sizeof one, &one);
            return;
        }
    }
}

void reflect(UdpPort& port, const std::atomic<bool>& stop) {
    pin(1);
    std::array<RxDatagram, burst_max> burst;
    while (!stop.load(std::memory_order_relaxed)) {
        const std::uint32_t count = port.rx_burst(burst);
        for (std::uint32_t i = 0; i < count; ++i) {
            std::memcpy(port.tx_reserve(), burst[i].data, burst[i].size);
            port.tx_commit(burst[i].size, burst[i].source, burst[i].remote);
        }
        port.flush();
        port.release_rx();
    }
}

double thread_cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void send_burst(UdpPort& port, std::uint32_t sockets, const base::SocketAddress& target) {
    for (std::uint32_t i = 0; i < burst_max; ++i) {
        std::memset(port.tx_reserve(), 'r', request_bytes);
        port.tx_commit(request_bytes, port.source(i % sockets), target);
    }
    port.flush();
}

/// What both sides of a benchmark merge.
enum Merging : std::int64_t { nothing, sends, sends_and_reads };

UdpPortConfig config(std::int64_t merging, std::uint32_t sockets = 1) {
    return {.bind = {loopback, 0},
            .sockets = sockets,
            .merge = merging >= sends,
            .merge_reads = merging >= sends_and_reads};
}

// Arguments: how many sockets the sender spreads its traffic over, and what both sides merge.
void reflection(benchmark::State& state) {
    const std::uint32_t sockets = static_cast<std::uint32_t>(state.range(0));
    UdpPort port(config(state.range(1), sockets));
    UdpPort mirror(config(state.range(1)));
    const base::SocketAddress target = mirror.address_of(mirror.source(0));
    std::atomic<bool> stop = false;
    std::thread reflector(reflect, std::ref(mirror), std::cref(stop));
    pin(0);

    std::array<RxDatagram, burst_max> burst;
    std::uint64_t received = 0;
    std::uint32_t under_way = 0;
    const double cpu_start_ns = thread_cpu_ns();
    for (auto _ : state) {
        // Whole bursts, as a loop sends that is at its limit; topping the window up one by one would measure trickles.
        if (window - under_way >= burst_max) {
            send_burst(port, sockets, target);
            under_way += burst_max;
        }
        const std::uint32_t count = port.rx_burst(burst);
        port.release_rx();
        under_way -= count;
        received += count;
    }
    const double cpu_ns = thread_cpu_ns() - cpu_start_ns;
    stop = true;
    reflector.join();
    const PortHealth ours = port.health();
    const PortHealth theirs = mirror.health();
    state.SetItemsProcessed(static_cast<std::int64_t>(received));
    state.counters["cpu_ns_each"] = cpu_ns / static_cast<double>(std::max<std::uint64_t>(received, 1));
    state.counters["dropped"] =
        static_cast<double>(ours.rx_dropped + ours.tx_dropped + theirs.rx_dropped + theirs.tx_dropped);
}
BENCHMARK(reflection)
    ->ArgsProduct({{1, 4, 16}, {nothing, sends, sends_and_reads}})
    ->ArgNames({"sockets", "merge"})
    ->UseRealTime();

// The same without a second thread: what sending and what receiving cost, in full bursts.
void one_way(benchmark::State& state) {
    UdpPort port(config(state.range(0)));
    UdpPort mirror(config(state.range(0)));
    const base::SocketAddress target = mirror.address_of(mirror.source(0));
    std::array<RxDatagram, burst_max> burst;
    double tx_ns = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (auto _ : state) {
        const double start_ns = thread_cpu_ns();
        send_burst(port, 1, target);
        tx_ns += thread_cpu_ns() - start_ns;
        sent += burst_max;
        // Bounded, in case that the kernel lets somebody else's softirq deliver the end of the burst.
        for (int polls = 0; polls < 1000 && received < sent; ++polls) {
            received += mirror.rx_burst(burst);
            mirror.release_rx();
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(received));
    state.counters["tx_ns_each"] = tx_ns / static_cast<double>(std::max<std::uint64_t>(sent, 1));
    state.counters["lost"] = static_cast<double>(sent - received);
}
BENCHMARK(one_way)->ArgName("merge")->Arg(nothing)->Arg(sends)->Arg(sends_and_reads);

// What a poll without traffic costs.
void empty_poll(benchmark::State& state) {
    UdpPort port({.bind = {loopback, 0}, .sockets = static_cast<std::uint32_t>(state.range(0))});
    std::array<RxDatagram, burst_max> burst;
    for (auto _ : state) {
        benchmark::DoNotOptimize(port.rx_burst(burst));
    }
}
BENCHMARK(empty_poll)->Arg(1)->Arg(16);

}  // namespace
}  // namespace regstorm::port

BENCHMARK_MAIN();
