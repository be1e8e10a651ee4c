// SPDX-License-Identifier: Apache-2.0
#include "config/contradictions.hpp"

#include <fmt/format.h>
#include <initializer_list>

#include "regstorm/config/rate_steps.hpp"

namespace regstorm::config {
namespace {

class Judge {
  public:
    Judge(const Scenario& scenario, const Origins& origins, std::vector<Problem>& problems)
        : scenario_(scenario), origins_(origins), problems_(problems) {}

    void run() {
        port_and_target();
        source_addresses();
        link_options();
        families();
        times_of_the_run();
        evidence();
        judge(scenario_.device, {});
        for (const PhoneGroup& group : scenario_.groups) {
            judge(group.device, group.name);
        }
        load();
        if (!scenario_.run.target.given()) {
            lifetimes();
        }
    }

    void registrar() {
        const port::PortSpec& port = *scenario_.run.port;
        if (scenario_.run.target.given()) {
            add("run.target", "a registrar has no target", "use registrar.listen");
        }
        if (port.kind == port::PortKind::memory) {
            add("run.port", "nobody can reach a registrar of its own over memory", "use --port udp");
        }
        if (port::owns_link(port.kind) && scenario_.registrar.listen.ip == base::IpAddress{}) {
            add("run.port", fmt::format("on {} the registrar needs an address of its own", to_text(port)),
                "say which, as in --listen 198.18.0.1:5060");
        }
        link_options();
        lifetimes();
    }

    /// The search says itself how many phones start how fast, and for how long.
    void capacity() {
        run();
        for (const auto& [key, fix] :
             {std::pair{"run.rate", "say where it begins with --rate-start"},
              std::pair{"run.endpoints", "say how many users there are with --aors"},
              std::pair{"run.duration", "say how long a trial is with --trial, or all of them with --time-max"},
              std::pair{"run.hold", "leave it out"}, std::pair{"load.ramp_up", "leave it out"},
              std::pair{"load.steps", "leave it out"}, std::pair{"load.avalanche", "leave it out"},
              std::pair{"load.cycle", "leave it out"}, std::pair{"churn.rate", "leave it out"},
              std::pair{"churn.rebind_rate", "leave it out"}}) {
            if (changed(key)) {
                add(key, "regstorm capacity chooses the load of each trial", fix);
            }
        }
        for (const char* const key :
             {"report.fail_if", "report.abort_if", "report.prometheus", "report.csv", "report.junit", "report.html",
              "report.hdr_log", "report.record_timers", "evidence.capture", "evidence.trace"}) {
            if (changed(key)) {
                add(key, "regstorm capacity makes many trials and writes one result",
                    "use it with regstorm run, at the rate that was found");
            }
        }
        const Capacity& capacity = scenario_.capacity;
        const auto trial_s =
            static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(capacity.trial).count());
        if (capacity.method == CapacityMethod::search && capacity.aors != 0 &&
            capacity.aors < trial_s * std::max<std::uint64_t>(capacity.rate_min, 1)) {
            add("capacity.aors",
                fmt::format("{} users are not enough for a trial of {} at {} a second", capacity.aors,
                            to_text(capacity.trial), capacity.rate_min),
                "more users, a shorter trial, or a lower --rate-min");
        }
        if (capacity.rate_max < capacity.rate_min) {
            add(set("capacity.rate_max") ? "capacity.rate_max" : "capacity.rate_min",
                fmt::format("capacity.rate_max ({}) is below capacity.rate_min ({})", capacity.rate_max,
                            capacity.rate_min),
                "rate_min may be at most rate_max");
        }
    }

  private:
    bool set(std::string_view key) const { return origins_.contains(key); }

    /// Set, and to something else than it would have been: the scenario that a result holds names every option, and
    /// must not contradict itself by that.
    bool changed(std::string_view key) const {
        const Option* option = find_option(key);
        return set(key) && value_text(*option, scenario_) != value_text(*option, Scenario{});
    }

    /// A problem at the place where `key` was set, or at the key itself when it has its default.
    void add(std::string_view key, std::string what, std::string fix) {
        const auto origin = origins_.find(key);
        problems_.push_back({.where = origin == origins_.end() ? std::string(key) : origin->second,
                             .what = std::move(what),
                             .allowed = {},
                             .meant = {},
                             .fix = std::move(fix)});
    }

    void port_and_target() {
        const port::PortSpec& port = *scenario_.run.port;
        const bool target = scenario_.run.target.given();
        if (target && port.kind == port::PortKind::memory) {
            add("run.port", "the memory port only reaches the embedded registrar, and run.target names another one",
                "use --port udp");
        }
        if (!target && port.kind != port::PortKind::memory) {
            add("run.port", fmt::format("the port {} needs a registrar to send to", to_text(port)),
                "name it with --target");
        }
        if (port::owns_link(port.kind) && !port::has_queues(port.kind) && scenario_.run.workers > 1) {
            add("run.workers", fmt::format("{} carries one worker: it has one queue", to_text(port)),
                "use --workers 1, or several workers with --port udp");
        }
        if (port::owns_link(port.kind) && !scenario_.report.record_timers.empty()) {
            add("report.record_timers", fmt::format("{} does not record", to_text(port)),
                "record on --port udp; what phones do to their timers is the same");
        }
        if (!target) {
            return;
        }
        for (const Option& option : options()) {
            if (group_of(option) == "registrar" && changed(option.key)) {
                add(option.key,
                    fmt::format("configures the embedded registrar, and run.target names another one ({})",
                                to_text(scenario_.run.target)),
                    "leave one of them out");
                return;
            }
        }
    }

    void source_addresses() {
        const Run& run = scenario_.run;
        if (port::owns_link(run.port->kind) && !run.source.given()) {
            add("run.port", fmt::format("on {} the phones need addresses of their own", to_text(*run.port)),
                "say which, as in --source 198.18.0.1-198.18.0.200");
        }
        if (run.source.given() && run.port->kind == port::PortKind::udp) {
            add("run.source", "the udp port sends from an address of this machine, not from a range",
                "use --port udp:" + base::to_text(run.source.first) + ", or a port that bypasses the kernel");
        }
        const std::optional<base::IpAddress> target = base::parse_ip(run.target.host);
        if (target && run.source.contains(*target)) {
            add("run.source", fmt::format("contains the target {}", run.target.host), "take a range without it");
        }
        const std::optional<base::IpAddress>& gateway = scenario_.link.gateway;
        if (gateway && run.source.contains(*gateway)) {
            add("run.source", fmt::format("contains the gateway {}", base::to_text(*gateway)),
                "take a range without it");
        }
    }

    void link_options() {
        if (port::owns_link(scenario_.run.port->kind)) {
            return;
        }
        for (const std::string_view key : {"link.gateway", "link.prefix", "link.vlan", "link.take_default_route"}) {
            if (changed(key)) {
                add(key, fmt::format("on the port {} the link is not ours", to_text(*scenario_.run.port)),
                    "leave it out, or use a port that bypasses the kernel");
            }
        }
    }

    void families() {
        const Run& run = scenario_.run;
        const std::optional<base::IpAddress> target = base::parse_ip(run.target.host);
        if (target && run.source.given() && target->family != run.source.first.family) {
            add("run.source", "source and target are of different address families", "take both IPv4 or both IPv6");
        }
        if (target && run.port->address && run.port->address->ip.family != target->family) {
            add("run.port", "bound address and target are of different address families",
                "take both IPv4 or both IPv6");
        }
        if (!run.source.given()) {
            return;
        }
        if (const std::optional<base::IpAddress>& gateway = scenario_.link.gateway;
            gateway && gateway->family != run.source.first.family) {
            add("link.gateway", "gateway and source are of different address families", "take both IPv4 or both IPv6");
        }
        if (run.source.first.family == base::Family::ipv4 && scenario_.link.prefix > 32) {
            add("link.prefix", fmt::format("{} is too long for IPv4", scenario_.link.prefix), "take 1 to 32");
        }
    }

    void times_of_the_run() {
        if (scenario_.run.duration.count() != 0 && scenario_.run.hold.count() != 0) {
            add("run.hold",
                fmt::format("run.duration ({}) already says when the run ends", to_text(scenario_.run.duration)),
                "leave one of them out");
        }
    }

    void evidence() {
        for (const auto& [key, number] : {std::pair{"evidence.endpoint", scenario_.evidence.endpoint},
                                          std::pair{"evidence.trace", scenario_.evidence.trace}}) {
            if (number > scenario_.run.endpoints) {
                add(key, fmt::format("there is no phone {}: run.endpoints is {}", number, scenario_.run.endpoints),
                    fmt::format("take 1 to {}", scenario_.run.endpoints));
            }
        }
        const bool wanted = !scenario_.evidence.capture.empty() || scenario_.evidence.trace != 0;
        if (wanted && !scenario_.report.record_timers.empty()) {
            add("report.record_timers", "one run records its timers or its datagrams, not both", "run it twice");
        }
        const auto& port = scenario_.run.port;
        if (wanted && port && port::owns_link(port->kind) && scenario_.run.workers > 1) {
            add(scenario_.evidence.trace != 0 ? "evidence.trace" : "evidence.capture",
                "several workers share the device, and frames cross between them", "use --workers 1");
        }
    }

    /// The phones of the scenario, or those of a group.
    void judge(const Device& device, const std::string& group) {
        const std::size_t before = problems_.size();
        timers(device);
        ranges(device);
        subscription(device);
        secondary(device);
        for (std::size_t i = before; i < problems_.size() && !group.empty(); ++i) {
            problems_[i].where = "group " + group;
        }
    }

    void timers(const Device& device) {
        if (device.t2 < device.t1) {
            add(set("device.t2") ? "device.t2" : "device.t1",
                fmt::format("device.t2 ({}) is shorter than device.t1 ({})", to_text(device.t2), to_text(device.t1)),
                "t1 may be at most t2");
        }
        if (device.timer_f.count() != 0 && device.timer_f < device.t1) {
            add(set("device.timer_f") ? "device.timer_f" : "device.t1",
                fmt::format("device.timer_f ({}) is shorter than device.t1 ({})", to_text(device.timer_f),
                            to_text(device.t1)),
                "t1 may be at most timer_f");
        }
    }

    /// Ranges to draw from that end before they start.
    void ranges(const Device& device) {
        if (device.refresh_fraction_max != 0 && device.refresh_fraction_max < device.refresh_fraction) {
            add(set("device.refresh_fraction_max") ? "device.refresh_fraction_max" : "device.refresh_fraction",
                fmt::format("device.refresh_fraction_max ({}) is below device.refresh_fraction ({})",
                            shortest(device.refresh_fraction_max), shortest(device.refresh_fraction)),
                "refresh_fraction may be at most refresh_fraction_max");
        }
        if (device.retry_factor_max < device.retry_factor_min) {
            add(set("device.retry_factor_max") ? "device.retry_factor_max" : "device.retry_factor_min",
                fmt::format("device.retry_factor_max ({}) is below device.retry_factor_min ({})",
                            shortest(device.retry_factor_max), shortest(device.retry_factor_min)),
                "retry_factor_min may be at most retry_factor_max");
        }
    }

    void subscription(const Device& device) {
        if (device.subscribe_mwi && device.subscribe_reg_event) {
            add("device.subscribe_reg_event", "device.subscribe_mwi is on, and a phone keeps one subscription here",
                "switch one of them off");
        }
    }

    void secondary(const Device& device) {
        if (device.secondary_registrar.given() && !scenario_.run.target.given()) {
            add("device.secondary_registrar", "the embedded registrar has no second one beside it",
                "name both, the first one with --target");
        }
        if (device.secondary_registrar.given() && device.outbound_proxy.given()) {
            add("device.secondary_registrar",
                "device.outbound_proxy takes all requests, whichever registrar they are for", "leave one of them out");
        }
    }

    void load() {
        const Load& load = scenario_.load;
        if (load.avalanche.count() != 0) {
            for (const std::string_view key : {"load.ramp_up", "load.steps", "run.rate"}) {
                if (changed(key)) {
                    add(key, "load.avalanche already says when all phones start", "leave one of them out");
                }
            }
        }
        const std::vector<RateStep> steps = parse_rate_steps(load.steps).value;
        if (!steps.empty() && steps.back().per_second == 0 && scenario_.run.duration.count() == 0) {
            add("load.steps", "the last step starts nobody any more, and the run would wait for ever",
                "say when it ends with run.duration");
        }
        if (load.ramp_up.count() != 0 && !load.steps.empty()) {
            add("load.steps", "load.ramp_up already shapes the rate", "leave one of them out");
        }
        if (scenario_.run.rate.max &&
            (load.ramp_up.count() != 0 || !load.steps.empty() || load.arrivals == Arrivals::poisson)) {
            add("run.rate", "a rate of max has no shape", "give a number");
        }
        for (const auto& [key, rate] : {std::pair{"churn.rate", scenario_.churn.rate},
                                        std::pair{"churn.rebind_rate", scenario_.churn.rebind_rate}}) {
            if (rate.max) {
                add(key, "there is no rate of max for phones that leave", "give a number");
            }
        }
        if (scenario_.churn.rebind_rate.per_second > 0 && scenario_.run.port->kind == port::PortKind::udp) {
            add("churn.rebind_rate", "on the port udp all phones share one socket and its port",
                "use a port that bypasses the kernel");
        }
    }

    void lifetimes() {
        const Registrar& registrar = scenario_.registrar;
        if (registrar.max_expires < registrar.min_expires) {
            add(set("registrar.max_expires") ? "registrar.max_expires" : "registrar.min_expires",
                fmt::format("registrar.max_expires ({}) is shorter than registrar.min_expires ({})",
                            to_text(registrar.max_expires), to_text(registrar.min_expires)),
                "min_expires may be at most max_expires");
        }
        // A default that nobody set follows the bounds (the registrar clamps); one that was set must lie within.
        const Duration granted = registrar.default_expires;
        if (changed("registrar.default_expires") &&
            (granted < registrar.min_expires || granted > registrar.max_expires)) {
            add("registrar.default_expires", fmt::format("{} is outside min_expires to max_expires", to_text(granted)),
                fmt::format("take {} to {}", to_text(registrar.min_expires), to_text(registrar.max_expires)));
        }
    }

    const Scenario& scenario_;
    const Origins& origins_;
    std::vector<Problem>& problems_;
};

}  // namespace

void check_contradictions(const Scenario& scenario, Command command, const Origins& origins,
                          std::vector<Problem>& problems) {
    Judge judge(scenario, origins, problems);
    switch (command) {
        case Command::run:
            return judge.run();
        case Command::registrar:
            return judge.registrar();
        case Command::capacity:
            return judge.capacity();
    }
}

}  // namespace regstorm::config
