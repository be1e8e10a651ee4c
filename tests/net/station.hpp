// SPDX-License-Identifier: Apache-2.0
// A station under test: a LinkedPort over a fake device, and frames from its neighbours. The phones are
// 198.18.0.1 - 198.18.0.200 or 2001:db8::1 - 2001:db8::c8, UDP ports 5060-5069, the registrar lives on the same link.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "fake_frame_port.hpp"
#include "regstorm/engine/linked_port.hpp"
#include "wire.hpp"

namespace regstorm::net {

using LinkedFakePort = engine::LinkedPort<FakeFramePort>;
static_assert(port::PacketPort<LinkedFakePort>);

inline const base::MacAddress own_mac = wire::mac("02:00:00:00:00:01");
inline const base::MacAddress registrar_mac = wire::mac("02:00:00:00:00:02");
inline const base::MacAddress gateway_mac = wire::mac("02:00:00:00:00:03");
inline const base::MacAddress zero_mac{};

inline constexpr base::Nanoseconds second_ns = base::ns_per_s;

inline LinkConfig phones(const char* first_source = "198.18.0.1") {
    LinkConfig config;
    config.first_source = wire::ip(first_source);
    config.source_count = 200;
    config.prefix_length = config.first_source.family == base::Family::ipv4 ? 16 : 64;
    config.udp_ports = {{5060, 5069}};
    config.announce = false;
    config.verify_checksums = true;
    return config;
}

/// A datagram with its bytes kept.
struct Delivered {
    port::RxKind kind;
    std::string data;
    base::Source source;
    base::SocketAddress remote;
};

class Station {
  public:
    explicit Station(const LinkConfig& config = phones(), const FakeFramePort::Settings& settings = {own_mac})
        : frames(settings), port(checked(config), config, arena_) {
        arena_.seal();
    }

    std::vector<Delivered> receive(const wire::Bytes& frame) {
        frames.arriving.push_back(frame);
        ++received_;
        return poll();
    }
    std::vector<Delivered> poll() {
        std::array<port::RxDatagram, port::burst_max> burst;
        std::vector<Delivered> delivered;
        const std::uint32_t count = port.rx_burst(burst);
        for (std::uint32_t i = 0; i < count; ++i) {
            delivered.push_back(
                {burst[i].kind, std::string(burst[i].data, burst[i].size), burst[i].source, burst[i].remote});
        }
        port.release_rx();
        return delivered;
    }
    /// The fate of one frame, by the counter that it moved.
    FrameFate fate_of(const wire::Bytes& frame) {
        const LinkCounters before = port.link_counters();
        static_cast<void>(receive(frame));
        for (const FateRow& row : fate_rows) {
            if (port.link_counters()[row.fate] != before[row.fate]) {
                return row.fate;
            }
        }
        ADD_FAILURE() << "the frame is in no counter";
        return FrameFate::bad_length;
    }

    void send(std::string_view payload, base::Source source, const base::SocketAddress& remote) {
        char* out = port.tx_reserve();
        ASSERT_NE(out, nullptr);
        payload.copy(out, payload.size());
        port.tx_commit(static_cast<std::uint32_t>(payload.size()), source, remote);
        port.flush();
    }

    /// INV-5: as many frames in the counters as have arrived, and health tells the same.
    void check_sums() {
        const LinkCounters& counters = port.link_counters();
        std::uint64_t counted = 0;
        for (const std::uint64_t frames_of_fate : counters.received) {
            counted += frames_of_fate;
        }
        EXPECT_EQ(counted, received_);
        EXPECT_EQ(counters.sum(FateGroup::delivered) + port.health().rx_other + port.health().rx_bad, received_);
    }

  private:
    FakeFramePort& checked(const LinkConfig& config) {
        EXPECT_EQ(find_fault(config), "");
        return frames;
    }

    base::Arena arena_{Link::bytes_for()};
    std::uint64_t received_ = 0;

  public:
    FakeFramePort frames;
    LinkedFakePort port;
};

inline const base::SocketAddress registrar{wire::ip("198.18.1.1"), 5060};
inline const base::SocketAddress registrar6{wire::ip("2001:db8::1:1"), 5060};
inline const wire::Ethernet from_registrar{own_mac, registrar_mac, {}};

/// The phone with this number, as the others see it.
inline base::SocketAddress phone(std::uint16_t offset, std::uint16_t udp_port = 5060) {
    return {base::IpAddress::from_ipv4(wire::ip("198.18.0.1").ipv4() + offset), udp_port};
}
inline base::SocketAddress phone6(std::uint8_t offset, std::uint16_t udp_port = 5060) {
    base::IpAddress ip = wire::ip("2001:db8::1");
    ip.bytes[15] = static_cast<std::uint8_t>(ip.bytes[15] + offset);
    return {ip, udp_port};
}

/// The registrar's 200 to a phone.
inline wire::Bytes answer_frame(std::uint16_t offset, std::string_view payload) {
    return wire::udp_frame(from_registrar, registrar, phone(offset), payload);
}

}  // namespace regstorm::net
