// SPDX-License-Identifier: Apache-2.0
#include "mbuf_pool.hpp"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <sys/mman.h>

#include <fmt/format.h>

#include "regstorm/base/units.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {
namespace {

std::size_t round_up(std::size_t bytes) {
    return (bytes + base::huge_page_bytes - 1) / base::huge_page_bytes * base::huge_page_bytes;
}

struct Mapping {
    char* start = nullptr;  ///< on a huge page boundary
    std::size_t bytes = 0;
};

/// Reserved huge pages when there are enough, else pages that the kernel may merge into huge ones.
Mapping map_buffers(std::size_t bytes) {
    const std::size_t size = round_up(bytes);
    constexpr int common = MAP_PRIVATE | MAP_ANONYMOUS;
    void* huge = mmap(nullptr, size, PROT_READ | PROT_WRITE, common | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), -1, 0);
    if (huge != MAP_FAILED) {
        return {static_cast<char*>(huge), size};
    }
    void* area = mmap(nullptr, size + base::huge_page_bytes, PROT_READ | PROT_WRITE, common | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) {
        return {};
    }
    char* const first = static_cast<char*>(area);
    char* const start = reinterpret_cast<char*>(round_up(reinterpret_cast<std::uintptr_t>(first)));
    if (start > first) {
        munmap(first, static_cast<std::size_t>(start - first));
    }
    munmap(start + size, base::huge_page_bytes - static_cast<std::size_t>(start - first));
    madvise(start, size, MADV_HUGEPAGE);  // a wish; without it everything works, with more TLB misses
    return {start, size};
}

void unmap_buffers(rte_mempool_memhdr* memory, void*) { munmap(memory->addr, memory->len); }

[[noreturn]] void fail(const PoolOptions& options, rte_mempool* pool, int error) {
    rte_mempool_free(pool);
    throw PortError({fmt::format("no memory for {} packet buffers: {}", options.mbufs, rte_strerror(error)),
                     "fewer workers, or more memory"},
                    eal_log_tail());
}

rte_mempool* make_in_own_mapping(const PoolOptions& options) {
    const std::uint32_t element_bytes = static_cast<std::uint32_t>(sizeof(rte_mbuf)) + options.data_room;
    rte_mempool* pool = rte_mempool_create_empty(options.name.c_str(), options.mbufs, element_bytes, mbuf_cache,
                                                 sizeof(rte_pktmbuf_pool_private), options.numa_node, 0);
    if (pool == nullptr) {
        fail(options, pool, rte_errno);
    }
    rte_pktmbuf_pool_private settings{};
    settings.mbuf_data_room_size = options.data_room;
    rte_pktmbuf_pool_init(pool, &settings);
    // Last in, first out: the buffer that was read last is written next, while a cache still holds it. Through a ring,
    // which DPDK takes by default and always has, every buffer of the pool passes in turn: a run over memory is then a
    // fifth slower (ARCHITECTURE.md has the command).
    if (rte_mempool_set_ops_byname(pool, "stack", nullptr) != 0 &&
        rte_mempool_set_ops_byname(pool, "ring_mp_mc", nullptr) != 0) {
        fail(options, pool, EINVAL);
    }
    const std::size_t object_bytes = pool->header_size + pool->elt_size + pool->trailer_size;
    const Mapping mapping = map_buffers(object_bytes * options.mbufs + RTE_MEMPOOL_ALIGN);
    if (mapping.start == nullptr) {
        fail(options, pool, ENOMEM);
    }
    const int added =
        rte_mempool_populate_virt(pool, mapping.start, mapping.bytes, base::huge_page_bytes, unmap_buffers, nullptr);
    if (added != static_cast<int>(options.mbufs)) {
        if (added <= 0) {
            munmap(mapping.start, mapping.bytes);
        }
        fail(options, pool, added < 0 ? -added : ENOMEM);
    }
    rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
    return pool;
}

}  // namespace

rte_mempool* make_mbuf_pool(const PoolOptions& options) {
    if (options.memory == PoolMemory::own_mapping) {
        return make_in_own_mapping(options);
    }
    rte_mempool* pool = rte_pktmbuf_pool_create(options.name.c_str(), options.mbufs, mbuf_cache, 0, options.data_room,
                                                options.numa_node);
    if (pool == nullptr) {
        fail(options, pool, rte_errno);
    }
    return pool;
}

void free_mbuf_pool(rte_mempool* pool) { rte_mempool_free(pool); }

std::uint64_t mbuf_pool_bytes(std::uint32_t mbufs, std::uint16_t data_room) {
    const std::uint32_t object_bytes =
        rte_mempool_calc_obj_size(static_cast<std::uint32_t>(sizeof(rte_mbuf)) + data_room, 0, nullptr);
    constexpr std::uint64_t control_bytes = sizeof(rte_mempool) + sizeof(rte_mempool_cache) * RTE_MAX_LCORE;
    const std::uint64_t ring_bytes = std::uint64_t{rte_align32pow2(mbufs + 1)} * sizeof(void*);
    return round_up(std::uint64_t{object_bytes} * mbufs) + control_bytes + ring_bytes;
}

}  // namespace regstorm::port
