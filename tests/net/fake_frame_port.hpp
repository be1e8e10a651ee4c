// SPDX-License-Identifier: Apache-2.0
// A frame port over arrays: what is flushed lies in `sent`, or arrives at a peer; what is put into `arriving` is
// received. Every received frame has a heap block of exactly its size, so a sanitizer sees the first byte read too
// far. With checksum offload it completes UDP checksums as a device would, by the textbook.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "regstorm/port/frame_port.hpp"
#include "wire.hpp"

namespace regstorm::net {

class FakeFramePort {
  public:
    struct Settings {
        base::MacAddress mac;
        std::uint32_t mtu = 1500;
        bool checksum_offload = false;
    };

    explicit FakeFramePort(const Settings& settings) : settings_(settings) {}

    [[nodiscard]] std::uint32_t rx_burst(std::span<port::Frame> burst) {
        std::uint32_t count = 0;
        while (count < burst.size() && !arriving.empty()) {
            const wire::Bytes& bytes = arriving.front();
            held_.push_back(std::make_unique<char[]>(bytes.size()));
            std::copy(bytes.begin(), bytes.end(), held_.back().get());
            burst[count++] = {held_.back().get(), static_cast<std::uint32_t>(bytes.size()), nullptr, checksum_bad,
                              checksum_ok};
            arriving.pop_front();
        }
        return count;
    }
    void release_rx() { held_.clear(); }

    [[nodiscard]] char* tx_reserve() {
        if (out_of_buffers) {
            ++health_.tx_dropped;
            return nullptr;
        }
        return buffer_.data();
    }
    void tx_commit(std::uint32_t size) { queued_.emplace_back(buffer_.data(), size); }
    void flush() {
        for (wire::Bytes& frame : queued_) {
            if (settings_.checksum_offload) {
                complete_udp_checksum(frame);
            }
            (peer != nullptr ? peer->arriving : sent).push_back(std::move(frame));
        }
        queued_.clear();
    }

    [[nodiscard]] base::MacAddress mac() const { return settings_.mac; }
    [[nodiscard]] std::uint32_t mtu() const { return settings_.mtu; }
    [[nodiscard]] bool tx_udp_checksum_offload() const { return settings_.checksum_offload; }
    [[nodiscard]] port::PortHealth health() const { return health_; }

    [[nodiscard]] wire::Bytes take_sent() {
        wire::Bytes frame = sent.empty() ? wire::Bytes() : sent.front();
        if (!sent.empty()) {
            sent.pop_front();
        }
        return frame;
    }

    std::deque<wire::Bytes> arriving;
    std::deque<wire::Bytes> sent;
    FakeFramePort* peer = nullptr;
    bool checksum_bad = false;
    bool checksum_ok = false;
    bool out_of_buffers = false;

  private:
    /// The field holds the folded pseudo-header sum; the device sums the datagram over it.
    static void complete_udp_checksum(wire::Bytes& frame) {
        const std::size_t tag_bytes = wire::number_at(frame, 12, 2) == 0x8100 ? 4 : 0;
        const std::uint32_t ethertype = wire::number_at(frame, 12 + tag_bytes, 2);
        const bool ipv4 = ethertype == 0x0800 && wire::byte_at(frame, 14 + tag_bytes + 9) == 17;
        const bool ipv6 = ethertype == 0x86dd && wire::byte_at(frame, 14 + tag_bytes + 6) == 17;
        if (!ipv4 && !ipv6) {
            return;
        }
        const std::size_t udp_at = 14 + tag_bytes + (ipv4 ? 20U : 40U);
        const std::uint32_t udp_bytes = wire::number_at(frame, udp_at + 4, 2);
        const std::uint16_t checksum = wire::slow_checksum(frame.substr(udp_at, udp_bytes));
        wire::put(frame, udp_at + 6, checksum == 0 ? 0xffff : checksum, 2);
    }

    Settings settings_;
    port::PortHealth health_;
    std::vector<std::unique_ptr<char[]>> held_;
    std::vector<wire::Bytes> queued_;
    std::vector<char> buffer_ = std::vector<char>(port::frame_bytes_max);
};
static_assert(port::FramePort<FakeFramePort>);

}  // namespace regstorm::net
