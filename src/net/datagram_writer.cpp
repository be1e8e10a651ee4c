// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/datagram_writer.hpp"

#include <algorithm>

#include "regstorm/base/check.hpp"

namespace regstorm::net {

DatagramWriter::DatagramWriter(const LinkConfig& config, const LinkDevice& device, const OwnAddresses& own)
    : own_(own), ipv4_(own.family() == base::Family::ipv4) {
    // All of our addresses but their last 32 bits is in the template and in the sums; those are zero here.
    base::IpAddress shared = own.first();
    std::memset(shared.bytes.data() + (ipv4_ ? 0 : 12), 0, 4);
    const base::IpAddress nobody{{}, own.family()};

    const std::uint16_t ethertype = ipv4_ ? ethertype_ipv4 : ethertype_ipv6;
    char* ip = write_ethernet(template_, {}, device.mac, config.vlan_id, ethertype);
    char* udp = write_ip(ip, {.source = shared, .destination = nobody, .protocol = protocol_udp});
    ip_at_ = static_cast<std::uint32_t>(ip - template_);
    header_bytes_ = static_cast<std::uint32_t>(udp - template_) + udp_header_bytes;

    pseudo_fixed_sum_ = pseudo_header_sum(ip + (ipv4_ ? 12 : 8), ipv4_ ? 8 : 32, protocol_udp, 0);
    if (ipv4_) {
        store_word(ip + 2, 0);
        store_word(ip + 10, 0);
        ip_fixed_sum_ = sum_bytes(ip, ipv4_header_bytes);
    }

    const std::uint32_t packet_headers = header_bytes_ - ip_at_;
    CHECK(device.mtu >= packet_headers + 1);
    payload_bytes_max_ = std::min(device.payload_bytes_max, device.mtu - packet_headers);
    udp_checksum_ = device.udp_checksum_offload          ? UdpChecksum::device
                    : ipv4_ && !config.ipv4_udp_checksum ? UdpChecksum::none
                                                         : UdpChecksum::computed;
}

}  // namespace regstorm::net
