// SPDX-License-Identifier: Apache-2.0
// Values that are right by themselves and wrong together.
#include "scratch.hpp"

namespace regstorm::config {
namespace {

struct Contradiction {
    std::vector<std::string> sets;
    const char* line;
};

Lines problems_of(Command command, const std::vector<std::string>& sets) {
    Request request;
    request.command = command;
    for (const std::string& set : sets) {
        request.settings.push_back(parse_set(set));
    }
    Lines lines;
    for (const Problem& problem : load(request).problems) {
        lines.push_back(to_text(problem));
    }
    return lines;
}

TEST(Contradiction, OfARunIsOneExactLine) {
    const Contradiction cases[] = {
        {{"run.target=192.0.2.1", "run.port=memory"},
         "--set run.port: the memory port only reaches the embedded registrar, and run.target names another one; "
         "use --port udp"},
        {{"run.port=udp"}, "--set run.port: the port udp needs a registrar to send to; name it with --target"},
        {{"run.target=192.0.2.1", "registrar.auth=off"},
         "--set registrar.auth: configures the embedded registrar, and run.target names another one (192.0.2.1:5060); "
         "leave one of them out"},
        {{"run.target=192.0.2.1", "run.port=tap"},
         "--set run.port: on tap the phones need addresses of their own; say which, as in --source "
         "198.18.0.1-198.18.0.200"},
        {{"run.target=192.0.2.1", "run.source=198.18.0.1-198.18.0.9"},
         "--set run.source: the udp port sends from an address of this machine, not from a range; "
         "use --port udp:198.18.0.1, or a port that bypasses the kernel"},
        {{"run.target=198.18.0.5", "run.port=tap", "run.source=198.18.0.1-198.18.0.9"},
         "--set run.source: contains the target 198.18.0.5; take a range without it"},
        {{"run.target=192.0.2.1", "run.port=tap", "run.source=198.18.0.1", "link.gateway=198.18.0.1"},
         "--set run.source: contains the gateway 198.18.0.1; take a range without it"},
        {{"run.target=192.0.2.1", "link.vlan=5"},
         "--set link.vlan: on the port udp the link is not ours; leave it out, or use a port that bypasses the kernel"},
        {{"run.target=::1", "run.port=tap", "run.source=198.18.0.1"},
         "--set run.source: source and target are of different address families; take both IPv4 or both IPv6"},
        {{"run.target=::1", "run.port=udp:127.0.0.1"},
         "--set run.port: bound address and target are of different address families; take both IPv4 or both IPv6"},
        {{"run.target=192.0.2.1", "run.port=tap", "run.source=198.18.0.1", "link.gateway=fe80::1"},
         "--set link.gateway: gateway and source are of different address families; take both IPv4 or both IPv6"},
        {{"run.target=192.0.2.1", "run.port=tap", "run.source=198.18.0.1", "link.prefix=64"},
         "--set link.prefix: 64 is too long for IPv4; take 1 to 32"},
        {{"device.secondary_registrar=192.0.2.2"},
         "--set device.secondary_registrar: the embedded registrar has no second one beside it; name both, the first "
         "one with --target"},
        {{"run.target=192.0.2.1", "device.secondary_registrar=192.0.2.2", "device.outbound_proxy=192.0.2.9"},
         "--set device.secondary_registrar: device.outbound_proxy takes all requests, whichever registrar they are "
         "for; "
         "leave one of them out"},
        {{"run.target=192.0.2.1", "run.port=tap", "run.source=198.18.0.1", "run.workers=2"},
         "--set run.workers: tap carries one worker: it has one queue; use --workers 1, or several workers with "
         "--port udp"},
        {{"run.target=192.0.2.1", "run.port=tap", "run.source=198.18.0.1", "report.record_timers=x"},
         "--set report.record_timers: tap does not record; record on --port udp; what phones do to their timers "
         "is the same"},
        {{"device.t1=8s"}, "--set device.t1: device.t2 (4s) is shorter than device.t1 (8s); t1 may be at most t2"},
        {{"device.timer_f=100ms"},
         "--set device.timer_f: device.timer_f (100ms) is shorter than device.t1 (500ms); t1 may be at most timer_f"},
        {{"device.refresh_fraction_max=0.5"},
         "--set device.refresh_fraction_max: device.refresh_fraction_max (0.5) is below device.refresh_fraction (0.9); "
         "refresh_fraction may be at most refresh_fraction_max"},
        {{"device.retry_factor_min=1.5"},
         "--set device.retry_factor_min: device.retry_factor_max (1) is below device.retry_factor_min (1.5); "
         "retry_factor_min may be at most retry_factor_max"},
        {{"evidence.trace=200k"},
         "--set evidence.trace: there is no phone 200000: run.endpoints is 100000; take 1 to 100000"},
        {{"run.port=af_packet:eth1", "run.source=198.18.0.1", "run.target=198.18.0.9", "run.workers=2",
          "evidence.capture=a.pcapng"},
         "--set evidence.capture: several workers share the device, and frames cross between them; use --workers 1"},
        {{"evidence.trace=7", "report.record_timers=x"},
         "--set report.record_timers: one run records its timers or its datagrams, not both; run it twice"},
        {{"run.duration=10s", "run.hold=5s"},
         "--set run.hold: run.duration (10s) already says when the run ends; leave one of them out"},
        {{"registrar.min_expires=2d"},
         "--set registrar.min_expires: registrar.max_expires (1d) is shorter than registrar.min_expires (2d); "
         "min_expires may be at most max_expires"},
        {{"registrar.default_expires=10"},
         "--set registrar.default_expires: 10s is outside min_expires to max_expires; take 1m to 1d"},
    };
    for (const Contradiction& each : cases) {
        EXPECT_EQ(problems_of(Command::run, each.sets), Lines{each.line});
    }
}

TEST(Contradiction, OfARegistrarIsOneExactLine) {
    const Contradiction cases[] = {
        {{"run.port=memory"}, "--set run.port: nobody can reach a registrar of its own over memory; use --port udp"},
        {{"run.target=192.0.2.1"}, "--set run.target: a registrar has no target; use registrar.listen"},
        {{"run.port=tap"},
         "--set run.port: on tap the registrar needs an address of its own; say which, as in --listen 198.18.0.1:5060"},
        {{"link.vlan=7"},
         "--set link.vlan: on the port udp the link is not ours; leave it out, or use a port that bypasses the kernel"},
    };
    for (const Contradiction& each : cases) {
        EXPECT_EQ(problems_of(Command::registrar, each.sets), Lines{each.line});
    }
}

TEST(Contradiction, OfACapacityIsOneExactLine) {
    const Contradiction cases[] = {
        {{"run.rate=5k"},
         "--set run.rate: regstorm capacity chooses the load of each trial; say where it begins with --rate-start"},
        {{"run.endpoints=5k"},
         "--set run.endpoints: regstorm capacity chooses the load of each trial; say how many users there are with "
         "--aors"},
        {{"load.cycle=yes"}, "--set load.cycle: regstorm capacity chooses the load of each trial; leave it out"},
        {{"report.fail_if=ira > 1%"},
         "--set report.fail_if: regstorm capacity makes many trials and writes one result; use it with regstorm run, "
         "at the rate that was found"},
        {{"capacity.aors=49"},
         "--set capacity.aors: 49 users are not enough for a trial of 5s at 10 a second; more users, a shorter trial, "
         "or a lower --rate-min"},
        {{"capacity.rate_max=5"},
         "--set capacity.rate_max: capacity.rate_max (5) is below capacity.rate_min (10); rate_min may be at most "
         "rate_max"},
    };
    for (const Contradiction& each : cases) {
        EXPECT_EQ(problems_of(Command::capacity, each.sets), Lines{each.line});
    }
}

TEST(Contradiction, IsNotSeenWhereThereIsNone) {
    EXPECT_EQ(problems_of(Command::capacity, {"run.target=192.0.2.1", "capacity.trial=1s"}), Lines{});
    EXPECT_EQ(problems_of(Command::run, {"device.re_register_before_expiration=7200", "device.register_expiration=60",
                                         "device.subscribe_mwi=yes", "device.subscribe_expiration=0"}),
              Lines{});
    EXPECT_EQ(problems_of(Command::run, {"run.target=192.0.2.1:5060", "run.port=af_packet:eth1",
                                         "run.source=198.18.0.0/16", "link.gateway=198.19.0.1", "link.vlan=100"}),
              Lines{});
    EXPECT_EQ(problems_of(Command::run, {"registrar.min_expires=2h", "registrar.max_expires=3h"}), Lines{});
    EXPECT_EQ(problems_of(Command::registrar, {"run.port=tap:sip0", "registrar.listen=198.18.0.1", "link.prefix=15"}),
              Lines{});
}

}  // namespace
}  // namespace regstorm::config
