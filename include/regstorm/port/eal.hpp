// SPDX-License-Identifier: Apache-2.0
// DPDK's environment layer, brought up by the program itself: nobody types EAL arguments. Once per process; it stays
// up until the process ends (rte_eal_cleanup() would take 50 ms to give back what exit gives back for nothing).
//
// Two kinds of memory. Huge pages where enough are reserved and we may use them: anonymous ones (--in-memory), so no
// mount, no files, several instances side by side. Ordinary pages otherwise (--no-huge), which any user may have;
// packet buffers then live in our own mapping, which the kernel may back with transparent huge pages.
//
// Cost, measured on 2 cores: 120 ms of 170 ms are DPDK timing the TSC and 50 ms loading every driver plug-in of
// Debian; the first start after boot reads 190 libraries from disk and takes 500 ms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regstorm/base/units.hpp"

namespace regstorm::port {

enum class MemoryMode : std::uint8_t { huge_pages, ordinary_pages };

struct EalOptions {
    std::uint64_t memory_bytes = 0;            ///< what all ports need together: the sum of memory_needed()
    std::vector<std::string> pci_addresses{};  ///< the devices to take; none: the PCI bus is not looked at
    bool ordinary_pages = false;               ///< leave huge pages alone even where there are some
    bool verbose = false;                      ///< DPDK's messages go to stderr as well
};

struct EalState {
    MemoryMode memory = MemoryMode::ordinary_pages;
    base::Nanoseconds startup_ns = 0;
};

/// Starts DPDK, or returns what the first call started. Call it before any thread exists. Throws PortError.
const EalState& start_eal(const EalOptions& options);

/// Makes the calling std::thread known to DPDK, which gives it its own cache in every mempool. Without it each mbuf
/// costs atomic operations on a ring shared by all workers. False when DPDK's 128 places are taken; it still works.
bool register_worker_thread();
/// Gives the place back; call it on the same thread before it ends, after its EthPorts are gone.
void unregister_worker_thread();

/// The last lines that DPDK wrote.
[[nodiscard]] std::string eal_log_tail();

}  // namespace regstorm::port
