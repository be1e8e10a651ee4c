// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/link_config.hpp"

#include "regstorm/net/bytes.hpp"
#include "regstorm/net/ethernet.hpp"
#include "regstorm/net/own_addresses.hpp"
#include "regstorm/net/resolver.hpp"

namespace regstorm::net {
namespace {

std::uint32_t low_bits(const base::IpAddress& ip) {
    return ip.family == base::Family::ipv4 ? ip.ipv4() : load_be32(reinterpret_cast<const char*>(ip.bytes.data()) + 12);
}

std::string find_source_fault(const LinkConfig& config) {
    const bool ipv4 = config.first_source.family == base::Family::ipv4;
    const std::uint8_t first_byte = config.first_source.bytes[0];
    if (config.source_count == 0 || config.source_count > source_count_max) {
        return "a link has 1 to 65536 source addresses, not " + std::to_string(config.source_count);
    }
    if (config.source_count - 1 > ~low_bits(config.first_source)) {
        return "the source range runs over the last address";
    }
    if (config.first_source == base::IpAddress{{}, config.first_source.family} ||
        (ipv4 ? low_bits(config.first_source) + (config.source_count - 1) >= 0xe0000000 || first_byte == 0
              : first_byte == 0xff)) {
        return base::to_text(config.first_source) + " and the addresses behind it cannot be sources";
    }
    if (config.prefix_length > (ipv4 ? 32 : 128)) {
        return "a prefix has up to " + std::string(ipv4 ? "32" : "128") + " bits, not " +
               std::to_string(config.prefix_length);
    }
    return {};
}

std::string find_remote_fault(const LinkConfig& config) {
    const base::Family family = config.first_source.family;
    if (config.gateway && config.gateway->family != family) {
        return "the gateway " + base::to_text(*config.gateway) + " is of another IP version than the sources";
    }
    if (config.remotes.size() >= next_hops_max) {
        return "a link keeps " + std::to_string(next_hops_max - 1) + " remotes resolved, not " +
               std::to_string(config.remotes.size());
    }
    LinkConfig alone = config;
    alone.remotes.clear();
    alone.gateway.reset();
    const Resolver on_link(alone);
    if (config.gateway && on_link.next_hop_of(*config.gateway) == nullptr) {
        return "the gateway " + base::to_text(*config.gateway) + " is not inside " +
               base::to_text(config.first_source) + "/" + std::to_string(config.prefix_length);
    }
    for (const base::IpAddress& remote : config.remotes) {
        if (remote.family != family) {
            return base::to_text(remote) + " is of another IP version than the sources";
        }
        if (!config.gateway && on_link.next_hop_of(remote) == nullptr) {
            return base::to_text(remote) + " is not inside " + base::to_text(config.first_source) + "/" +
                   std::to_string(config.prefix_length) + ", and there is no gateway";
        }
    }
    return {};
}

}  // namespace

std::string find_fault(const LinkConfig& config) {
    if (std::string fault = find_source_fault(config); !fault.empty()) {
        return fault;
    }
    if (config.vlan_id && (*config.vlan_id == 0 || *config.vlan_id > vlan_id_max)) {
        return "a VLAN id is 1 to 4094, not " + std::to_string(*config.vlan_id);
    }
    if (config.udp_ports.empty()) {
        return "a link needs UDP ports";
    }
    for (const UdpPortRange& range : config.udp_ports) {
        if (range.first == 0 || range.first > range.last) {
            return "UDP ports " + std::to_string(range.first) + "-" + std::to_string(range.last) + " are no range";
        }
    }
    return find_remote_fault(config);
}

OwnAddresses::OwnAddresses(const LinkConfig& config, base::Arena& arena)
    : first_(config.first_source),
      first_low_(low_bits(config.first_source)),
      count_(config.source_count),
      udp_ports_(arena.make<std::uint64_t>(words)) {
    for (const UdpPortRange& range : config.udp_ports) {
        for (std::uint32_t udp_port = range.first; udp_port <= range.last; ++udp_port) {
            udp_ports_[udp_port / 64] |= std::uint64_t{1} << (udp_port % 64);
        }
    }
}

}  // namespace regstorm::net
