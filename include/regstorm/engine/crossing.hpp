// SPDX-License-Identifier: Apache-2.0
// Several workers on one device: a frame that the device puts into the wrong worker's queue is handed to its owner. The
// device is never trusted to sort as it says; the branch names the worker (sip/branch.hpp), whatever address, port or
// tunnel an answer came by. What names nobody (requests, strangers) is served by the worker that has it; answers to
// ARP and ND questions, which arrive at one queue only, are shown to all.
//
// Frames cross by copy: mbufs that are freed on another core would wander through that core's mempool cache, and a
// copy costs ~20 ns for a share of frames that steering keeps small (port/eth_device.hpp, SourceSteering).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "regstorm/net/bytes.hpp"
#include "regstorm/port/frame_port.hpp"
#include "regstorm/sip/branch.hpp"

namespace regstorm::engine {

/// Frames on their way from one worker to another. A full lane refuses, and the giver counts it.
class CrossLane {
  public:
    static constexpr std::uint32_t frames_max = 2 * port::burst_max;

    // The giver's side.
    [[nodiscard]] bool give(const port::Frame& frame) {
        const std::uint32_t given = given_.load(std::memory_order_relaxed);
        if (given - taken_.load(std::memory_order_acquire) == frames_max || frame.size > port::frame_bytes_max) {
            return false;
        }
        Slot& slot = slots_[given % frames_max];
        slot.size = frame.size;
        slot.checksum_bad = frame.checksum_bad;
        slot.checksum_ok = frame.checksum_ok;
        std::memcpy(slot.bytes.data(), frame.data, frame.size);
        given_.store(given + 1, std::memory_order_release);
        return true;
    }

    // The taker's side.
    /// Shows what lies here, oldest first, until release(); returns how many.
    [[nodiscard]] std::uint32_t show(std::span<port::Frame> frames) {
        const std::uint32_t taken = taken_.load(std::memory_order_relaxed);
        const std::uint32_t waiting = given_.load(std::memory_order_acquire) - taken;
        shown_ = std::min(waiting, static_cast<std::uint32_t>(frames.size()));
        for (std::uint32_t i = 0; i < shown_; ++i) {
            Slot& slot = slots_[(taken + i) % frames_max];
            frames[i] = {slot.bytes.data(), slot.size, nullptr, slot.checksum_bad, slot.checksum_ok};
        }
        return shown_;
    }
    void release() {
        taken_.store(taken_.load(std::memory_order_relaxed) + shown_, std::memory_order_release);
        shown_ = 0;
    }

  private:
    struct Slot {
        std::uint32_t size;
        bool checksum_bad;
        bool checksum_ok;
        std::array<char, port::frame_bytes_max> bytes;
    };

    alignas(64) std::atomic<std::uint32_t> given_ = 0;
    alignas(64) std::atomic<std::uint32_t> taken_ = 0;
    std::uint32_t shown_ = 0;
    alignas(64) std::array<Slot, frames_max> slots_;
};

/// All lanes of a device. Made before the workers, destroyed after them; 0.5 MiB for each pair of workers and way.
class Crossing {
  public:
    explicit Crossing(std::uint32_t workers)
        : workers_(workers), lanes_(std::make_unique<CrossLane[]>(std::size_t{workers} * workers)) {}

    [[nodiscard]] std::uint32_t workers() const { return workers_; }
    [[nodiscard]] CrossLane& lane(std::uint32_t from, std::uint32_t to) { return lanes_[from * workers_ + to]; }

  private:
    std::uint32_t workers_;
    std::unique_ptr<CrossLane[]> lanes_;
};

/// An answer to a question about a neighbour: ARP, or an ICMPv6 neighbour advertisement, behind at most one tag.
[[nodiscard]] inline bool answers_neighbour_question(std::string_view frame) {
    const std::size_t at = frame.size() > 16 && net::load_be16(frame.data() + 12) == 0x8100 ? 18 : 14;
    if (frame.size() < at + 41) {
        return at + 8 <= frame.size() && net::load_be16(frame.data() + at - 2) == 0x0806 &&
               net::load_be16(frame.data() + at + 6) == 2;
    }
    const std::uint16_t ethertype = net::load_be16(frame.data() + at - 2);
    return (ethertype == 0x0806 && net::load_be16(frame.data() + at + 6) == 2) ||
           (ethertype == 0x86dd && frame[at + 6] == 58 && static_cast<unsigned char>(frame[at + 40]) == 136);
}

/// A worker's frames: those of its queue that are its own, and those that others hand over.
template <port::FramePort Frames>
class CrossPort {
  public:
    /// `frames` and `crossing` outlive this. `worker` counts from 0 on this device; the run's number of that one is
    /// `first_worker`.
    CrossPort(Frames& frames, Crossing& crossing, std::uint32_t worker, std::uint64_t salt,
              std::uint32_t first_worker = 0)
        : frames_(frames), crossing_(crossing), worker_(worker), first_worker_(first_worker), salt_(salt) {}

    [[nodiscard]] std::uint32_t rx_burst(std::span<port::Frame> burst) {
        std::uint32_t count = 0;
        for (std::uint32_t from = 0; from < crossing_.workers(); ++from) {
            if (from != worker_) {
                // Half a burst for all of them: the device's own queue must not run over meanwhile.
                const std::size_t room = burst.size() / 2 - count;
                count += crossing_.lane(from, worker_).show(burst.subspan(count, room));
            }
        }
        const std::uint32_t arrived = frames_.rx_burst(burst.subspan(count));
        const std::span<port::Frame> fresh = burst.subspan(count, arrived);
        for (const port::Frame& frame : fresh) {
            if (keep(frame)) [[likely]] {
                burst[count++] = frame;
            }
        }
        return count;
    }
    void release_rx() {
        for (std::uint32_t from = 0; from < crossing_.workers(); ++from) {
            if (from != worker_) {
                crossing_.lane(from, worker_).release();
            }
        }
        frames_.release_rx();
    }

    [[nodiscard]] char* tx_reserve() { return frames_.tx_reserve(); }
    void tx_commit(std::uint32_t size) { frames_.tx_commit(size); }
    void flush() { frames_.flush(); }
    [[nodiscard]] base::MacAddress mac() const { return frames_.mac(); }
    [[nodiscard]] std::uint32_t mtu() const { return frames_.mtu(); }
    [[nodiscard]] bool tx_udp_checksum_offload() const { return frames_.tx_udp_checksum_offload(); }
    [[nodiscard]] port::PortHealth health() {
        port::PortHealth health = frames_.health();
        health.rx_crossed += crossed_;
        health.rx_dropped += lost_;
        return health;
    }

  private:
    /// False when it belongs to another worker, which has it by now.
    [[nodiscard]] bool keep(const port::Frame& frame) {
        const std::string_view bytes(frame.data, frame.size);
        const std::size_t at = bytes.find("z9hG4bK");
        if (at == std::string_view::npos) [[unlikely]] {
            if (answers_neighbour_question(bytes)) {
                show_all(frame);
            }
            return true;
        }
        sip::BranchId id;
        if (!sip::decode_branch(bytes.substr(at, sip::branch_chars), salt_, id)) [[unlikely]] {
            return true;
        }
        const std::uint32_t owner = id.worker - first_worker_;  // of another machine: beyond all of them
        if (owner == worker_ || owner >= crossing_.workers()) [[likely]] {
            return true;
        }
        hand_over(frame, owner);
        return false;
    }

    void hand_over(const port::Frame& frame, std::uint32_t owner) {
        if (crossing_.lane(worker_, owner).give(frame)) [[likely]] {
            ++crossed_;
        } else {
            ++lost_;
        }
    }

    [[gnu::cold]] void show_all(const port::Frame& frame) {
        for (std::uint32_t other = 0; other < crossing_.workers(); ++other) {
            // Where there is no room the other asks again.
            static_cast<void>(other != worker_ && crossing_.lane(worker_, other).give(frame));
        }
    }

    Frames& frames_;
    Crossing& crossing_;
    std::uint32_t worker_;
    std::uint32_t first_worker_;
    std::uint64_t salt_;
    std::uint64_t crossed_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace regstorm::engine
