// SPDX-License-Identifier: Apache-2.0
// Every frame that arrives ends in exactly one of these, by construction: reading a frame returns its fate, and one
// place counts it (INV-5). A fate is declared here and described in its row; nothing else lists them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace regstorm::net {

enum class FrameFate : std::uint8_t {
    datagram,
    oversized,
    unreachable,
    arp_request,
    arp_reply,
    arp_conflict,
    arp_other,
    echo_request,
    icmp_other,
    neighbour_solicitation,
    neighbour_advertisement,
    fragment,
    reflection,
    stranger,
    other_protocol,
    other_vlan,
    bad_length,
    bad_checksum,
};
inline constexpr std::size_t frame_fates = std::size_t{static_cast<std::uint8_t>(FrameFate::bad_checksum)} + 1;

/// What becomes of a frame, coarsely: handed to the poll loop, PortHealth::rx_other, PortHealth::rx_bad.
enum class FateGroup : std::uint8_t { delivered, other, bad };

struct FateRow {
    FrameFate fate;
    FateGroup group;
    std::string_view name;     ///< in results
    std::string_view meaning;  ///< in help and reports
};

inline constexpr std::array<FateRow, frame_fates> fate_rows = {{
    {FrameFate::datagram, FateGroup::delivered, "datagrams", "UDP datagrams for our addresses and ports"},
    {FrameFate::oversized, FateGroup::delivered, "oversized", "datagrams too long for us, or in fragments"},
    {FrameFate::unreachable, FateGroup::delivered, "unreachable", "ICMP errors about datagrams of ours"},
    {FrameFate::arp_request, FateGroup::other, "arp_requests", "ARP requests for our addresses"},
    {FrameFate::arp_reply, FateGroup::other, "arp_replies", "ARP replies to us"},
    {FrameFate::arp_conflict, FateGroup::other, "arp_conflicts", "another station claims one of our addresses"},
    {FrameFate::arp_other, FateGroup::other, "arp_other", "ARP of others, announcements"},
    {FrameFate::echo_request, FateGroup::other, "echo_requests", "pings of our addresses"},
    {FrameFate::icmp_other, FateGroup::other, "icmp_other", "other ICMP to us, or about datagrams not ours"},
    {FrameFate::neighbour_solicitation, FateGroup::other, "neighbour_solicitations", "IPv6 asks for our addresses"},
    {FrameFate::neighbour_advertisement, FateGroup::other, "neighbour_advertisements", "IPv6 neighbours answer us"},
    {FrameFate::fragment, FateGroup::other, "fragments", "IP fragments without a UDP header for us"},
    {FrameFate::reflection, FateGroup::other, "reflections", "frames that carry our own MAC or IP as their source"},
    {FrameFate::stranger, FateGroup::other, "strangers", "frames for a MAC, IP or UDP port that is not ours"},
    {FrameFate::other_protocol, FateGroup::other, "other_protocols", "neither ARP, ICMP nor UDP"},
    {FrameFate::other_vlan, FateGroup::other, "other_vlans", "frames tagged for a VLAN that is not ours"},
    {FrameFate::bad_length, FateGroup::bad, "bad_length", "lengths or fixed fields that cannot be"},
    {FrameFate::bad_checksum, FateGroup::bad, "bad_checksum", "wrong IP, UDP or ICMP checksum"},
}};

[[nodiscard]] constexpr bool fate_rows_are_in_order() {
    for (std::size_t i = 0; i < frame_fates; ++i) {
        if (fate_rows[i].fate != static_cast<FrameFate>(i)) {
            return false;
        }
    }
    return true;
}
static_assert(fate_rows_are_in_order());

/// What the link layer did, for the result. Plain counters of one worker.
struct LinkCounters {
    std::array<std::uint64_t, frame_fates> received{};  ///< by FrameFate

    std::uint64_t datagrams_sent = 0;
    std::uint64_t answers_sent = 0;        ///< ARP replies, echo replies, neighbour advertisements
    std::uint64_t questions_sent = 0;      ///< ARP requests, neighbour solicitations
    std::uint64_t announcements_sent = 0;  ///< gratuitous ARP, unsolicited advertisements
    std::uint64_t dropped_too_long = 0;    ///< datagrams that do not fit the MTU
    std::uint64_t dropped_unresolved = 0;  ///< datagrams to a remote whose MAC is not known
    std::uint64_t dropped_no_buffer = 0;   ///< answers and questions that found no transmit buffer

    [[nodiscard]] constexpr std::uint64_t& operator[](FrameFate fate) {
        return received[static_cast<std::uint8_t>(fate)];
    }
    [[nodiscard]] constexpr std::uint64_t operator[](FrameFate fate) const {
        return received[static_cast<std::uint8_t>(fate)];
    }
    [[nodiscard]] constexpr std::uint64_t sum(FateGroup group) const {
        std::uint64_t frames = 0;
        for (const FateRow& row : fate_rows) {
            frames += row.group == group ? (*this)[row.fate] : 0;
        }
        return frames;
    }
};

}  // namespace regstorm::net
