// SPDX-License-Identifier: Apache-2.0
// A run as it could have been, with every sum right.
#pragma once

#include "regstorm/config/load.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

inline RunResult example_run() {
    config::Request request;
    request.settings = {config::parse_set("run.target=192.0.2.10")};
    RunResult result;
    result.version = "0.1.0";
    result.scenario = config::to_json(config::load(request).scenario);
    result.duration_s = 2.5;
    result.criteria = {{.text = "rrd_p99 > 50ms", .value = 950.5, .measured = "950 us", .passed = true},
                       {.text = "ira > 0.1%", .value = 0.006, .measured = "0.6%", .passed = false}};
    result.endpoints = {.total = 10'000, .registered = 9'900, .pending = 40, .failed = 60};
    result.registrations = {.attempted = 10'000,
                            .succeeded = 9'900,
                            .failed = 60,
                            .abandoned = 40,
                            .per_second = 3'960,
                            .failed_by = {{"403", 50}, {"timeout", 10}}};
    result.removals = {.attempted = 100, .succeeded = 99, .failed = 1};
    result.messages = {.sent = 20'110,
                       .received = 19'913,
                       .retransmitted = 110,
                       .retransmissions = {100, 10},
                       .final = 19'900,
                       .stray = 3,
                       .duplicate = 10};
    result.responses = {{200, 9'900}, {401, 9'950}, {403, 50}};
    result.rrd_us = {.count = 9'900,
                     .mean = 130.25,
                     .p50 = 120,
                     .p90 = 180,
                     .p99 = 950.5,
                     .p999 = 12'345,
                     .p9999 = 2e6,
                     .max = 3.1e6};
    result.outcomes_us.succeeded = result.rrd_us;
    result.groups = {{.name = "desk phones", .endpoints = 10'000, .outcomes = result.outcomes_us}};
    result.generator.send_lag_us = {
        .count = 20'000, .mean = 1, .p50 = 0.8, .p90 = 2, .p99 = 12, .p999 = 40, .p9999 = 80, .max = 90};
    result.generator.busy = {0.25, 0.431};
    result.generator.longest_gap_us = 210;
    result.generator.memory_bytes = 640'000;
    Rank far{.rank = 1, .host = "far", .endpoints = 5'000, .sent = 10'055, .received = 9'956};
    far.registrations = {.attempted = 5'000, .succeeded = 4'950};
    far.generator.send_lag_us.p99 = 12;
    far.generator.busy = {0.431};
    Rank near = far;
    near.rank = 0;
    near.host = "near";
    result.ranks = {near, far};
    result.recoveries = {{.from_s = 1, .until_s = 4, .registered_after_s = {1.0, 2.0, 3.5, std::nullopt}}};
    result.rate_changes = {{.t_s = 0.5, .rate_per_s = 1'000}};
    result.series = {{.t_s = 1,
                      .registered = 4'000,
                      .attempted = 4'100,
                      .succeeded = 4'000,
                      .failed = 20,
                      .retransmitted = 10,
                      .rrd_p50_us = 120,
                      .rrd_p99_us = 800},
                     {.t_s = 2.5,
                      .registered = 9'900,
                      .attempted = 5'900,
                      .succeeded = 5'900,
                      .failed = 40,
                      .retransmitted = 100,
                      .rrd_p50_us = 121,
                      .rrd_p99_us = 990}};
    result.bytes_per_endpoint = 64;
    result.machine = {.cpu = "Some CPU", .cores = 2, .kernel = "Linux 6.1"};
    return result;
}

}  // namespace regstorm::report
