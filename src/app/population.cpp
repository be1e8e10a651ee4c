// SPDX-License-Identifier: Apache-2.0
#include "app/population.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <netdb.h>
#include <numeric>

#include "app/group.hpp"
#include "app/plan.hpp"

namespace regstorm::app {
namespace {

/// Host part of every AoR and request URI.
std::string domain_of(const config::Scenario& scenario, const config::Auth& auth, const config::Target& target) {
    if (!auth.domain.empty()) {
        return auth.domain;
    }
    if (!target.given()) {
        return scenario.registrar.realm;
    }
    return host_of(target);
}

/// Phones of each group: first those that are counted, then the rest by weight. What rounding leaves goes to the
/// groups whose share was cut most.
std::vector<std::uint32_t> sizes_of(const config::Scenario& scenario) {
    const std::vector<config::PhoneGroup>& groups = scenario.groups;
    std::vector<std::uint32_t> sizes;
    std::uint64_t counted = 0;
    double weights = 0;
    for (const config::PhoneGroup& group : groups) {
        sizes.push_back(group.endpoints);
        counted += group.endpoints;
        weights += group.share;
    }
    if (counted > scenario.run.endpoints || (weights == 0 && counted != scenario.run.endpoints)) {
        throw PlanError("the groups count " + std::to_string(counted) + " endpoints, and run.endpoints is " +
                        std::to_string(scenario.run.endpoints) + ": make them equal, or give a group a share");
    }
    const std::uint64_t rest = scenario.run.endpoints - counted;
    double sum = 0;
    std::uint64_t given = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (groups[i].share != 0) {
            sum += groups[i].share;
            const auto until = static_cast<std::uint64_t>(std::llround(static_cast<double>(rest) * (sum / weights)));
            sizes[i] = static_cast<std::uint32_t>(until - given);
            given = until;
        }
    }
    return sizes;
}

engine::Group make_one(const config::Scenario& scenario, const config::Device& device, const config::Auth& auth,
                       const config::Target& target, const base::SocketAddress& registrar, std::uint32_t phones) {
    engine::Group group = make_group(device, auth, domain_of(scenario, auth, target));
    group.registrar = registrar;
    if (group.users && group.users->size() < phones) {
        throw PlanError("auth.users: " + auth.users + " names " + std::to_string(group.users->size()) +
                        " users, and there are " + std::to_string(phones) + " phones");
    }
    if (device.secondary_registrar.given()) {
        group.set_secondary(resolve(device.secondary_registrar));
    }
    return group;
}

/// What decides where the phones of a group send.
struct Servers {
    const config::Target* target;
    const config::Device* device;
};

/// A registrar that the scenario names.
struct Named {
    config::Target target;
    base::SocketAddress address;
    bool direct;  ///< somebody sends to it without a proxy, so that it can be reached
};

/// Each once, in the scenario's order. One behind an outbound proxy counts when it is named by its address: nobody else
/// asks the name server for it.
std::vector<Named> named_registrars(const std::vector<Servers>& servers) {
    std::vector<Named> all;
    const auto name = [&](const config::Target& target, bool direct) {
        const auto known = std::ranges::find(all, target, &Named::target);
        if (known != all.end()) {
            known->direct |= direct;
        } else if (target.given() && (direct || base::parse_ip(target.host))) {
            all.push_back({target, resolve(target), direct});
        }
    };
    for (const Servers& one : servers) {
        name(*one.target, !one.device->outbound_proxy.given());
        name(one.device->secondary_registrar, true);
    }
    return all;
}

/// Tells every group where a 3xx may lead.
void allow_redirections(std::vector<engine::Group>& groups, const std::vector<Servers>& servers) {
    const std::vector<Named> all = named_registrars(servers);
    for (std::size_t i = 0; i < groups.size() && all.size() > 1; ++i) {
        const bool by_proxy = servers[i].device->outbound_proxy.given();
        for (const Named& named : all) {
            if (by_proxy || named.direct) {
                const config::Target numeric{base::to_text(named.address.ip), named.address.udp_port};
                groups[i].add_redirection({.address = by_proxy ? groups[i].registrar : named.address,
                                           .named = named.address,
                                           .hosts = {host_of(named.target), host_of(numeric)}},
                                          host_and_port_of(named.target));
            }
        }
    }
}

}  // namespace

base::SocketAddress resolve(const config::Target& target) {
    if (const std::optional<base::IpAddress> ip = base::parse_ip(target.host)) {
        return {*ip, target.udp_port};
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(target.host.c_str(), nullptr, &hints, &found);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, [](addrinfo* list) {
        if (list != nullptr) {
            freeaddrinfo(list);
        }
    });
    if (error != 0) {
        throw PlanError("the target's name \"" + target.host + "\" cannot be resolved (" + gai_strerror(error) +
                        "): check its spelling, or write its address");
    }
    std::array<char, NI_MAXHOST> numeric{};
    const int unreadable =
        getnameinfo(found->ai_addr, found->ai_addrlen, numeric.data(), numeric.size(), nullptr, 0, NI_NUMERICHOST);
    const std::optional<base::IpAddress> ip = base::parse_ip(numeric.data());
    if (unreadable != 0 || !ip) {
        throw PlanError("the target's name \"" + target.host + "\" has neither an IPv4 nor an IPv6 address");
    }
    return {*ip, target.udp_port};
}

std::vector<engine::Group> make_groups(const config::Scenario& scenario, bool embedded,
                                       const base::SocketAddress& registrar) {
    if (scenario.groups.empty()) {
        std::vector<engine::Group> one{
            make_one(scenario, scenario.device, scenario.auth, scenario.run.target, registrar, scenario.run.endpoints)};
        allow_redirections(one, {{&scenario.run.target, &scenario.device}});
        return one;
    }
    const std::vector<std::uint32_t> sizes = sizes_of(scenario);
    std::vector<engine::Group> groups;
    std::vector<Servers> servers;
    std::uint32_t first = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const config::PhoneGroup& group = scenario.groups[i];
        if (group.target.given() && embedded) {
            throw PlanError(group.name + ": a group can have a target only when the run has one; give --target");
        }
        if (sizes[i] == 0) {
            continue;  // a share too small for this population
        }
        const config::Target& proxy = group.device.outbound_proxy;
        const config::Target& target = group.target.given() ? group.target : scenario.run.target;
        const bool own = group.target.given() || proxy.given();
        const base::SocketAddress address = own ? resolve(proxy.given() ? proxy : target) : registrar;
        groups.push_back(make_one(scenario, group.device, group.auth, target, address, sizes[i]));
        groups.back().name = group.name;
        groups.back().first_number = first;
        servers.push_back({&target, &group.device});
        first += sizes[i];
    }
    allow_redirections(groups, servers);
    return groups;
}

std::uint32_t start_stride(std::uint32_t endpoints, std::size_t groups) {
    if (groups < 2 || endpoints < 3) {
        return 1;
    }
    // Steps of the golden ratio spread any block of numbers evenly over time.
    auto stride = static_cast<std::uint32_t>(endpoints * 0.6180339887);
    while (std::gcd(stride, endpoints) != 1) {
        ++stride;
    }
    return stride;
}

}  // namespace regstorm::app
