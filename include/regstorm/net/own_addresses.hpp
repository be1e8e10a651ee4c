// SPDX-License-Identifier: Apache-2.0
// Which addresses and UDP ports are ours. A range of addresses is a subtraction and a comparison; ports are a bitmap
// of 8 KiB, because RSS steering gives a worker an arbitrary subset of them and only the lines in use stay cached.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/net/bytes.hpp"
#include "regstorm/net/link_config.hpp"

namespace regstorm::net {

class OwnAddresses {
  public:
    OwnAddresses(const LinkConfig& config, base::Arena& arena);

    [[nodiscard]] static constexpr std::size_t bytes_for() { return base::Arena::bytes_for<std::uint64_t>(words); }

    [[nodiscard]] base::Family family() const { return first_.family; }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] const base::IpAddress& first() const { return first_; }

    /// True when the address is ours; `offset` is then its place in the range.
    [[nodiscard]] bool find_ipv4(std::uint32_t host_order, std::uint16_t& offset) const {
        return first_.family == base::Family::ipv4 && find_low(host_order, offset);
    }
    /// The same for the 16 bytes at `ip`.
    [[nodiscard]] bool find_ipv6(const char* ip, std::uint16_t& offset) const {
        return first_.family == base::Family::ipv6 && std::memcmp(ip, first_.bytes.data(), 12) == 0 &&
               find_low(load_be32(ip + 12), offset);
    }
    [[nodiscard]] bool find(const base::IpAddress& ip, std::uint16_t& offset) const {
        return ip.family == base::Family::ipv4 ? find_ipv4(ip.ipv4(), offset)
                                               : find_ipv6(reinterpret_cast<const char*>(ip.bytes.data()), offset);
    }

    [[nodiscard]] bool has_udp_port(std::uint16_t udp_port) const {
        return (udp_ports_[udp_port / 64] >> (udp_port % 64) & 1) != 0;
    }

    /// The last 32 bits of an address of ours; the others are those of first().
    [[nodiscard]] std::uint32_t low_of(std::uint16_t offset) const { return first_low_ + offset; }
    [[nodiscard]] base::IpAddress ip_of(std::uint16_t offset) const {
        base::IpAddress ip = first_;
        store_be32(reinterpret_cast<char*>(ip.bytes.data()) + low_at(), low_of(offset));
        return ip;
    }

  private:
    static constexpr std::size_t words = 65'536 / 64;

    [[nodiscard]] std::size_t low_at() const { return first_.family == base::Family::ipv4 ? 0 : 12; }
    [[nodiscard]] bool find_low(std::uint32_t low, std::uint16_t& offset) const {
        const std::uint32_t distance = low - first_low_;
        offset = static_cast<std::uint16_t>(distance);
        return distance < count_;
    }

    base::IpAddress first_;
    std::uint32_t first_low_;
    std::uint32_t count_;
    std::span<std::uint64_t> udp_ports_;
};

}  // namespace regstorm::net
