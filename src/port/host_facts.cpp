// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/host_facts.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace regstorm::port {
namespace {

namespace fs = std::filesystem;

/// First line of a file, without its end; empty when it cannot be read.
std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::uint64_t number(std::string_view text, int base = 10) {
    if (base == 16 && text.starts_with("0x")) {
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

std::uint64_t number_in(const fs::path& path) { return number(first_line(path)); }

std::vector<std::string> words(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> found;
    for (std::string word; stream >> word;) {
        found.push_back(word);
    }
    return found;
}

/// Names in a folder, sorted: the messages that list them must not depend on the file system.
std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// The number behind a label at the start of a line: "MemAvailable:   123 kB", "CapEff:\t000..".
std::string value_after(const fs::path& path, std::string_view label) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(label)) {
            const std::vector<std::string> found = words(line.substr(label.size()));
            return found.empty() ? std::string{} : found.front();
        }
    }
    return {};
}

std::string link_name(const fs::path& path) {
    std::error_code error;
    return fs::read_symlink(path, error).filename().string();
}

/// "0-3,8" is five CPUs.
unsigned count_of_list(const std::string& list) {
    unsigned count = 0;
    std::istringstream stream(list);
    for (std::string range; std::getline(stream, range, ',');) {
        const std::size_t dash = range.find('-');
        const std::uint64_t first = number(range.substr(0, dash));
        const std::uint64_t last = dash == std::string::npos ? first : number(range.substr(dash + 1));
        count += static_cast<unsigned>(last - first + 1);
    }
    return count;
}

std::set<std::string> default_route_interfaces(const fs::path& root) {
    constexpr std::uint64_t rtf_reject = 0x200;
    std::set<std::string> found;
    std::ifstream ipv4(root / "proc/net/route");
    for (std::string line; std::getline(ipv4, line);) {
        const std::vector<std::string> column = words(line);
        if (column.size() > 7 && column[1] == "00000000" && column[7] == "00000000") {
            found.insert(column[0]);
        }
    }
    std::ifstream ipv6(root / "proc/net/ipv6_route");
    for (std::string line; std::getline(ipv6, line);) {
        const std::vector<std::string> column = words(line);
        if (column.size() > 9 && number(column[0], 16) == 0 && column[1] == "00" && column[9] != "lo" &&
            (number(column[8], 16) & rtf_reject) == 0) {
            found.insert(column[9]);
        }
    }
    return found;
}

/// Bridges, bonds and VLANs that stand on this interface; a stack of four is more than anybody builds.
bool carries_route(const fs::path& net, const std::string& name, const std::set<std::string>& routes, int depth = 4) {
    if (routes.contains(name)) {
        return true;
    }
    constexpr std::string_view prefix = "upper_";
    for (const std::string& entry : depth > 0 ? names_in(net / name) : std::vector<std::string>{}) {
        if (entry.starts_with(prefix) && carries_route(net, entry.substr(prefix.size()), routes, depth - 1)) {
            return true;
        }
    }
    return false;
}

/// Names from /proc/net/dev, which follows the network namespace; the rest from /sys, where it knows the name.
std::vector<InterfaceFacts> gather_interfaces(const fs::path& root) {
    constexpr std::uint64_t iff_up = 1;
    constexpr std::uint64_t arphrd_ether = 1;
    const std::set<std::string> routes = default_route_interfaces(root);
    const fs::path net = root / "sys/class/net";
    std::vector<InterfaceFacts> found;
    std::ifstream table(root / "proc/net/dev");
    for (std::string line; std::getline(table, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        InterfaceFacts interface;
        interface.name = words(line.substr(0, colon)).front();
        const std::string flags = first_line(net / interface.name / "flags");
        if (!flags.empty()) {
            interface.up = (number(flags, 16) & iff_up) != 0;
            interface.ethernet = number_in(net / interface.name / "type") == arphrd_ether;
            interface.mtu = static_cast<std::uint32_t>(number_in(net / interface.name / "mtu"));
        }
        const std::string tun_flags = first_line(net / interface.name / "tun_flags");
        if (!tun_flags.empty()) {
            constexpr std::uint64_t tap_and_multi_queue = 0x0002 | 0x0100;
            interface.tap_for_dpdk = (number(tun_flags, 16) & tap_and_multi_queue) == tap_and_multi_queue;
        }
        interface.default_route = carries_route(net, interface.name, routes);
        found.push_back(std::move(interface));
    }
    return found;
}

std::vector<HugePageFacts> gather_huge_pages(const fs::path& root) {
    std::vector<HugePageFacts> found;
    const fs::path folder = root / "sys/kernel/mm/hugepages";
    for (const std::string& name : names_in(folder)) {
        constexpr std::string_view prefix = "hugepages-";
        if (name.starts_with(prefix)) {
            found.push_back({number(std::string_view(name).substr(prefix.size())) * 1024,
                             number_in(folder / name / "nr_hugepages"), number_in(folder / name / "free_hugepages")});
        }
    }
    return found;
}

std::vector<PciFacts> gather_pci(const fs::path& root) {
    constexpr std::uint64_t network_controller = 0x02;
    std::vector<PciFacts> found;
    const fs::path folder = root / "sys/bus/pci/devices";
    for (const std::string& address : names_in(folder)) {
        const fs::path device = folder / address;
        PciFacts facts;
        facts.address = address;
        facts.driver = link_name(device / "driver");
        facts.interfaces = names_in(device / "net");
        // A virtio NIC hides its interface one level down.
        for (const std::string& child : names_in(device)) {
            if (child.starts_with("virtio")) {
                for (const std::string& name : names_in(device / child / "net")) {
                    facts.interfaces.push_back(name);
                }
            }
        }
        std::error_code error;
        facts.iommu_group = fs::exists(device / "iommu_group", error);
        facts.network_class = number(first_line(device / "class"), 16) >> 16 == network_controller;
        const std::string node = first_line(device / "numa_node");
        facts.numa_node = node.empty() || node.front() == '-' ? -1 : static_cast<int>(number(node));
        found.push_back(std::move(facts));
    }
    return found;
}

/// Of IPv4 and IPv6 sockets, sorted.
std::vector<std::uint16_t> gather_udp_ports(const fs::path& root) {
    std::set<std::uint16_t> taken;
    for (const char* table : {"proc/net/udp", "proc/net/udp6"}) {
        std::ifstream file(root / table);
        for (std::string line; std::getline(file, line);) {
            const std::vector<std::string> column = words(line);
            const std::size_t colon = column.size() > 1 ? column[1].find(':') : std::string::npos;
            if (colon != std::string::npos) {
                taken.insert(static_cast<std::uint16_t>(number(column[1].substr(colon + 1), 16)));
            }
        }
    }
    return {taken.begin(), taken.end()};
}

/// The first CPU's: "flags : fpu vme ...".
std::vector<std::string> gather_cpu_flags(const fs::path& root) {
    std::ifstream file(root / "proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("flags") && line.find(':') != std::string::npos) {
            return words(line.substr(line.find(':') + 1));
        }
    }
    return {};
}

std::uint64_t memlock_bytes(const fs::path& root) {
    const std::string soft = value_after(root / "proc/self/limits", "Max locked memory");
    return soft == "unlimited" ? UINT64_MAX : number(soft);
}

}  // namespace

const InterfaceFacts* HostFacts::find_interface(const std::string& name) const {
    const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                    [&](const InterfaceFacts& interface) { return interface.name == name; });
    return found == interfaces.end() ? nullptr : &*found;
}

HostFacts gather_host_facts(const fs::path& root) {
    std::error_code error;
    HostFacts facts;
    facts.interfaces = gather_interfaces(root);
    facts.huge_pages = gather_huge_pages(root);
    facts.pci_devices = gather_pci(root);
    facts.capabilities = number(value_after(root / "proc/self/status", "CapEff:"), 16);
    facts.memlock_bytes = memlock_bytes(root);
    facts.rmem_bytes_max = number_in(root / "proc/sys/net/core/rmem_max");
    facts.wmem_bytes_max = number_in(root / "proc/sys/net/core/wmem_max");
    facts.available_bytes = number(value_after(root / "proc/meminfo", "MemAvailable:")) * 1024;
    facts.clock_source = first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
    facts.isolated_cpus = first_line(root / "sys/devices/system/cpu/isolated");
    facts.governor = first_line(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    facts.executable = fs::read_symlink(root / "proc/self/exe", error).string();
    facts.cpus_online = count_of_list(first_line(root / "sys/devices/system/cpu/online"));
    facts.numa_nodes = count_of_list(first_line(root / "sys/devices/system/node/online"));
    const std::vector<std::string> loads = words(first_line(root / "proc/loadavg"));
    facts.load = loads.empty() ? 0 : std::strtod(loads.front().c_str(), nullptr);
    facts.cpu_flags = gather_cpu_flags(root);
    facts.udp_ports_taken = gather_udp_ports(root);
    facts.tun_device = fs::exists(root / "dev/net/tun", error);
    facts.iommu = !names_in(root / "sys/kernel/iommu_groups").empty();
    facts.vfio_loaded = fs::exists(root / "sys/module/vfio_pci", error);
    facts.vfio_noiommu = first_line(root / "sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == "Y";
    return facts;
}

}  // namespace regstorm::port
