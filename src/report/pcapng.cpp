// SPDX-License-Identifier: Apache-2.0
// pcapng (draft-ietf-opsawg-pcapng): a section header, one interface, and a block for each packet. Byte order is the
// machine's; the section header tells.
#include <array>
#include <bit>
#include <cstring>

#include "big_endian.hpp"
#include "regstorm/report/evidence.hpp"

namespace regstorm::report {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers below are written as the machine has them");

constexpr std::uint32_t section_header = 0x0a0d'0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b'3c4d;
constexpr std::uint16_t link_ethernet = 1;
constexpr std::uint16_t link_raw_ip = 101;
// Options.
constexpr std::uint16_t end_of_options = 0;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t shb_user_application = 4;
constexpr std::uint16_t if_timestamp_resolution = 9;
constexpr std::uint16_t epb_flags = 2;

template <class T>
void append(std::string& out, T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

void pad(std::string& out) { out.append((4 - out.size() % 4) % 4, '\0'); }

void append_option(std::string& out, std::uint16_t code, std::string_view value) {
    append(out, code);
    append(out, static_cast<std::uint16_t>(value.size()));
    out += value;
    pad(out);
}

void append_block(std::string& out, std::uint32_t type, std::string body) {
    pad(body);
    const auto length = static_cast<std::uint32_t>(body.size() + 12);
    append(out, type);
    append(out, length);
    out += body;
    append(out, length);
}

/// Ones' complement sum (RFC 1071), not yet folded.
std::uint32_t sum_of(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (i % 2 == 0 ? 8 : 0);
    }
    return sum;
}

std::uint16_t checksum_of(std::uint32_t sum) {
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

std::string_view bytes_of(const base::IpAddress& ip) {
    return {reinterpret_cast<const char*>(ip.bytes.data()), ip.family == base::Family::ipv4 ? 4U : 16U};
}

/// UDP in IP, as it left the kernel. `size` is the payload's on the wire; what was cut stays cut.
std::string datagram(const Packet& packet) {
    const base::SocketAddress& from = packet.out ? packet.local : packet.remote;
    const base::SocketAddress& to = packet.out ? packet.remote : packet.local;
    const auto udp_bytes = static_cast<std::uint16_t>(8 + packet.size);
    std::string udp;
    append_big_endian(udp, from.udp_port);
    append_big_endian(udp, to.udp_port);
    append_big_endian(udp, udp_bytes);
    std::string pseudo = std::string(bytes_of(from.ip)) + std::string(bytes_of(to.ip));
    append_big_endian(pseudo, std::uint32_t{17});
    append_big_endian(pseudo, std::uint32_t{udp_bytes});
    std::uint16_t checksum = checksum_of(sum_of(pseudo) + sum_of(udp) + sum_of(packet.bytes));
    // A sum over bytes that are not all there would be wrong; 0 says that there is none.
    if (packet.bytes.size() < packet.size) {
        checksum = 0;
    } else if (checksum == 0) {
        checksum = 0xffff;
    }
    append_big_endian(udp, checksum);
    std::string ip;
    if (from.ip.family == base::Family::ipv4) {
        append_big_endian(ip, std::uint16_t{0x4500});
        append_big_endian(ip, static_cast<std::uint16_t>(20 + udp_bytes));
        append_big_endian(ip, std::uint32_t{0x0000'4000});  // no fragments
        append_big_endian(ip, std::uint16_t{0x4011});       // 64 hops, UDP
        std::string addresses = std::string(bytes_of(from.ip)) + std::string(bytes_of(to.ip));
        append_big_endian(ip, checksum_of(sum_of(ip) + sum_of(addresses)));
        ip += addresses;
    } else {
        append_big_endian(ip, std::uint32_t{0x6000'0000});
        append_big_endian(ip, udp_bytes);
        append_big_endian(ip, std::uint16_t{0x1140});  // UDP, 64 hops
        ip += std::string(bytes_of(from.ip)) + std::string(bytes_of(to.ip));
    }
    return ip + udp + std::string(packet.bytes);
}

}  // namespace

std::string pcapng(const std::vector<Packet>& packets, std::string_view program) {
    std::string out;
    std::string section;
    append(section, byte_order_magic);
    append(section, std::uint16_t{1});
    append(section, std::uint16_t{0});
    append(section, ~std::uint64_t{0});  // length of the section: not told
    append_option(section, shb_user_application, program);
    append_option(section, end_of_options, {});
    append_block(out, section_header, section);
    const bool frames = !packets.empty() && packets.front().frame;
    std::string interface;
    append(interface, frames ? link_ethernet : link_raw_ip);
    append(interface, std::uint16_t{0});
    append(interface, std::uint32_t{0});  // no limit to a packet
    append_option(interface, if_name, "regstorm");
    append_option(interface, if_timestamp_resolution, "\x09");
    append_option(interface, end_of_options, {});
    append_block(out, interface_description, interface);
    for (const Packet& packet : packets) {
        const std::string bytes = packet.frame ? std::string(packet.bytes) : datagram(packet);
        std::string block;
        append(block, std::uint32_t{0});
        append(block, static_cast<std::uint32_t>(packet.at_ns >> 32));
        append(block, static_cast<std::uint32_t>(packet.at_ns));
        append(block, static_cast<std::uint32_t>(bytes.size()));
        append(block, static_cast<std::uint32_t>(bytes.size() + packet.size - packet.bytes.size()));
        block += bytes;
        pad(block);
        const std::uint32_t direction = packet.out ? 2 : 1;
        append_option(block, epb_flags, {reinterpret_cast<const char*>(&direction), sizeof direction});
        append_option(block, end_of_options, {});
        append_block(out, enhanced_packet, block);
    }
    return out;
}

}  // namespace regstorm::report
