// SPDX-License-Identifier: Apache-2.0
// Mbufs of one segment, taken from their pool and given back without a look at their second cache line. DPDK's own
// rte_pktmbuf_alloc_bulk() and rte_pktmbuf_free_bulk() read and write it, and on a memory port it must come from the
// other core each time. What lies in a pool is known (rte_mbuf_raw_alloc() in rte_mbuf.h): one segment, one reference,
// nothing after it.
#pragma once

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <span>

namespace regstorm::port {

/// Fills `mbufs` with empty ones from `pool`; false, and none, when it has not as many.
[[nodiscard]] inline bool take_mbufs(rte_mempool* pool, std::span<rte_mbuf*> mbufs) {
    if (rte_mempool_get_bulk(pool, reinterpret_cast<void**>(mbufs.data()), static_cast<unsigned>(mbufs.size())) != 0) {
        return false;
    }
    for (rte_mbuf* const mbuf : mbufs) {
        mbuf->data_off = RTE_PKTMBUF_HEADROOM;  // some drivers write a header of theirs before the frame
        mbuf->ol_flags = 0;
    }
    return true;
}

/// Gives them back to their pools, whatever a driver has made of them.
inline void give_back(std::span<rte_mbuf*> mbufs) {
    bool whole = !mbufs.empty();
    for (const rte_mbuf* const mbuf : mbufs) {
        whole &= mbuf->nb_segs == 1 && rte_mbuf_refcnt_read(mbuf) == 1 && RTE_MBUF_DIRECT(mbuf) &&
                 mbuf->pool == mbufs.front()->pool;
    }
    if (whole) [[likely]] {
        rte_mempool_put_bulk(mbufs.front()->pool, reinterpret_cast<void**>(mbufs.data()),
                             static_cast<unsigned>(mbufs.size()));
    } else {
        rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(mbufs.size()));
    }
}

}  // namespace regstorm::port
