// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/ip.hpp"

namespace regstorm::net {
namespace {

char* write_ipv4(char* out, const IpHeader& ip) {
    store_be16(out, 0x4500);
    store_be16(out + 2, static_cast<std::uint16_t>(ipv4_header_bytes + ip.transport_bytes));
    store_be16(out + 4, ip.id);
    store_be16(out + 6, ipv4_dont_fragment);
    store_u8(out + 8, ip.hop_limit);
    store_u8(out + 9, ip.protocol);
    store_word(out + 10, 0);
    std::memcpy(out + 12, ip.source.bytes.data(), 4);
    std::memcpy(out + 16, ip.destination.bytes.data(), 4);
    store_word(out + 10, checksum_of(sum_bytes(out, ipv4_header_bytes)));
    return out + ipv4_header_bytes;
}

char* write_ipv6(char* out, const IpHeader& ip) {
    store_be32(out, 0x60000000);
    store_be16(out + 4, ip.transport_bytes);
    store_u8(out + 6, ip.protocol);
    store_u8(out + 7, ip.hop_limit);
    std::memcpy(out + 8, ip.source.bytes.data(), 16);
    std::memcpy(out + 24, ip.destination.bytes.data(), 16);
    return out + ipv6_header_bytes;
}

}  // namespace

char* write_ip(char* out, const IpHeader& ip) {
    return ip.source.family == base::Family::ipv4 ? write_ipv4(out, ip) : write_ipv6(out, ip);
}

}  // namespace regstorm::net
