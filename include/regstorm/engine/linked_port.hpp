// SPDX-License-Identifier: Apache-2.0
// A frame port and a link make a packet port: the poll loop sees UDP payloads, as on kernel sockets. net knows no
// devices and port knows no protocols; they meet here. A template, so that one loop is compiled per device with the
// link inlined; bench/net has the cost of each way.
//
// Answers (ARP, ND, ping) leave from within rx_burst(), questions from within tick(). Both use the transmit frame
// that tx_reserve() gives, so a reservation does not outlive either call; a commit of such a lost reservation is
// counted in tx_dropped.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "regstorm/base/arena.hpp"
#include "regstorm/net/link.hpp"
#include "regstorm/port/frame_port.hpp"
#include "regstorm/port/packet_port.hpp"

namespace regstorm::engine {

template <port::FramePort Frames>
class LinkedPort {
  public:
    /// `frames` outlives this. `config` has no fault (net::find_fault). Takes net::Link::bytes_for() of the arena.
    LinkedPort(Frames& frames, const net::LinkConfig& config, base::Arena& arena)
        : frames_(frames),
          link_(config,
                {.mac = frames.mac(),
                 .mtu = frames.mtu(),
                 .udp_checksum_offload = frames.tx_udp_checksum_offload(),
                 .payload_bytes_max = port::payload_bytes_max},
                arena) {}
    LinkedPort(const LinkedPort&) = delete;
    LinkedPort& operator=(const LinkedPort&) = delete;

    [[nodiscard]] std::uint32_t rx_burst(std::span<port::RxDatagram> burst) {
        const std::size_t wanted = std::min<std::size_t>(burst.size(), rx_frames_.size());
        const std::uint32_t count = frames_.rx_burst(std::span(rx_frames_).first(wanted));
        std::uint32_t delivered = 0;
        for (const port::Frame& frame : std::span(rx_frames_).first(count)) {
            net::Received received;
            const net::FrameFate fate = link_.receive(frame.data, frame.size, hint_of(frame), received);
            if (fate == net::FrameFate::datagram) [[likely]] {
                deliver(received, port::RxKind::payload, burst[delivered++]);
            } else if (fate == net::FrameFate::oversized) {
                deliver(received, port::RxKind::oversized, burst[delivered++]);
            } else if (fate == net::FrameFate::unreachable) {
                deliver(received, port::RxKind::unreachable, burst[delivered++]);
            } else if (net::Link::wants_answer(fate)) {
                answer(frame);
            }
        }
        return delivered;
    }

    void release_rx() { frames_.release_rx(); }

    [[nodiscard]] char* tx_reserve() {
        reserved_ = frames_.tx_reserve();
        return reserved_ == nullptr ? nullptr : reserved_ + link_.header_bytes();
    }

    void tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress& remote) {
        if (reserved_ == nullptr) [[unlikely]] {
            ++lost_reservations_;
            return;
        }
        const std::uint32_t frame_bytes = link_.write_datagram(reserved_, size, source, remote);
        if (frame_bytes != 0) [[likely]] {
            frames_.tx_commit(frame_bytes);
        }
        reserved_ = nullptr;
    }

    void flush() { frames_.flush(); }

    void tick(base::Nanoseconds now_ns) {
        if (now_ns >= link_.next_due_ns()) [[unlikely]] {
            ask(now_ns);
        }
    }

    [[nodiscard]] port::LinkState link_state() const {
        switch (link_.state()) {
            case net::ResolveState::ready:
                return port::LinkState::ready;
            case net::ResolveState::failed:
                return port::LinkState::failed;
            case net::ResolveState::resolving:
                break;
        }
        return port::LinkState::resolving;
    }
    /// Why link_state() is `failed`, for people; empty otherwise.
    [[nodiscard, gnu::cold]] std::string failure_reason() const { return link_.failure_reason(); }

    [[nodiscard]] port::PortHealth health() {
        port::PortHealth health = frames_.health();
        const net::LinkCounters& counters = link_.counters();
        health.tx_dropped += counters.dropped_too_long + counters.dropped_unresolved + lost_reservations_;
        health.rx_other += counters.sum(net::FateGroup::other);
        health.rx_bad += counters.sum(net::FateGroup::bad);
        return health;
    }
    [[nodiscard]] const net::LinkCounters& link_counters() const { return link_.counters(); }

    [[nodiscard]] base::SocketAddress address_of(base::Source source) const {
        return {link_.ip_of(source.address), source.udp_port};
    }

  private:
    /// Questions and announcements per poll. Registrars on the link are at most net::next_hops_max, so a few polls
    /// ask them all; the bound keeps one poll short.
    static constexpr int questions_per_tick_max = 16;

    [[nodiscard]] static net::ChecksumHint hint_of(const port::Frame& frame) {
        return frame.checksum_bad  ? net::ChecksumHint::bad
               : frame.checksum_ok ? net::ChecksumHint::good
                                   : net::ChecksumHint::unknown;
    }

    /// Field by field, as the reader wrote it: a load across several young stores waits for them.
    static void deliver(const net::Received& received, port::RxKind kind, port::RxDatagram& datagram) {
        datagram.data = received.data;
        datagram.size = received.size;
        datagram.kind = kind;
        datagram.source.address = received.source.address;
        datagram.source.udp_port = received.source.udp_port;
        datagram.remote.ip.bytes = received.remote.ip.bytes;
        datagram.remote.ip.family = received.remote.ip.family;
        datagram.remote.udp_port = received.remote.udp_port;
    }

    [[gnu::cold, gnu::noinline]] void answer(const port::Frame& frame) {
        reserved_ = nullptr;
        char* out = frames_.tx_reserve();
        if (out == nullptr) {
            link_.count_no_buffer();
            return;
        }
        const std::uint32_t bytes = link_.write_answer(frame.data, frame.size, out, port::frame_bytes_max);
        if (bytes != 0) {
            frames_.tx_commit(bytes);
            frames_.flush();
        }
    }

    [[gnu::cold, gnu::noinline]] void ask(base::Nanoseconds now_ns) {
        reserved_ = nullptr;
        for (int i = 0; i < questions_per_tick_max && now_ns >= link_.next_due_ns(); ++i) {
            alignas(8) char question[net::ethernet_frame_bytes_min + net::Link::neighbour_frame_bytes_max];
            const std::uint32_t bytes = link_.write_due(now_ns, question);
            char* out = bytes == 0 ? nullptr : frames_.tx_reserve();
            if (out != nullptr) {
                std::copy_n(question, bytes, out);
                frames_.tx_commit(bytes);
            } else if (bytes != 0) {
                link_.count_no_buffer();
            }
        }
        frames_.flush();
    }

    Frames& frames_;
    net::Link link_;
    char* reserved_ = nullptr;
    std::uint64_t lost_reservations_ = 0;
    std::array<port::Frame, port::burst_max> rx_frames_{};
};

}  // namespace regstorm::engine
