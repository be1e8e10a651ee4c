// SPDX-License-Identifier: Apache-2.0
// Headers in front of a payload. A template holds what the configuration and the last remote fix; per datagram it is
// copied and lengths, id, source and checksums are filled in. Both checksums start from a sum over the template's
// fixed words, so no header byte is read again. Another remote than the last costs a few stores more
// (bench/net: WriteDatagram with 1 and with 4096 remotes).
#pragma once

#include <cstdint>
#include <cstring>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/net/ethernet.hpp"
#include "regstorm/net/ip.hpp"
#include "regstorm/net/link_config.hpp"
#include "regstorm/net/own_addresses.hpp"

namespace regstorm::net {

class DatagramWriter {
  public:
    DatagramWriter(const LinkConfig& config, const LinkDevice& device, const OwnAddresses& own);

    /// Where the payload starts in a frame.
    [[nodiscard]] std::uint32_t header_bytes() const { return header_bytes_; }
    /// Longest payload that fits the MTU.
    [[nodiscard]] std::uint32_t payload_bytes_max() const { return payload_bytes_max_; }

    /// Whom the following datagrams go to. `remote` is of the family of our sources.
    void set_remote(const base::SocketAddress& remote, const base::MacAddress& mac) {
        const std::size_t address_bytes = ipv4_ ? 4 : 16;
        char* addresses = template_ + ip_at_ + (ipv4_ ? 12 : 8);
        std::memcpy(template_, mac.bytes.data(), 6);
        std::memcpy(addresses + address_bytes, remote.ip.bytes.data(), address_bytes);
        store_be16(template_ + header_bytes_ - udp_header_bytes + 2, remote.udp_port);
        const std::uint64_t addresses_sum = sum_bytes(addresses + address_bytes, address_bytes);
        ip_sum_ = ip_fixed_sum_ + addresses_sum;
        pseudo_sum_ = pseudo_fixed_sum_ + addresses_sum;
        remote_port_word_ = network_order(remote.udp_port);
    }

    /// Completes the frame whose payload of `payload_bytes` is in place; returns its size, padded.
    [[nodiscard]] std::uint32_t write(char* frame, std::uint32_t payload_bytes, base::Source source) {
        const std::uint16_t udp_bytes = static_cast<std::uint16_t>(udp_header_bytes + payload_bytes);
        const std::uint32_t source_low = network_order(own_.low_of(source.address));
        char* ip = frame + ip_at_;
        if (ipv4_) [[likely]] {
            std::memcpy(frame, template_, 32);
            std::memcpy(frame + header_bytes_ - 32, template_ + header_bytes_ - 32, 32);
            const std::uint16_t total_word = network_order(static_cast<std::uint16_t>(ipv4_header_bytes + udp_bytes));
            const std::uint16_t id_word = ++ip_id_;
            store_word(ip + 2, total_word);
            store_word(ip + 4, id_word);
            store_word(ip + 10, checksum_of(ip_sum_ + source_low + total_word + id_word));
            std::memcpy(ip + 12, &source_low, 4);
        } else {
            std::memcpy(frame, template_, 40);
            std::memcpy(frame + header_bytes_ - 40, template_ + header_bytes_ - 40, 40);
            store_be16(ip + 4, udp_bytes);
            std::memcpy(ip + 20, &source_low, 4);
        }
        char* udp = frame + header_bytes_ - udp_header_bytes;
        const std::uint16_t source_port_word = network_order(source.udp_port);
        const std::uint16_t udp_bytes_word = network_order(udp_bytes);
        store_word(udp, source_port_word);
        store_word(udp + 4, udp_bytes_word);
        const std::uint64_t pseudo_sum = pseudo_sum_ + source_low + udp_bytes_word;
        const std::uint64_t ports_sum = std::uint64_t{source_port_word} + remote_port_word_ + udp_bytes_word;
        store_word(udp + 6, udp_checksum(pseudo_sum, ports_sum, udp + udp_header_bytes, payload_bytes));
        return pad_frame(frame, header_bytes_ + payload_bytes);
    }

  private:
    enum class UdpChecksum : std::uint8_t { computed, device, none };

    [[nodiscard]] std::uint16_t udp_checksum(std::uint64_t pseudo_sum, std::uint64_t header_sum, const char* payload,
                                             std::uint32_t payload_bytes) const {
        switch (udp_checksum_) {
            case UdpChecksum::device:
                return fold(pseudo_sum);
            case UdpChecksum::none:
                return 0;
            case UdpChecksum::computed:
                break;
        }
        const std::uint16_t checksum = checksum_of(pseudo_sum + header_sum + sum_bytes(payload, payload_bytes));
        return checksum == 0 ? 0xffff : checksum;  // 0 would say that there is none (RFC 768)
    }

    static constexpr std::uint32_t template_bytes_max =
        ethernet_header_bytes + vlan_tag_bytes + ipv6_header_bytes + udp_header_bytes;

    OwnAddresses own_;
    bool ipv4_;
    UdpChecksum udp_checksum_;
    std::uint16_t ip_id_ = 0;
    std::uint16_t remote_port_word_ = 0;
    std::uint32_t ip_at_;
    std::uint32_t header_bytes_;
    std::uint32_t payload_bytes_max_;
    std::uint64_t ip_fixed_sum_ = 0;      ///< of the IPv4 header without source, destination, length, id
    std::uint64_t pseudo_fixed_sum_ = 0;  ///< protocol, and what all our addresses share
    std::uint64_t ip_sum_ = 0;            ///< with the destination
    std::uint64_t pseudo_sum_ = 0;        ///< with the destination
    alignas(base::cache_line_bytes) char template_[template_bytes_max] = {};
};

}  // namespace regstorm::net
