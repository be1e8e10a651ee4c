// SPDX-License-Identifier: Apache-2.0
// `bad` is kept for what makes results wrong; everything that only makes them smaller is a warning. A port that needs
// a thing says so itself, in preflight().
#include "regstorm/port/doctor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "regstorm/base/units.hpp"

namespace regstorm::port {
namespace {

Check check_cpus(const HostFacts& facts) {
    Check check{"CPUs", Verdict::ok, fmt::format("{} online", facts.cpus_online), {}, {}};
    if (facts.cpus_online < 2) {
        check.verdict = Verdict::warn;
        check.fix = "give the machine two CPUs or more";
        check.worth = "with one, the worker and the live view take turns, and the view delays registrations";
    }
    return check;
}

Check check_simd(const HostFacts& facts) {
    std::string finding;
    for (const std::string_view flag : {"sha_ni", "avx2", "avx512bw"}) {
        const bool there = std::ranges::find(facts.cpu_flags, flag) != facts.cpu_flags.end();
        finding += there ? fmt::format("{}{}", finding.empty() ? "" : ", ", flag) : "";
    }
    return {"SIMD", Verdict::ok, finding.empty() ? "none of sha_ni, avx2, avx512bw" : finding, {}, {}};
}

Check check_other_work(const HostFacts& facts) {
    // One core is the worker's, and at most one more the registrar's or the view's.
    const bool crowded = facts.cpus_online != 0 && facts.load > facts.cpus_online / 2.0;
    Check check{
        "other work", Verdict::ok, fmt::format("load {:.2f} on {} CPUs", facts.load, facts.cpus_online), {}, {}};
    if (crowded) {
        check.verdict = Verdict::warn;
        check.fix = "top -o %CPU shows what runs; stop it, or start regstorm with nice -n -10";
        check.worth = "a worker that waits for its core sends late, and the run is called generator-limited";
    }
    return check;
}

Check check_isolation(const HostFacts& facts) {
    if (!facts.isolated_cpus.empty()) {
        return {"CPU isolation", Verdict::ok, fmt::format("isolated: {}", facts.isolated_cpus), {}, {}};
    }
    return {"CPU isolation", Verdict::warn, "no CPU is kept free of other work",
            "boot with isolcpus=1-N nohz_full=1-N and give those to --workers",
            "steadier p99.9 of send_lag; the rates hardly change"};
}

Check check_governor(const HostFacts& facts) {
    if (facts.governor.empty() || facts.governor == "performance") {
        return {"CPU governor",
                Verdict::ok,
                facts.governor.empty() ? "none (a virtual machine, as a rule)" : facts.governor,
                {},
                {}};
    }
    return {"CPU governor", Verdict::warn, facts.governor,
            "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
            "full clock from the first second, so that short runs compare with long ones"};
}

Check check_clock(const HostFacts& facts) {
    if (facts.clock_source == "tsc" || facts.clock_source == "kvm-clock" || facts.clock_source == "arch_sys_counter") {
        return {"clock source", Verdict::ok, facts.clock_source, {}, {}};
    }
    return {"clock source", facts.clock_source.empty() ? Verdict::warn : Verdict::bad,
            facts.clock_source.empty() ? "unknown" : facts.clock_source,
            "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
            "every reading of the clock becomes a system call otherwise, and latencies grow by it"};
}

Check check_huge_pages(const HostFacts& facts) {
    std::uint64_t free_bytes = 0;
    for (const HugePageFacts& pages : facts.huge_pages) {
        free_bytes += pages.free * pages.page_bytes;
    }
    Check check{"huge pages", Verdict::ok, fmt::format("{} MiB free", free_bytes / base::mib), {}, {}};
    if (free_bytes == 0) {
        check.verdict = Verdict::warn;
        check.finding = "none reserved";
        check.fix = "sudo sysctl -w vm.nr_hugepages=1024";
        check.worth = "pci: ports need them; other ports run without, with more TLB misses above a million endpoints";
    }
    return check;
}

Check check_memlock(const HostFacts& facts) {
    constexpr std::uint64_t wanted = 64 * base::mib;
    if (facts.has(Capability::ipc_lock) || facts.memlock_bytes >= wanted) {
        return {"locked memory",
                Verdict::ok,
                facts.memlock_bytes == UINT64_MAX || facts.has(Capability::ipc_lock)
                    ? "unlimited"
                    : fmt::format("{} MiB", facts.memlock_bytes / base::mib),
                {},
                {}};
    }
    return {"locked memory", Verdict::warn, fmt::format("{} MiB", facts.memlock_bytes / base::mib),
            fmt::format("sudo prlimit --pid $$ --memlock={}", wanted),
            "af_packet: and af_xdp: ports of an ordinary user"};
}

Check check_buffers(const HostFacts& facts) {
    constexpr std::uint64_t wanted = 16 * base::mib;
    const std::string finding =
        fmt::format("receive {} KiB, send {} KiB at most", facts.rmem_bytes_max / 1024, facts.wmem_bytes_max / 1024);
    if ((facts.rmem_bytes_max >= wanted && facts.wmem_bytes_max >= wanted) || facts.has(Capability::net_admin)) {
        return {"socket buffers", Verdict::ok, finding, {}, {}};
    }
    return {"socket buffers", Verdict::warn, finding,
            fmt::format("sudo sysctl -w net.core.rmem_max={0} net.core.wmem_max={0}", wanted),
            "udp: ports lose no answers in a burst; small buffers overflow after a few milliseconds"};
}

Check check_capabilities(const HostFacts& facts) {
    const bool all =
        facts.has(Capability::net_raw) && facts.has(Capability::net_admin) && facts.has(Capability::sys_admin);
    if (all) {
        return {"capabilities", Verdict::ok, "all that af_packet:, af_xdp: and tap: need", {}, {}};
    }
    return {"capabilities", Verdict::warn, "memory and udp: ports only",
            fmt::format("sudo setcap cap_net_raw,cap_net_admin,cap_sys_admin,cap_ipc_lock=ep {}",
                        facts.executable.empty() ? "regstorm" : facts.executable),
            "af_packet:, af_xdp: and tap: ports without being root"};
}

Check check_iommu(const HostFacts& facts) {
    if (facts.iommu) {
        return {"IOMMU", Verdict::ok, "on", {}, {}};
    }
    return {"IOMMU", Verdict::warn, facts.vfio_noiommu ? "off, vfio runs without it" : "off",
            "boot with intel_iommu=on or amd_iommu=on", "pci: ports through vfio-pci; nothing else needs it"};
}

Check check_numa(const HostFacts& facts) {
    Check check{
        "NUMA", Verdict::ok, fmt::format("{} node{}", facts.numa_nodes, facts.numa_nodes == 1 ? "" : "s"), {}, {}};
    if (facts.numa_nodes > 1) {
        check.verdict = Verdict::warn;
        check.fix = "numactl --cpunodebind=N --membind=N with the node of the NIC";
        check.worth = "memory of another node answers later, and every endpoint that is touched pays for it";
    }
    return check;
}

/// Which --port can open.
Check check_ports(const HostFacts& facts) {
    const bool raw = facts.has(Capability::net_raw);
    const bool admin = facts.has(Capability::net_admin);
    const bool vfio = std::ranges::any_of(facts.pci_devices, [](const PciFacts& device) {
        return device.network_class && (device.driver == "vfio-pci" || device.driver == "uio_pci_generic");
    });
    std::string can = "memory, udp";
    can += raw ? ", af_packet" : "";
    can += raw && admin && facts.has(Capability::sys_admin) ? ", af_xdp" : "";
    can += admin && facts.tun_device ? ", tap" : "";
    can += vfio ? ", pci" : "";
    if (admin && !facts.tun_device) {
        return {"ports", Verdict::warn, can, "sudo modprobe tun", "tap: ports need /dev/net/tun"};
    }
    return {"ports", Verdict::ok, can, {}, {}};
}

Check check_sip_port(const HostFacts& facts) {
    constexpr std::uint16_t sip = 5060;
    if (std::ranges::find(facts.udp_ports_taken, sip) == facts.udp_ports_taken.end()) {
        return {"UDP port 5060", Verdict::ok, "free", {}, {}};
    }
    return {"UDP port 5060", Verdict::warn, "taken", "ss -ulpn 'sport = :5060' says by whom",
            "regstorm registrar listens there, unless --listen names another"};
}

/// NICs that could carry a pci: port and do not.
Check check_binding(const HostFacts& facts) {
    for (const PciFacts& device : facts.pci_devices) {
        const bool busy = std::ranges::any_of(device.interfaces, [&](const std::string& name) {
            const InterfaceFacts* interface = facts.find_interface(name);
            return interface != nullptr && interface->default_route;
        });
        if (device.network_class && !busy && device.driver != "vfio-pci" && device.driver != "uio_pci_generic") {
            return {"NIC binding", Verdict::warn,
                    fmt::format("{} is with {}", device.address, device.driver.empty() ? "no driver" : device.driver),
                    fmt::format("sudo modprobe vfio-pci && sudo dpdk-devbind.py -b vfio-pci {}", device.address),
                    "a pci: port on it; the kernel loses the interface until it is bound back"};
        }
    }
    return {"NIC binding", Verdict::ok, facts.vfio_loaded ? "vfio-pci is loaded" : "no NIC to spare", {}, {}};
}

Check check_nics(const HostFacts& facts) {
    std::string finding;
    for (const PciFacts& device : facts.pci_devices) {
        if (!device.network_class) {
            continue;
        }
        finding += fmt::format("{}{} {}", finding.empty() ? "" : ", ", device.address,
                               device.driver.empty() ? "no driver" : device.driver);
        finding += device.numa_node >= 0 && facts.numa_nodes > 1 ? fmt::format(", node {}", device.numa_node) : "";
        for (const std::string& interface : device.interfaces) {
            const InterfaceFacts* found = facts.find_interface(interface);
            finding +=
                fmt::format(" ({}{})", interface, found != nullptr && found->default_route ? ", default route" : "");
        }
    }
    return {"network devices", Verdict::ok, finding.empty() ? "none on PCI" : finding, {}, {}};
}

}  // namespace

std::vector<Check> diagnose(const HostFacts& facts) {
    return {check_cpus(facts),     check_simd(facts),         check_other_work(facts), check_isolation(facts),
            check_governor(facts), check_clock(facts),        check_huge_pages(facts), check_memlock(facts),
            check_buffers(facts),  check_capabilities(facts), check_iommu(facts),      check_numa(facts),
            check_nics(facts),     check_binding(facts),      check_ports(facts),      check_sip_port(facts)};
}

}  // namespace regstorm::port
