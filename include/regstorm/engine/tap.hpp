// SPDX-License-Identifier: Apache-2.0
// What passed a port, kept to be looked at: a bounded sample, and one phone's life. A tap is a port around a port,
// chosen when the worker is built, so a run without one does not even ask. It may cost what it costs: it reads the
// branch of each datagram and the clock for each burst.
//
// Memory: one slot of 1600 bytes for each datagram kept, all of it taken at construction. Longer datagrams are cut.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/engine/watched_phone.hpp"
#include "regstorm/port/frame_port.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/sip/branch.hpp"

namespace regstorm::engine {

/// What a worker's tap keeps. Phones are numbered as on that worker.
struct TapPlan {
    std::uint32_t slots = 0;               ///< of the sample
    bool keep_last = false;                ///< the last ones instead of the first
    base::EndpointIndex only = no_phone;   ///< of this phone
    base::EndpointIndex trace = no_phone;  ///< all of this phone, up to trace_slots, besides the sample
    std::uint64_t salt = 0;                ///< of the run: with it a branch names its phone
    static constexpr std::uint32_t trace_slots = 10'000;
};

struct Tapped {
    static constexpr std::uint32_t bytes_max = 1600;

    std::uint64_t at_ns = 0;  ///< since 1970
    std::uint32_t size = 0;   ///< before it was cut
    bool out = false;
    base::SocketAddress local;  ///< of datagrams; a frame says it itself
    base::SocketAddress remote;
    std::array<char, bytes_max> data;

    [[nodiscard]] std::string_view bytes() const { return {data.data(), std::min(size, bytes_max)}; }
};

class Recorder {
  public:
    explicit Recorder(const TapPlan& plan)
        : plan_(plan),
          only_(plan.only),
          traced_phone_(plan.trace),
          sample_(plan.slots),
          trace_(plan.trace != no_phone ? TapPlan::trace_slots : 0) {}

    void record(std::string_view bytes, bool out, std::uint64_t at_ns, const base::SocketAddress& local = {},
                const base::SocketAddress& remote = {}) {
        const bool asks = only_.anyone() || traced_phone_.anyone();
        const base::EndpointIndex phone = asks ? phone_of(bytes) : no_phone;
        const bool of_the_only = only_.concerned(bytes, out, phone);
        const bool of_the_traced = traced_phone_.concerned(bytes, out, phone);
        const auto keep = [&](Tapped& slot) {
            slot.at_ns = at_ns;
            slot.size = static_cast<std::uint32_t>(bytes.size());
            slot.out = out;
            slot.local = local;
            slot.remote = remote;
            std::copy_n(bytes.data(), std::min<std::size_t>(bytes.size(), Tapped::bytes_max), slot.data.data());
        };
        if (!sample_.empty() && (of_the_only || !only_.anyone()) && (plan_.keep_last || sampled_ < sample_.size())) {
            keep(sample_[sampled_++ % sample_.size()]);
        }
        if (of_the_traced && traced_ < trace_.size()) {
            keep(trace_[traced_++]);
        }
    }

    /// In the order of time, once the worker has ended.
    [[nodiscard]] std::vector<const Tapped*> sample() const {
        std::vector<const Tapped*> kept;
        const std::size_t count = std::min(sampled_, sample_.size());
        for (std::size_t i = sampled_ - count; i < sampled_; ++i) {
            kept.push_back(&sample_[i % sample_.size()]);
        }
        return kept;
    }
    [[nodiscard]] std::span<const Tapped> trace() const { return std::span(trace_).first(traced_); }

  private:
    /// The phone whose branch stands in it.
    [[nodiscard]] base::EndpointIndex phone_of(std::string_view bytes) const {
        const std::size_t at = bytes.find("z9hG4bK");
        sip::BranchId id;
        const bool ours = at != bytes.npos && sip::decode_branch(bytes.substr(at, sip::branch_chars), plan_.salt, id);
        return ours ? id.endpoint : no_phone;
    }

    TapPlan plan_;
    WatchedPhone only_;
    WatchedPhone traced_phone_;
    std::vector<Tapped> sample_;
    std::vector<Tapped> trace_;
    std::size_t sampled_ = 0;
    std::size_t traced_ = 0;
};

[[nodiscard]] inline std::uint64_t tapped_now_ns() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

/// A port of datagrams with a tap.
template <port::PacketPort Port>
class TappedPort {
  public:
    TappedPort(Port& port, Recorder& recorder) : port_(port), recorder_(recorder) {}

    [[nodiscard]] std::uint32_t rx_burst(std::span<port::RxDatagram> burst) {
        const std::uint32_t count = port_.rx_burst(burst);
        const std::uint64_t now_ns = count == 0 ? 0 : tapped_now_ns();
        for (const port::RxDatagram& datagram : burst.first(count)) {
            if (datagram.kind == port::RxKind::payload) {
                recorder_.record({datagram.data, datagram.size}, false, now_ns, port_.address_of(datagram.source),
                                 datagram.remote);
            }
        }
        return count;
    }
    void release_rx() { port_.release_rx(); }
    [[nodiscard]] char* tx_reserve() { return reserved_ = port_.tx_reserve(); }
    void tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress& remote) {
        recorder_.record({reserved_, size}, true, tapped_now_ns(), port_.address_of(source), remote);
        port_.tx_commit(size, source, remote);
    }
    void flush() { port_.flush(); }
    void tick(base::Nanoseconds now_ns) { port_.tick(now_ns); }
    [[nodiscard]] port::LinkState link_state() const { return port_.link_state(); }
    [[nodiscard]] port::PortHealth health() { return port_.health(); }
    [[nodiscard]] base::SocketAddress address_of(base::Source source) const { return port_.address_of(source); }

  private:
    Port& port_;
    Recorder& recorder_;
    char* reserved_ = nullptr;
};

/// A device's queue with a tap: frames as they are on the wire. Of ARP and ND the first are kept: an announcement for
/// each of thousands of addresses would leave no room for what was asked for.
template <port::FramePort Frames>
class TappedFrames {
  public:
    TappedFrames(Frames& frames, Recorder& recorder) : frames_(frames), recorder_(recorder) {}

    [[nodiscard]] std::uint32_t rx_burst(std::span<port::Frame> burst) {
        const std::uint32_t count = frames_.rx_burst(burst);
        const std::uint64_t now_ns = count == 0 ? 0 : tapped_now_ns();
        for (const port::Frame& frame : burst.first(count)) {
            record({frame.data, frame.size}, false, now_ns);
        }
        return count;
    }
    void release_rx() { frames_.release_rx(); }
    [[nodiscard]] char* tx_reserve() { return reserved_ = frames_.tx_reserve(); }
    void tx_commit(std::uint32_t size) {
        record({reserved_, size}, true, tapped_now_ns());
        frames_.tx_commit(size);
    }
    void flush() { frames_.flush(); }
    [[nodiscard]] base::MacAddress mac() const { return frames_.mac(); }
    [[nodiscard]] std::uint32_t mtu() const { return frames_.mtu(); }
    [[nodiscard]] bool tx_udp_checksum_offload() const { return frames_.tx_udp_checksum_offload(); }
    [[nodiscard]] port::PortHealth health() { return frames_.health(); }

  private:
    static constexpr std::uint32_t link_frames_max = 64;

    void record(std::string_view frame, bool out, std::uint64_t now_ns) {
        if (!is_of_the_link(frame) || link_frames_++ < link_frames_max) {
            recorder_.record(frame, out, now_ns);
        }
    }
    /// ARP, or ICMPv6.
    [[nodiscard]] static bool is_of_the_link(std::string_view frame) {
        constexpr std::string_view arp = "\x08\x06";
        constexpr std::string_view ipv6 = "\x86\xdd";
        constexpr char icmpv6 = 58;
        const std::string_view type = frame.size() < 21 ? std::string_view{} : frame.substr(12, 2);
        return type == arp || (type == ipv6 && frame[20] == icmpv6);
    }

    Frames& frames_;
    Recorder& recorder_;
    char* reserved_ = nullptr;
    std::uint32_t link_frames_ = 0;
};

}  // namespace regstorm::engine
