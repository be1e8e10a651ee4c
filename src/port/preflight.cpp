// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/preflight.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "regstorm/base/nearest.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::port {
namespace {

struct Need {
    Capability capability;
    std::string_view name;
};
constexpr Need net_raw{Capability::net_raw, "cap_net_raw"};
constexpr Need net_admin{Capability::net_admin, "cap_net_admin"};
/// CAP_BPF and CAP_PERFMON load the program of af_xdp, but libxdp 1.3 then looks its maps up by number, and the kernel
/// lets only CAP_SYS_ADMIN do that.
constexpr Need sys_admin{Capability::sys_admin, "cap_sys_admin"};

/// What one queue pins: af_packet maps its rings locked (two of 4096 slots of 2 KiB), af_xdp its packet buffers
/// (9216 of 4 KiB). eth_driver.cpp has the sizes.
constexpr std::uint64_t af_packet_locked_bytes = 16 * base::mib;
constexpr std::uint64_t af_xdp_locked_bytes = 40 * base::mib;
/// What one page holds beside the headers of mempool, mbuf, kernel and Ethernet.
constexpr std::uint32_t af_xdp_mtu_max = 3438;

class Checks {
  public:
    Checks(const PortSpec& spec, const PreflightOptions& options, const HostFacts& facts)
        : spec_(spec), options_(options), facts_(facts) {}

    [[nodiscard]] std::vector<Problem> take() && { return std::move(problems_); }

    /// A whole set at once, because setcap replaces what was there.
    void capabilities(std::initializer_list<Need> needs) {
        std::string missing;
        std::string all;
        for (const Need& need : needs) {
            if (!facts_.has(need.capability)) {
                missing += fmt::format("{}{}", missing.empty() ? "" : ", ", need.name);
            }
            all += fmt::format("{},", need.name);
        }
        if (!missing.empty()) {
            add(fmt::format("needs {}", missing),
                fmt::format("run as root, or: sudo setcap {}cap_ipc_lock=ep {}", all,
                            facts_.executable.empty() ? "regstorm" : facts_.executable));
        }
    }

    void locked_memory(std::uint64_t bytes_per_queue) {
        const std::uint64_t bytes = bytes_per_queue * options_.queues;
        if (!facts_.has(Capability::ipc_lock) && facts_.memlock_bytes < bytes) {
            add(fmt::format("may lock {} MiB of memory, needs {} MiB", facts_.memlock_bytes / base::mib,
                            bytes / base::mib),
                fmt::format("sudo prlimit --pid $$ --memlock={}", bytes));
        }
    }

    void interface() {
        const InterfaceFacts* found = facts_.find_interface(spec_.device);
        if (found == nullptr) {
            missing_interface();
            return;
        }
        if (!found->ethernet) {
            add(fmt::format("{} is no Ethernet interface", spec_.device), "ip -brief link");
        } else if (found->up == false) {
            add(fmt::format("{} is down", spec_.device), fmt::format("sudo ip link set {} up", spec_.device));
        }
    }

    void mtu(std::uint32_t mtu_max) {
        const InterfaceFacts* found = facts_.find_interface(spec_.device);
        if (found != nullptr && found->mtu > mtu_max) {
            add(fmt::format("{} has an MTU of {}, this port can do {}", spec_.device, found->mtu, mtu_max),
                fmt::format("sudo ip link set {} mtu 1500", spec_.device));
        }
    }

    /// A port that takes the traffic away from the kernel would cut the machine off, SSH session first.
    void default_route(const std::string& interface) {
        const InterfaceFacts* found = facts_.find_interface(interface);
        if (found != nullptr && found->default_route && !options_.take_default_route) {
            add(fmt::format("{} carries the default route; this port would take it from the kernel and cut this "
                            "machine off",
                            interface),
                fmt::format("use another interface, or --port af_packet:{}, or --take-default-route if you mean it",
                            interface));
        }
    }

    void tun() {
        if (!facts_.tun_device) {
            add("there is no /dev/net/tun", "sudo modprobe tun");
        }
    }

    /// The driver makes the tap, or attaches to one of exactly its own kind.
    void existing_tap() {
        const InterfaceFacts* found = facts_.find_interface(spec_.device);
        if (found != nullptr && found->up.has_value() && found->tap_for_dpdk != true) {  // else /sys does not know it
            add(fmt::format("{} exists and is no multi-queue tap", spec_.device),
                fmt::format(
                    "another name, or: sudo ip link delete {0} && sudo ip tuntap add dev {0} mode tap multi_queue",
                    spec_.device));
        }
    }

    void pci() {
        const auto found = std::find_if(facts_.pci_devices.begin(), facts_.pci_devices.end(),
                                        [&](const PciFacts& device) { return device.address == spec_.device; });
        if (found == facts_.pci_devices.end() || !found->network_class) {
            missing_pci(found != facts_.pci_devices.end());
            return;
        }
        for (const std::string& interface : found->interfaces) {
            default_route(interface);
        }
        driver(*found);
        huge_pages();
    }

  private:
    void add(std::string what, std::string fix) {
        problems_.push_back({fmt::format("port {}: {}", to_text(spec_), what), std::move(fix)});
    }

    void missing_interface() {
        std::vector<std::string_view> names;
        for (const InterfaceFacts& interface : facts_.interfaces) {
            names.push_back(interface.name);
        }
        const std::string_view meant = base::nearest(spec_.device, names);
        add(fmt::format("there is no interface {}; there are: {}", spec_.device, fmt::join(names, ", ")),
            meant.empty() ? "ip -brief link" : fmt::format("did you mean {}?", meant));
    }

    void missing_pci(bool exists) {
        std::vector<std::string_view> addresses;
        for (const PciFacts& device : facts_.pci_devices) {
            if (device.network_class) {
                addresses.push_back(device.address);
            }
        }
        const std::string_view meant = base::nearest(spec_.device, addresses);
        add(fmt::format("{} {}; network devices: {}", spec_.device, exists ? "is no network device" : "does not exist",
                        addresses.empty() ? "none" : fmt::format("{}", fmt::join(addresses, ", "))),
            meant.empty() || exists ? "lspci -D -d ::0200" : fmt::format("did you mean {}?", meant));
    }

    void driver(const PciFacts& device) {
        constexpr std::array<std::string_view, 5> usable{"vfio-pci", "uio_pci_generic", "igb_uio", "mlx5_core",
                                                         "mlx4_core"};
        if (std::find(usable.begin(), usable.end(), device.driver) == usable.end()) {
            add(fmt::format("{} is driven by {}, which keeps DPDK out", device.address,
                            device.driver.empty() ? "nothing" : device.driver),
                fmt::format("sudo modprobe vfio-pci && echo vfio-pci | sudo tee "
                            "/sys/bus/pci/devices/{0}/driver_override && {1}echo {0} | sudo tee "
                            "/sys/bus/pci/drivers_probe",
                            device.address,
                            device.driver.empty() ? std::string{}
                                                  : fmt::format("echo {0} | sudo tee "
                                                                "/sys/bus/pci/devices/{0}/driver/unbind && ",
                                                                device.address)));
        }
        const bool through_vfio = device.driver == "vfio-pci" || device.driver.empty() ||
                                  std::find(usable.begin(), usable.end(), device.driver) == usable.end();
        if (through_vfio && !device.iommu_group && !facts_.vfio_noiommu) {
            add("vfio-pci finds no IOMMU",
                "boot with intel_iommu=on or amd_iommu=on, or, on a test machine: sudo modprobe vfio && "
                "echo 1 | sudo tee /sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
        }
    }

    void huge_pages() {
        // Two pools of 3072 buffers of 4.3 KiB a queue, and DPDK's own: start_eal() knows the exact number.
        const std::uint64_t bytes = 32 * base::mib + options_.queues * 32 * base::mib;
        std::uint64_t free_bytes = 0;
        for (const HugePageFacts& pages : facts_.huge_pages) {
            free_bytes = std::max(free_bytes, pages.free * pages.page_bytes);
        }
        if (free_bytes < bytes) {
            add(fmt::format("needs {} MiB of free huge pages, there are {} MiB", bytes / base::mib,
                            free_bytes / base::mib),
                fmt::format("sudo sysctl -w vm.nr_hugepages={}", bytes / (2 * base::mib)));
        }
    }

    const PortSpec& spec_;
    const PreflightOptions& options_;
    const HostFacts& facts_;
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> preflight(const PortSpec& spec, const PreflightOptions& options, const HostFacts& facts) {
    Checks checks(spec, options, facts);
    switch (spec.kind) {
        case PortKind::memory:
        case PortKind::udp:
            break;
        case PortKind::af_packet:
            checks.interface();
            checks.capabilities({net_raw});
            checks.locked_memory(af_packet_locked_bytes);
            break;
        case PortKind::af_xdp:
            checks.interface();
            checks.default_route(spec.device);
            checks.capabilities({net_raw, net_admin, sys_admin});
            checks.mtu(af_xdp_mtu_max);
            checks.locked_memory(af_xdp_locked_bytes);
            break;
        case PortKind::tap:
            checks.tun();
            checks.existing_tap();
            checks.capabilities({net_admin});
            break;
        case PortKind::pci:
            checks.pci();
            break;
    }
    return std::move(checks).take();
}

}  // namespace regstorm::port
