// SPDX-License-Identifier: Apache-2.0
// Where a NIC puts what arrives: the hash is computed here as the NIC does it, over the very key and table that it
// reported. Cold: once per phone, when phones get their ports.
#include <algorithm>
#include <array>

#include "regstorm/port/eth_device.hpp"

namespace regstorm::port {
namespace {

constexpr std::size_t tuple_bytes_max = 16 + 16 + 2 + 2;

std::uint8_t* append(std::uint8_t* out, const base::IpAddress& ip) {
    return std::copy_n(ip.bytes.begin(), ip.family == base::Family::ipv4 ? 4 : 16, out);
}

std::uint8_t* append(std::uint8_t* out, std::uint16_t udp_port) {
    *out++ = static_cast<std::uint8_t>(udp_port >> 8);
    *out++ = static_cast<std::uint8_t>(udp_port);
    return out;
}

}  // namespace

std::uint32_t toeplitz_hash(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tuple) {
    std::uint32_t hash = 0;
    std::uint64_t window = 0;  // its upper 32 bits of 40 are the key from the current bit on
    for (std::size_t i = 0; i < 4; ++i) {
        window = window << 8 | key[i];
    }
    for (std::size_t i = 0; i < tuple.size(); ++i) {
        window = window << 8 | (i + 4 < key.size() ? key[i + 4] : 0);
        for (unsigned bit = 0; bit < 8; ++bit) {
            if ((tuple[i] >> (7 - bit) & 1) != 0) {
                hash ^= static_cast<std::uint32_t>(window >> (8 - bit));
            }
        }
    }
    return hash;
}

std::optional<std::uint16_t> RxSteering::queue_of(const base::SocketAddress& remote,
                                                  const base::SocketAddress& local) const {
    if (rule != Rule::toeplitz || table.empty() || key.size() < 4) {
        return std::nullopt;
    }
    std::array<std::uint8_t, tuple_bytes_max> tuple;
    const std::uint8_t* const end =
        append(append(append(append(tuple.data(), remote.ip), local.ip), remote.udp_port), local.udp_port);
    const std::uint32_t hash = toeplitz_hash(key, std::span(tuple).first(static_cast<std::size_t>(end - tuple.data())));
    return table[hash % table.size()];
}

base::SocketAddress SourceSteering::choose(base::SocketAddress planned, std::uint16_t queue) const {
    base::SocketAddress candidate = planned;
    for (std::uint32_t udp_port = planned.udp_port; udp_port <= udp_port_last; udp_port += stride) {
        candidate.udp_port = static_cast<std::uint16_t>(udp_port);
        const std::optional<std::uint16_t> found = steering.queue_of(remote, candidate);
        if (!found) {
            return planned;
        }
        if (*found == queue) {
            return candidate;
        }
    }
    return planned;
}

}  // namespace regstorm::port
