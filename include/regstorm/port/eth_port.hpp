// SPDX-License-Identifier: Apache-2.0
// One queue pair of a DPDK device, as a FramePort: what a worker polls. Every DPDK port is this one class; what
// differs between them (who checks UDP checksums, which counters tell of losses) is fixed when the queue is opened.
//
// Transmission fills an array of our own and hands it over once per poll: rte_eth_tx_buffer() would add a callback
// per frame that did not go and a second copy of the count. Mbufs are taken from the pool in batches; a reserved
// frame that is not committed stays reserved. The pool belongs to this queue alone, so nothing is shared with other
// workers beyond the pool's ring, which the receiving side of a `memory` port returns mbufs to.
//
// Cost: 40 to 70 ns for a frame to cross a memory port and its answer to come back, both sides on one core, 450 bytes
// each way of which one line is touched (bench/port, BM_MemoryRoundTrip).
#pragma once

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "regstorm/base/check.hpp"
#include "regstorm/base/prefetch.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/port/frame_port.hpp"
#include "regstorm/port/whole_mbufs.hpp"

namespace regstorm::port {

class DeviceCounters;

/// Who completes the UDP checksum of a frame that leaves.
enum class UdpChecksum : std::uint8_t {
    sender,  ///< the frame must be complete
    nobody,  ///< the frame never leaves the process, and the other side does not look
    device,  ///< the NIC, told by mbuf flags
};

/// What EthDevice::queue() hands to a worker; valid while the device is open.
struct EthQueue {
    std::uint16_t port_id = 0;
    std::uint16_t queue_id = 0;
    UdpChecksum udp_checksum = UdpChecksum::sender;
    /// No checksum of what arrives needs a look. True of kernel interfaces too: a neighbour's kernel on the same
    /// host (veth, tap) leaves the UDP checksum unfinished, and what came over a wire has passed the Ethernet FCS.
    bool rx_checksums_trusted = false;
    rte_mempool* tx_pool = nullptr;
    base::MacAddress mac;
    std::uint32_t mtu = 1500;
    /// The device's own counters; null on all queues of a device but the first, so that a sum over queues is right.
    DeviceCounters* counters = nullptr;
};

class EthPort {
  public:
    explicit EthPort(const EthQueue& queue) : queue_(queue), frame_bytes_allowed_(queue.mtu + ethernet_bytes_max) {
        frame_bytes_allowed_ = std::min(frame_bytes_allowed_, frame_bytes_max);
    }
    ~EthPort();
    EthPort(const EthPort&) = delete;
    EthPort& operator=(const EthPort&) = delete;

    std::uint32_t rx_burst(std::span<Frame> burst) {
        DCHECK(rx_count_ == 0);
        const std::uint16_t room = static_cast<std::uint16_t>(std::min<std::size_t>(burst.size(), burst_max));
        rx_count_ = rte_eth_rx_burst(queue_.port_id, queue_.queue_id, rx_.data(), room);
        for (std::uint32_t i = 0; i < rx_count_; ++i) {
            rte_prefetch0(rx_[i]);
        }
        for (std::uint32_t i = 0; i < std::min<std::uint32_t>(rx_count_, prefetch_ahead); ++i) {
            rte_prefetch0(rte_pktmbuf_mtod(rx_[i], void*));
        }
        for (std::uint32_t i = 0; i < rx_count_; ++i) {
            if (i + prefetch_ahead < rx_count_) {
                rte_prefetch0(rte_pktmbuf_mtod(rx_[i + prefetch_ahead], void*));
            }
            burst[i] = frame_of(rx_[i]);
            // The rest of it: the loop's first pass reads every byte, a few frames from now.
            for (std::uint32_t at = base::cache_line_bytes; at < burst[i].size; at += base::cache_line_bytes) {
                rte_prefetch0(burst[i].data + at);
            }
        }
        return rx_count_;
    }

    void release_rx() {
        give_back(std::span(rx_).first(rx_count_));
        rx_count_ = 0;
    }

    char* tx_reserve() {
        if (!tx_reserved_) {
            if (tx_count_ == burst_max) {
                flush();
            }
            if (fresh_count_ == 0 && !refill()) [[unlikely]] {
                ++tx_dropped_;
                return nullptr;
            }
            tx_reserved_ = true;
        }
        return rte_pktmbuf_mtod(fresh_[fresh_count_ - 1], char*);
    }

    void tx_commit(std::uint32_t size) {
        DCHECK(tx_reserved_);
        if (size > frame_bytes_allowed_) [[unlikely]] {
            ++tx_dropped_;  // some drivers would cut it, some would write past their buffer; the mbuf stays reserved
            return;
        }
        rte_mbuf* mbuf = fresh_[--fresh_count_];
        tx_reserved_ = false;
        mbuf->data_len = static_cast<std::uint16_t>(size);
        mbuf->pkt_len = size;
        if (queue_.udp_checksum == UdpChecksum::device) {
            ask_for_udp_checksum(mbuf);
        }
        tx_[tx_count_++] = mbuf;
        prefetch_next();
    }

    void flush() {
        std::uint16_t sent = 0;
        for (std::uint32_t attempt = 0; attempt < tx_attempts_max && sent < tx_count_; ++attempt) {
            sent = static_cast<std::uint16_t>(sent + rte_eth_tx_burst(queue_.port_id, queue_.queue_id, &tx_[sent],
                                                                      static_cast<std::uint16_t>(tx_count_ - sent)));
        }
        if (sent < tx_count_) [[unlikely]] {
            tx_dropped_ += tx_count_ - sent;
            rte_pktmbuf_free_bulk(&tx_[sent], tx_count_ - sent);
        }
        tx_count_ = 0;
    }

    [[nodiscard]] base::MacAddress mac() const { return queue_.mac; }
    [[nodiscard]] std::uint32_t mtu() const { return queue_.mtu; }
    [[nodiscard]] bool tx_udp_checksum_offload() const { return queue_.udp_checksum != UdpChecksum::sender; }
    /// Reads the device's counters, with system calls on some: once a second, never in the loop.
    PortHealth health();

  private:
    /// Mbufs taken from the pool at once; half a burst, so that at most this many lie idle.
    static constexpr std::uint16_t refill_count = burst_max / 2;
    /// A full device queue is offered the rest this many times before it is dropped: a wait for a NIC, not a queue.
    static constexpr std::uint32_t tx_attempts_max = 8;
    /// Frames whose first line is on its way while earlier ones are described: covers one memory access.
    static constexpr std::uint32_t prefetch_ahead = 4;
    /// Of the frame that is written next, lines that are on their way: most messages are no longer.
    static constexpr std::uint32_t prefetch_to_write_bytes = 640;
    static constexpr std::uint32_t ethernet_bytes_max = 14 + 4;

    [[nodiscard]] Frame frame_of(rte_mbuf* mbuf) const {
        const std::uint64_t udp = mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
        const std::uint64_t ip = mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
        const bool bad = udp == RTE_MBUF_F_RX_L4_CKSUM_BAD || ip == RTE_MBUF_F_RX_IP_CKSUM_BAD;
        // NONE means: not in the frame, but the data is known to be whole (a virtual machine's neighbour).
        const bool good = udp == RTE_MBUF_F_RX_L4_CKSUM_GOOD || udp == RTE_MBUF_F_RX_L4_CKSUM_NONE;
        return {.data = rte_pktmbuf_mtod(mbuf, char*),
                .size = mbuf->data_len,
                .handle = mbuf,
                .checksum_bad = bad,
                .checksum_ok = !bad && (good || queue_.rx_checksums_trusted)};
    }

    /// The mbuf after the one just filled: its memory was last read by whoever took the frame before it, on another
    /// core or by the device. Without this and what rx_burst() asks for, a run over memory is a third slower
    /// (ARCHITECTURE.md has the command).
    void prefetch_next() const {
        if (fresh_count_ == 0) {
            return;
        }
        const char* const next = rte_pktmbuf_mtod(fresh_[fresh_count_ - 1U], const char*);
        for (std::uint32_t at = 0; at < prefetch_to_write_bytes; at += base::cache_line_bytes) {
            base::prefetch_to_write(next + at);
        }
    }

    /// Takes mbufs from the pool. When it is empty, hands over what waits, and takes one if the device gave one back.
    bool refill() {
        if (take_mbufs(queue_.tx_pool, fresh_)) [[likely]] {
            fresh_count_ = refill_count;
            return true;
        }
        flush();
        fresh_count_ = take_mbufs(queue_.tx_pool, std::span(fresh_).first(1)) ? 1 : 0;
        return fresh_count_ != 0;
    }

    /// Marks UDP frames (frame_port.hpp says what they look like); every other frame goes out as it is.
    static void ask_for_udp_checksum(rte_mbuf* mbuf) {
        const auto* bytes = rte_pktmbuf_mtod(mbuf, const std::uint8_t*);
        const std::uint32_t tag = bytes[12] == 0x81 && bytes[13] == 0x00 ? 4 : 0;
        const std::uint32_t ethertype = std::uint32_t{bytes[12 + tag]} << 8 | bytes[13 + tag];
        const std::uint8_t* ip = bytes + 14 + tag;
        mbuf->l2_len = tag != 0 ? 18 : 14;
        if (ethertype == 0x0800 && ip[0] == 0x45 && ip[9] == 17) {
            mbuf->l3_len = 20;
            mbuf->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM;
        } else if (ethertype == 0x86dd && ip[6] == 17) {
            mbuf->l3_len = 40;
            mbuf->ol_flags |= RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM;
        }
    }

    EthQueue queue_;
    std::uint32_t frame_bytes_allowed_;
    std::uint16_t rx_count_ = 0;
    std::uint16_t tx_count_ = 0;
    std::uint16_t fresh_count_ = 0;
    bool tx_reserved_ = false;  ///< the last of fresh_ has been handed out
    std::uint64_t tx_dropped_ = 0;
    std::array<rte_mbuf*, burst_max> rx_{};
    std::array<rte_mbuf*, burst_max> tx_{};
    std::array<rte_mbuf*, refill_count> fresh_{};
};

static_assert(FramePort<EthPort>);

}  // namespace regstorm::port
