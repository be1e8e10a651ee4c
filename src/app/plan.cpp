// SPDX-License-Identifier: Apache-2.0
#include "app/plan.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

#include "app/evidence.hpp"
#include "app/population.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/config/misbehaviour.hpp"
#include "regstorm/config/rate_steps.hpp"
#include "regstorm/engine/sender.hpp"

namespace regstorm::app {
namespace {

/// The embedded registrar's address on the memory port; in 198.18.0.0/15, which is set aside for benchmarks
/// (RFC 2544), like the phones'.
constexpr base::SocketAddress embedded_registrar{base::IpAddress::from_ipv4(0xc613'0001), 5060};
constexpr base::IpAddress memory_sources = base::IpAddress::from_ipv4(0xc612'0001);
constexpr std::uint16_t memory_source_count = 1000;
constexpr std::uint8_t memory_prefix = 15;

/// Attempts outstanding at most with `rate = "max"`: keeps a fast registrar busy over 10 ms of round trip, and does
/// not bury a slow one.
constexpr std::uint32_t unlimited_window = 512;

/// Ports per address when phones change theirs.
constexpr std::uint32_t rebinding_ports_min = 8;

/// Up to so many phones each has a place for a challenge, whatever it does with it; beyond that the room is reckoned
/// from the rates when challenges are not kept, and a full store is called the generator's fault.
constexpr std::uint32_t own_row_endpoints_max = 1'000'000;

/// Keeps the salt from being the mix of a phone's own number, which would make its identity 0.
constexpr std::uint64_t salt_domain = 0x9e37'79b9'7f4a'7c15;

/// Challenges beyond one per endpoint that can be kept: for registrars that challenge twice (401 and 407).
constexpr std::uint32_t spare_credential_rows = 4096;

/// Answers that can wait in each lane of a registrar that delays them: half a second of a hundred thousand per second.
constexpr std::uint32_t held_answers_max = 65'536;

base::Nanoseconds ns(config::Duration duration) { return static_cast<base::Nanoseconds>(duration.count()); }
std::uint32_t seconds(config::Duration duration) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

/// Leading bits that two addresses share.
std::uint32_t common_bits(const base::IpAddress& left, const base::IpAddress& right) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < left.bytes.size() && left.bytes[i] == right.bytes[i]; ++i) {
        bits += 8;
    }
    if (bits < 8 * left.bytes.size()) {
        const auto difference = static_cast<std::uint8_t>(left.bytes[bits / 8] ^ right.bytes[bits / 8]);
        bits += static_cast<std::uint32_t>(std::countl_zero(difference));
    }
    return std::min(bits, left.family == base::Family::ipv4 ? 32U : 128U);
}

/// UDP ports that the phones of one address have: from the device's local port upwards, one each, as far as ports go;
/// or scattered over link.source_ports.
net::UdpPortRange phone_ports(const config::Scenario& scenario, std::uint32_t addresses, std::uint32_t phones) {
    if (scenario.device.random_sip_port) {
        return {scenario.link.source_ports.first, scenario.link.source_ports.last};
    }
    const std::uint32_t first = scenario.device.local_sip_port;
    // A phone whose NAT changes its port needs another one to change to.
    const std::uint32_t least = scenario.churn.rebind_rate.per_second > 0 ? rebinding_ports_min : 1;
    const std::uint32_t needed = std::max((phones + addresses - 1) / addresses, least);
    return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(std::min(first + needed - 1, 65'535U))};
}

std::uint32_t credential_rows(const engine::WorkerPlan& plan) {
    bool challenged = false;
    bool kept = false;
    base::Tick timer_f_ms = 0;
    for (const engine::Group& group : plan.groups) {
        challenged = challenged || group.has_password;
        kept = kept || group.profile.authorize_refresh || group.profile.authorize_register;
        timer_f_ms = std::max(timer_f_ms, group.profile.timers.timer_f_ms());
    }
    if (!challenged) {
        return 0;
    }
    std::uint64_t rows = plan.endpoints;
    if (!kept && plan.endpoints > own_row_endpoints_max) {
        // A row lives from a challenge to its final answer: at most Timer F, at the highest rate of the run.
        double rate_per_s = std::max(plan.rate_per_s, plan.churn.leave_per_s);
        for (const engine::RateStep& step : plan.rate_steps) {
            rate_per_s = std::max(rate_per_s, step.rate_per_s);
        }
        rows = plan.unlimited ? plan.window : static_cast<std::uint64_t>(rate_per_s * timer_f_ms / 1000) + 1;
    }
    rows = std::min<std::uint64_t>(rows, plan.endpoints) + std::min(plan.endpoints, spare_credential_rows);
    // A subscription is challenged by itself and keeps a nonce of its own.
    return static_cast<std::uint32_t>(rows + (plan.subscriptions ? plan.endpoints : 0));
}

/// Two machines cannot both have an address: each rank takes a block of them.
void take_share(net::LinkConfig& link, const config::Scenario& scenario, const cluster::Share& share) {
    if (share.ranks == 1) {
        return;
    }
    const cluster::Part block = cluster::part_of(link.source_count, share.ranks, share.rank);
    if (block.count == 0) {
        throw PlanError("--source has fewer addresses than the run has ranks: give one for each at least");
    }
    const std::uint32_t end =
        cluster::part_of(scenario.run.endpoints, share.of_workers, share.first_worker + share.workers).first;
    const std::uint32_t first = cluster::part_of(scenario.run.endpoints, share.of_workers, share.first_worker).first;
    link.first_source = scenario.run.source.at(block.first);
    link.source_count = block.count;
    link.udp_ports = {phone_ports(scenario, block.count, end - first)};
}

engine::SourcePlan make_sources(const config::Scenario& scenario, const RunPlan& plan) {
    if (!port::carries_frames(plan.port.kind)) {
        return {.addresses = 1, .udp_ports = 1, .udp_port_first = 0};  // one socket; the kernel knows its port
    }
    const net::UdpPortRange& ports = plan.link.udp_ports.front();
    engine::SourcePlan sources{.addresses = plan.link.source_count,
                               .udp_ports = std::uint32_t{ports.last} - ports.first + 1,
                               .udp_port_first = ports.first};
    if (scenario.device.random_sip_port) {
        base::Prng prng(plan.seed);
        sources.udp_port_offset = static_cast<std::uint32_t>(prng.below(sources.udp_ports));
        do {
            sources.udp_port_stride = static_cast<std::uint32_t>(prng.below(sources.udp_ports)) + 1;
        } while (std::gcd(sources.udp_port_stride, sources.udp_ports) != 1);
    }
    return sources;
}

/// Rates to come after the first one. A ramp is a hundred small steps, each at the rate in its middle: what it starts
/// in all is what a straight line would.
void set_rates(engine::WorkerPlan& worker, const config::Scenario& scenario) {
    constexpr std::uint32_t ramp_steps = 100;
    const config::Load& load = scenario.load;
    worker.rate_per_s = scenario.run.rate.per_second;
    if (load.avalanche.count() != 0) {
        worker.rate_per_s =
            static_cast<double>(scenario.run.endpoints) * base::ns_per_s / static_cast<double>(ns(load.avalanche));
    }
    for (std::uint32_t step = 0; load.ramp_up.count() != 0 && step <= ramp_steps; ++step) {
        const double rate = std::min(1.0, (step + 0.5) / ramp_steps) * scenario.run.rate.per_second;
        worker.rate_steps.push_back({ns(load.ramp_up) * step / ramp_steps, rate});
    }
    for (const config::RateStep& step : config::parse_rate_steps(load.steps).value) {
        worker.rate_steps.push_back({ns(step.at), step.per_second});
    }
    worker.poisson = load.arrivals == config::Arrivals::poisson;
    worker.cycle = load.cycle;
    worker.spread_first_refresh = load.spread_refresh;
    worker.churn = {.leave_per_s = scenario.churn.rate.per_second,
                    .vanish_share = scenario.churn.vanish,
                    .away_ms = static_cast<base::Tick>(
                        std::chrono::duration_cast<std::chrono::milliseconds>(scenario.churn.away).count()),
                    .rebind_per_s = scenario.churn.rebind_rate.per_second};
}

std::vector<engine::WorkerPlan> make_workers(const config::Scenario& scenario, const RunPlan& plan,
                                             const cluster::Share& share) {
    const bool alone = share.of_workers == 0;
    const std::uint32_t workers = alone ? workers_of(scenario) : share.of_workers;
    const std::uint32_t end = share.first_worker + (alone ? workers : share.workers);
    const std::vector<engine::Group> groups = make_groups(scenario, plan.embedded, plan.registrar);
    std::vector<engine::WorkerPlan> plans;
    for (std::uint32_t worker = share.first_worker; worker < end; ++worker) {
        const cluster::Part phones = cluster::part_of(scenario.run.endpoints, workers, worker);
        plans.push_back({.worker = static_cast<std::uint8_t>(worker),
                         .workers = static_cast<std::uint16_t>(workers),
                         .endpoints = phones.count,
                         .first_number = phones.first,
                         .salt = base::mix64(plan.seed ^ salt_domain),
                         .groups = groups,
                         .start_stride = start_stride(phones.count, groups.size()),
                         .sources = make_sources(scenario, plan),
                         .unlimited = scenario.run.rate.max && scenario.load.avalanche.count() == 0,
                         .window = std::max(unlimited_window / workers, 1U)});
        set_rates(plans.back(), scenario);
        for (const engine::Group& group : groups) {
            plans.back().keep_alives |= group.profile.keep_alive.enabled;
            plans.back().subscriptions |= group.profile.subscription.enabled;
            plans.back().nat_pings |= group.profile.nat_ping.bytes != registration::NatPing::none;
        }
        plans.back().credential_rows = credential_rows(plans.back());
    }
    return plans;
}

}  // namespace

void number_from(RunPlan& plan, std::uint32_t first) {
    for (engine::WorkerPlan& worker : plan.workers) {
        worker.first_number += first;
    }
}

std::uint64_t seed_of(const config::Scenario& scenario) {
    return scenario.run.seed != 0 ? scenario.run.seed : std::random_device{}() | 1U;
}

registrar::RegistrarPlan make_registrar_plan(const config::Scenario& scenario, std::uint32_t aors, std::uint64_t seed,
                                             std::uint32_t lanes) {
    const config::Registrar& registrar = scenario.registrar;
    const registrar::RuleSet rules = config::parse_misbehaviour(registrar.misbehave).value;
    return {.aors = aors,
            // Phones that change ports leave their old bindings behind until those expire.
            .bindings = scenario.churn.rebind_rate.per_second > 0 ? 4 * aors : aors,
            .authenticate = registrar.auth,
            .algorithm = static_cast<sip::DigestAlgorithm>(registrar.algorithm),
            .qop = static_cast<sip::Qop>(registrar.qop),
            .realm = registrar.realm,
            .password = registrar.password.empty() ? scenario.auth.password : registrar.password,
            .min_expires_s = seconds(registrar.min_expires),
            .max_expires_s = seconds(registrar.max_expires),
            .default_expires_s = seconds(registrar.default_expires),
            .too_brief = registrar.too_brief == config::TooBrief::refuse ? registrar::TooBrief::refuse
                                                                         : registrar::TooBrief::raise,
            .nonce_lifetime_s = seconds(registrar.nonce_lifetime),
            .secret = base::mix64(seed + 1),
            .rules = rules,
            .seed = base::mix64(seed + 2),
            .lanes = lanes,
            .held_answers = rules.find(registrar::Misdeed::delay) != nullptr ? held_answers_max : 0};
}

net::LinkConfig make_link(const config::Scenario& scenario) {
    const config::Link& link = scenario.link;
    net::LinkConfig config;
    config.first_source = scenario.run.source.first;
    config.source_count = scenario.run.source.count;
    // Unsaid: with a gateway, the smallest network that holds it and us; without one, everything is on the link.
    const std::uint32_t unsaid = link.gateway ? common_bits(config.first_source, *link.gateway) : 0;
    config.prefix_length = static_cast<std::uint8_t>(link.prefix != 0 ? link.prefix : unsaid);
    config.udp_ports = {phone_ports(scenario, std::max(config.source_count, std::uint32_t{1}), scenario.run.endpoints)};
    config.gateway = link.gateway;
    if (link.vlan != 0) {
        config.vlan_id = static_cast<std::uint16_t>(link.vlan);
    }
    config.resolve_timeout_ns = ns(link.resolve_timeout);
    return config;
}

std::uint32_t workers_of(const config::Scenario& scenario) {
    return std::clamp(scenario.run.workers, 1U, scenario.run.endpoints);
}

RunPlan make_plan(const config::Scenario& scenario, const cluster::Share& share) {
    RunPlan plan;
    plan.port = *scenario.run.port;
    plan.embedded = !scenario.run.target.given();
    plan.record_timers = scenario.report.record_timers;
    plan.seed = seed_of(scenario);
    const config::Target& proxy = scenario.device.outbound_proxy;
    plan.registrar = plan.embedded ? embedded_registrar : resolve(proxy.given() ? proxy : scenario.run.target);
    plan.schedule = {.duration_ns = ns(scenario.run.duration),
                     .hold_ns = ns(scenario.run.hold),
                     .stop_timeout_ns = ns(scenario.run.stop_timeout),
                     .interval_ns = ns(scenario.report.interval),
                     .unregister = scenario.run.unregister_at_end,
                     .endpoints = scenario.run.endpoints};
    if (share.ranks > 1) {
        plan.schedule.start_delay_ns = 5 * plan.schedule.start_delay_ns;  // the command crosses a network
    }
    if (port::carries_frames(plan.port.kind)) {
        plan.link = make_link(scenario);
        take_share(plan.link, scenario, share);
        if (plan.embedded) {
            plan.link.first_source = memory_sources;
            plan.link.source_count = memory_source_count;
            plan.link.udp_ports = {phone_ports(scenario, memory_source_count, scenario.run.endpoints)};
            plan.link.prefix_length = memory_prefix;
            plan.registrar_link = plan.link;
            plan.registrar_link.first_source = embedded_registrar.ip;
            plan.registrar_link.source_count = 1;
            plan.registrar_link.udp_ports = {{embedded_registrar.udp_port, embedded_registrar.udp_port}};
        }
        plan.workers = make_workers(scenario, plan, share);
        if (!plan.embedded && plan.workers.size() > 1 && !scenario.device.random_sip_port) {
            // Room to choose: a phone's port decides which worker's queue its answers arrive at.
            plan.link.udp_ports.front().last = UINT16_MAX;
        }
        for (const engine::Group& group : plan.workers.front().groups) {
            for (std::size_t server = 0; server <= group.elsewhere.size(); ++server) {
                const base::IpAddress& remote = group.server_address(static_cast<std::uint8_t>(server)).ip;
                if (std::ranges::find(plan.link.remotes, remote) == plan.link.remotes.end()) {
                    plan.link.remotes.push_back(remote);
                }
            }
        }
        if (const std::string fault = net::find_fault(plan.link); !fault.empty()) {
            throw PlanError(fault);
        }
    } else {
        plan.workers = make_workers(scenario, plan, share);
    }
    plan.taps = make_taps(scenario.evidence, plan.workers);
    plan.registrar_plan = make_registrar_plan(scenario, scenario.run.endpoints, plan.seed,
                                              static_cast<std::uint32_t>(plan.workers.size()));
    return plan;
}

}  // namespace regstorm::app
