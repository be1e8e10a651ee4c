// SPDX-License-Identifier: Apache-2.0
// Remote IP -> MAC it was last heard from: how to answer somebody whom nobody told us about (a registrar answers
// thousands of phones). Direct-mapped by the last bits of the address: neighbours come in contiguous ranges, and a
// range of up to `entries` addresses has no two in one row. A miss costs the answer to one datagram (counted), never
// a wrong MAC, since rows hold whole addresses. Chaining and LRU buy nothing here and cost a second cache line.
// 24 bytes a row, 1.5 MiB in all; only the rows in use are ever touched after construction.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/net/bytes.hpp"

namespace regstorm::net {

class NeighbourCache {
  public:
    static constexpr std::uint32_t entries = 65'536;

    explicit NeighbourCache(base::Arena& arena) : rows_(arena.make<Row>(entries)) {}

    [[nodiscard]] static constexpr std::size_t bytes_for() { return base::Arena::bytes_for<Row>(entries); }

    /// Null when the address is not known.
    [[nodiscard]] const base::MacAddress* find(const base::IpAddress& ip) const {
        const Row& row = rows_[row_of(ip)];
        return row.used && row.ip == ip ? &row.mac : nullptr;
    }

    /// True when that was news: writes only then, so that a known neighbour's line stays clean.
    bool learn(const base::IpAddress& ip, const base::MacAddress& mac) {
        Row& row = rows_[row_of(ip)];
        if (row.used && row.ip == ip && row.mac == mac) [[likely]] {
            return false;
        }
        row = {ip, mac, true};
        return true;
    }

  private:
    struct Row {
        base::IpAddress ip;
        base::MacAddress mac;
        bool used = false;
    };
    static_assert(sizeof(Row) == 24);

    [[nodiscard]] static std::uint32_t row_of(const base::IpAddress& ip) {
        const std::size_t last = ip.family == base::Family::ipv4 ? 2 : 14;
        return std::uint32_t{ip.bytes[last]} << 8 | ip.bytes[last + 1];
    }

    std::span<Row> rows_;
};

}  // namespace regstorm::net
