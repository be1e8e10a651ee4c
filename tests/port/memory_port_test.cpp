// SPDX-License-Identifier: Apache-2.0
// The memory port in one process. DPDK starts once per process, so each memory mode is a run of this program of its
// own: REGSTORM_TEST_PAGES=ordinary or huge (tests/port/meson.build).
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "regstorm/port/eal.hpp"
#include "regstorm/port/eth_device.hpp"
#include "regstorm/port/problem.hpp"
#include "regstorm/port/whole_mbufs.hpp"

namespace regstorm::port {
namespace {

constexpr std::uint16_t queues = 3;
/// More than one net_ring device can have.
constexpr std::uint16_t queues_max = 17;

class MemoryPort : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        const char* pages = std::getenv("REGSTORM_TEST_PAGES");
        const bool huge = pages != nullptr && std::strcmp(pages, "huge") == 0;
        const PortSpec spec{};
        const EalState& state = start_eal({.memory_bytes = memory_needed(spec, queues_max + 2),
                                           .pci_addresses = {},
                                           .ordinary_pages = !huge,
                                           .verbose = false});
        got_huge_pages = state.memory == MemoryMode::huge_pages;
        wanted_huge_pages = huge;
    }
    void SetUp() override {
        if (wanted_huge_pages && !got_huge_pages) {
            GTEST_SKIP() << "not enough huge pages are reserved";
        }
    }
    static inline bool got_huge_pages = false;
    static inline bool wanted_huge_pages = false;
};

/// Sends one frame with a recognisable body; false when the port had no room for it.
bool send(EthPort& port, std::uint32_t number, std::uint32_t size = 64) {
    char* frame = port.tx_reserve();
    if (frame == nullptr) {
        return false;
    }
    std::memset(frame, static_cast<int>(number & 0x7f), size);
    std::memcpy(frame, &number, sizeof number);
    port.tx_commit(size);
    return true;
}

std::uint32_t number_of(const Frame& frame) {
    std::uint32_t number = 0;
    std::memcpy(&number, frame.data, sizeof number);
    return number;
}

TEST_F(MemoryPort, EveryFrameArrivesOnceInOrderAndUnchangedOnItsOwnQueue) {
    MemoryPair pair = MemoryPair::open(queues);
    std::array<Frame, burst_max> burst;
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
        EthPort generator(pair.generator.queue(queue));
        EthPort registrar(pair.registrar.queue(queue));
        std::uint32_t arrived = 0;
        for (std::uint32_t sent = 0; sent < 10'000;) {
            for (int i = 0; i < 50; ++i) {
                ASSERT_TRUE(send(generator, queue * 100'000u + sent, 64 + sent % 1000));
                ++sent;
            }
            generator.flush();
            const std::uint32_t count = registrar.rx_burst(burst);
            for (std::uint32_t i = 0; i < count; ++i) {
                ASSERT_EQ(number_of(burst[i]), queue * 100'000u + arrived);
                ASSERT_EQ(burst[i].size, 64 + arrived % 1000);
                ASSERT_TRUE(burst[i].checksum_ok);
                ++arrived;
            }
            registrar.release_rx();
        }
        EXPECT_EQ(arrived, 10'000u);
        EXPECT_EQ(generator.health().tx_dropped, 0u);
    }
}

TEST_F(MemoryPort, BothSidesSendAndAddressesDiffer) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    EthPort registrar(pair.registrar.queue(0));
    EXPECT_FALSE(generator.mac() == registrar.mac());
    EXPECT_GE(generator.mtu(), payload_bytes_max + 48);
    std::array<Frame, burst_max> burst;
    ASSERT_TRUE(send(generator, 7));
    ASSERT_TRUE(send(registrar, 8));
    generator.flush();
    registrar.flush();
    ASSERT_EQ(generator.rx_burst(burst), 1u);
    EXPECT_EQ(number_of(burst[0]), 8u);
    generator.release_rx();
    ASSERT_EQ(registrar.rx_burst(burst), 1u);
    EXPECT_EQ(number_of(burst[0]), 7u);
    registrar.release_rx();
}

TEST_F(MemoryPort, WhatFindsNoRoomIsCountedAndNothingLeaks) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    EthPort registrar(pair.registrar.queue(0));
    std::array<Frame, burst_max> burst;
    for (int round = 0; round < 20; ++round) {  // far more than the pool holds
        const std::uint64_t dropped_before = generator.health().tx_dropped;
        constexpr std::uint32_t sent = 5'000;
        for (std::uint32_t i = 0; i < sent; ++i) {
            send(generator, i);
        }
        generator.flush();
        std::uint32_t arrived = 0;
        while (const std::uint32_t count = registrar.rx_burst(burst)) {
            arrived += count;
            registrar.release_rx();
        }
        EXPECT_GE(arrived, 1'000u);
        EXPECT_EQ(arrived + generator.health().tx_dropped - dropped_before, sent);
    }
}

TEST_F(MemoryPort, BuffersGoBackToTheirPoolsWhateverWasMadeOfThem) {
    MemoryPair pair = MemoryPair::open(2);
    rte_mempool* const pool = pair.generator.queue(0).tx_pool;
    rte_mempool* const other = pair.generator.queue(1).tx_pool;
    const unsigned in_pool = rte_mempool_avail_count(pool);
    const unsigned in_other = rte_mempool_avail_count(other);
    const auto take = [](rte_mempool* from) {
        rte_mbuf* mbuf = nullptr;
        EXPECT_TRUE(take_mbufs(from, std::span(&mbuf, 1)));
        return mbuf;
    };
    std::array<rte_mbuf*, 2> both = {take(pool), take(other)};
    give_back(both);
    EXPECT_EQ(rte_mempool_avail_count(pool), in_pool);
    EXPECT_EQ(rte_mempool_avail_count(other), in_other) << "each to its own";

    rte_mbuf* chained = take(pool);
    ASSERT_EQ(rte_pktmbuf_chain(chained, take(pool)), 0);
    give_back(std::span(&chained, 1));
    EXPECT_EQ(rte_mempool_avail_count(pool), in_pool) << "both segments";

    rte_mbuf* held = take(pool);
    rte_mbuf_refcnt_update(held, 1);
    give_back(std::span(&held, 1));
    EXPECT_EQ(rte_mempool_avail_count(pool), in_pool - 1) << "somebody still holds it";
    held->data_off = 0;
    give_back(std::span(&held, 1));
    EXPECT_EQ(rte_mempool_avail_count(pool), in_pool);

    std::vector<rte_mbuf*> all(in_pool);
    ASSERT_TRUE(take_mbufs(pool, all));
    EXPECT_FALSE(take_mbufs(pool, std::span(&held, 1))) << "one was in the pool twice";
    for (const rte_mbuf* const mbuf : all) {
        ASSERT_EQ(mbuf->data_off, RTE_PKTMBUF_HEADROOM);
        ASSERT_EQ(mbuf->nb_segs, 1);
        ASSERT_EQ(mbuf->next, nullptr);
        ASSERT_EQ(mbuf->ol_flags, 0u);
    }
    give_back(all);
    EXPECT_EQ(rte_mempool_avail_count(pool), in_pool);
}

TEST_F(MemoryPort, AFrameReservedAndNotCommittedIsGivenOutAgain) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    char* const first = generator.tx_reserve();
    EXPECT_EQ(generator.tx_reserve(), first);
    std::memset(first, 0, frame_bytes_max);
    generator.tx_commit(frame_bytes_max);
    EXPECT_NE(generator.tx_reserve(), first);
}

TEST_F(MemoryPort, AFrameTooLongForTheWireIsDroppedAndCounted) {
    MemoryPair pair = MemoryPair::open(1);
    EthPort generator(pair.generator.queue(0));
    ASSERT_NE(generator.tx_reserve(), nullptr);
    generator.tx_commit(frame_bytes_max + 1);
    EXPECT_EQ(generator.health().tx_dropped, 1u);
}

TEST_F(MemoryPort, CanBeOpenedAgainAndWithMoreQueuesThanADeviceHas) {
    for (int round = 0; round < 5; ++round) {
        MemoryPair pair = MemoryPair::open(2);
        EthPort generator(pair.generator.queue(1));
        ASSERT_TRUE(send(generator, 1));
        generator.flush();  // what is left in the ring must not keep the pool
    }
    MemoryPair wide = MemoryPair::open(queues_max);
    EXPECT_EQ(wide.generator.queue_count(), queues_max);
    EthPort generator(wide.generator.queue(queues_max - 1));
    EthPort registrar(wide.registrar.queue(queues_max - 1));
    ASSERT_TRUE(send(generator, 9));
    generator.flush();
    std::array<Frame, burst_max> burst;
    ASSERT_EQ(registrar.rx_burst(burst), 1u);
    registrar.release_rx();
}

TEST_F(MemoryPort, TwoThreadsExchangeThroughTheirOwnMempoolCaches) {
    MemoryPair pair = MemoryPair::open(1);
    constexpr std::uint32_t frames = 20'000;
    std::thread echo([&] {
        EXPECT_TRUE(register_worker_thread());
        {
            EthPort registrar(pair.registrar.queue(0));
            std::array<Frame, burst_max> burst;
            for (std::uint32_t echoed = 0; echoed < frames;) {
                const std::uint32_t count = registrar.rx_burst(burst);
                for (std::uint32_t i = 0; i < count; ++i) {
                    ASSERT_TRUE(send(registrar, number_of(burst[i])));
                }
                registrar.release_rx();
                registrar.flush();
                echoed += count;
            }
        }
        unregister_worker_thread();
    });
    EthPort generator(pair.generator.queue(0));
    std::array<Frame, burst_max> burst;
    std::uint32_t sent = 0;
    std::uint32_t arrived = 0;
    while (arrived < frames) {
        while (sent < frames && sent - arrived < 500) {
            ASSERT_TRUE(send(generator, sent));
            ++sent;
        }
        generator.flush();
        const std::uint32_t count = generator.rx_burst(burst);
        for (std::uint32_t i = 0; i < count; ++i) {
            ASSERT_EQ(number_of(burst[i]), arrived++);
        }
        generator.release_rx();
    }
    echo.join();
    EXPECT_EQ(generator.health().tx_dropped, 0u);
}

TEST_F(MemoryPort, DpdkSaysNothingOnTheTerminalAndAllOfItInTheLog) {
    EXPECT_NE(eal_log_tail().find("EAL:"), std::string::npos);
}

TEST_F(MemoryPort, APciDeviceThatWasNotNamedAtTheStartIsRefusedLater) {
    EXPECT_THROW((void)start_eal(
                     {.memory_bytes = 0, .pci_addresses = {"0000:03:00.0"}, .ordinary_pages = false, .verbose = false}),
                 PortError);
}

}  // namespace
}  // namespace regstorm::port
