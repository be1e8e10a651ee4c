// SPDX-License-Identifier: Apache-2.0
// Datagrams that a tap has kept, for other programs and for people: a pcapng file, and one phone's life as a ladder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/base/socket_address.hpp"

namespace regstorm::report {

/// One datagram or frame.
struct Packet {
    std::uint64_t at_ns = 0;  ///< since 1970
    std::uint32_t size = 0;   ///< on the wire; `bytes` may hold less
    bool out = false;         ///< we sent it
    bool frame = false;       ///< `bytes` begin with a MAC address; else with the UDP payload
    base::SocketAddress local;
    base::SocketAddress remote;
    std::string_view bytes{};
};

/// The UDP payload; of a frame that carries none, nothing.
[[nodiscard]] std::string_view payload_of(const Packet& packet);

/// In the order of time. Frames stay as they are; datagrams get an IP and a UDP header with right checksums.
[[nodiscard]] std::string pcapng(const std::vector<Packet>& packets, std::string_view program);

/// Those of transactions that went wrong: sent again, refused (a challenge is no refusal), or never answered.
[[nodiscard]] std::vector<Packet> failures_of(const std::vector<Packet>& packets);

/// One phone's life, message by message. `heading` names the phone.
[[nodiscard]] std::string ladder(const std::vector<Packet>& packets, std::string_view heading);

}  // namespace regstorm::report
