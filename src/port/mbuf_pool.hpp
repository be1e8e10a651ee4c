// SPDX-License-Identifier: Apache-2.0
// Packet buffers of one queue. Two sorts of memory: DPDK's own for NICs, which must reach it by DMA, and a mapping of
// ours for all others, because DPDK without huge pages maps a file that the kernel never backs with large pages,
// while an anonymous mapping gets transparent huge pages on a default Debian: one TLB entry for 470 buffers.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <string>

namespace regstorm::port {

enum class PoolMemory : std::uint8_t { own_mapping, dpdk };

struct PoolOptions {
    std::string name;
    std::uint32_t mbufs = 0;
    std::uint16_t data_room = 0;  ///< headroom included
    int numa_node = -1;
    PoolMemory memory = PoolMemory::own_mapping;
};

/// Throws PortError.
rte_mempool* make_mbuf_pool(const PoolOptions& options);
void free_mbuf_pool(rte_mempool* pool);

/// Memory that make_mbuf_pool() takes, in bytes, the caches of all lcores included.
std::uint64_t mbuf_pool_bytes(std::uint32_t mbufs, std::uint16_t data_room);

/// Mbufs a thread keeps for itself per pool; DPDK lets the cache grow to half as many again.
inline constexpr std::uint32_t mbuf_cache = 256;

}  // namespace regstorm::port
