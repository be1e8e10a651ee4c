// SPDX-License-Identifier: Apache-2.0
// What this machine offers to a port, read once from /proc and /sys before anything is opened. The root of both can
// be another folder, so that a test can describe a machine it does not run on. A file that is missing leaves the
// value at its default: containers hide half of /sys, and that is no reason to stop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace regstorm::port {

struct InterfaceFacts {
    std::string name;
    std::optional<bool> up;      ///< unknown where /sys belongs to another network namespace
    bool default_route = false;  ///< of this interface, or of a bridge, bond or VLAN above it
    bool ethernet = true;
    std::uint32_t mtu = 0;             ///< 0: unknown
    std::optional<bool> tap_for_dpdk;  ///< set for TUN/TAP devices: whether it has the flags that the driver asks for
};

struct HugePageFacts {
    std::uint64_t page_bytes = 0;
    std::uint64_t total = 0;
    std::uint64_t free = 0;
};

struct PciFacts {
    std::string address;  ///< "0000:03:00.0"
    std::string driver;   ///< empty: none is bound
    std::vector<std::string> interfaces;
    bool iommu_group = false;
    bool network_class = false;
    int numa_node = -1;
};

/// Bits of CapEff (capability.h).
enum class Capability : std::uint8_t { net_admin = 12, net_raw = 13, ipc_lock = 14, sys_admin = 21 };

struct HostFacts {
    std::vector<InterfaceFacts> interfaces;
    std::vector<HugePageFacts> huge_pages;
    std::vector<PciFacts> pci_devices;
    std::uint64_t capabilities = 0;
    std::uint64_t memlock_bytes = 0;
    std::uint64_t rmem_bytes_max = 0;
    std::uint64_t wmem_bytes_max = 0;
    std::uint64_t available_bytes = 0;
    std::string clock_source;
    std::string isolated_cpus;
    std::string governor;  ///< empty: the machine has none (most virtual ones)
    std::string executable;
    unsigned cpus_online = 0;
    unsigned numa_nodes = 0;
    double load = 0;  ///< processes that run or want to, over the last minute
    std::vector<std::string> cpu_flags;
    std::vector<std::uint16_t> udp_ports_taken;
    bool tun_device = false;
    bool iommu = false;
    bool vfio_loaded = false;
    bool vfio_noiommu = false;

    [[nodiscard]] bool has(Capability capability) const {
        return (capabilities >> static_cast<unsigned>(capability) & 1) != 0;
    }
    [[nodiscard]] const InterfaceFacts* find_interface(const std::string& name) const;
};

[[nodiscard]] HostFacts gather_host_facts(const std::filesystem::path& root = "/");

}  // namespace regstorm::port
