// SPDX-License-Identifier: Apache-2.0
// A run over several ranks is the same run: their plans put together are the plan of one process.
#include <gtest/gtest.h>

#include "app/conduct.hpp"
#include "app/plan.hpp"

namespace regstorm::app {
namespace {

config::Scenario scenario_of(std::string_view port, std::uint32_t endpoints, std::uint32_t workers) {
    config::Scenario scenario;
    scenario.run.port = *port::parse_port_spec(port).spec;
    scenario.run.target = {.host = "192.0.2.10", .udp_port = 5060};
    scenario.run.endpoints = endpoints;
    scenario.run.workers = workers;
    scenario.run.rate = {.per_second = 1000};
    scenario.run.seed = 9;
    scenario.groups = {{.name = "a", .share = 1}, {.name = "b", .share = 2}};
    return scenario;
}

TEST(RunOverRanks, HasTheWorkersOfOneProcess) {
    const RunPlan whole = make_plan(scenario_of("udp", 1003, 5));
    std::vector<engine::WorkerPlan> parts;
    const config::Scenario scenario = scenario_of("udp", 1003, 2);
    // Machines need not be alike: two workers here, three there.
    for (const cluster::Share& share :
         {cluster::Share{.rank = 0, .ranks = 2, .first_worker = 0, .workers = 2, .of_workers = 5},
          cluster::Share{.rank = 1, .ranks = 2, .first_worker = 2, .workers = 3, .of_workers = 5}}) {
        const RunPlan part = make_plan(scenario, share);
        parts.insert(parts.end(), part.workers.begin(), part.workers.end());
    }
    ASSERT_EQ(parts.size(), whole.workers.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_EQ(parts[i].worker, whole.workers[i].worker);
        EXPECT_EQ(parts[i].workers, whole.workers[i].workers);
        EXPECT_EQ(parts[i].endpoints, whole.workers[i].endpoints);
        EXPECT_EQ(parts[i].first_number, whole.workers[i].first_number);
        EXPECT_EQ(parts[i].salt, whole.workers[i].salt);
        EXPECT_EQ(parts[i].start_stride, whole.workers[i].start_stride);
        EXPECT_EQ(parts[i].rate_per_s, whole.workers[i].rate_per_s);
        ASSERT_EQ(parts[i].groups.size(), 2U);
        EXPECT_EQ(parts[i].groups[1].first_number, whole.workers[i].groups[1].first_number);
    }
}

TEST(RunOverRanks, GivesEachMachineAddressesOfItsOwn) {
    config::Scenario scenario = scenario_of("tap:rs0", 1000, 1);
    scenario.run.source = {.first = base::IpAddress::from_ipv4(0x0a00'00fe), .count = 5};
    const RunPlan first = make_plan(scenario, {.rank = 0, .ranks = 2, .workers = 1, .of_workers = 2});
    const RunPlan second =
        make_plan(scenario, {.rank = 1, .ranks = 2, .first_worker = 1, .workers = 1, .of_workers = 2});
    EXPECT_EQ(first.link.source_count, 3U);
    EXPECT_EQ(second.link.source_count, 2U);
    EXPECT_EQ(base::to_text(first.link.first_source), "10.0.0.254");
    EXPECT_EQ(base::to_text(second.link.first_source), "10.0.1.1");
    EXPECT_EQ(second.workers[0].sources.addresses, 2U);
    // Room for 500 phones on two addresses: no two may meet.
    EXPECT_GE(second.workers[0].sources.udp_ports, 250U);
    scenario.run.source.count = 1;
    EXPECT_THROW(static_cast<void>(
                     make_plan(scenario, {.rank = 1, .ranks = 2, .first_worker = 1, .workers = 1, .of_workers = 2})),
                 PlanError);
}

TEST(RunOverRanks, AWorkersReportCrossesTheNetworkWhole) {
    WorkerReport report{.failure = "no \"link\"", .environment = true, .hot_bytes = 77, .huge_pages = true};
    report.breakdown = stats::Breakdown(3);
    report.breakdown.record(2, stats::Outcome::rejected, 12'345);
    const std::string bytes = to_bytes(report);
    WorkerReport back;
    ASSERT_TRUE(from_bytes(bytes, back));
    EXPECT_EQ(back.failure, report.failure);
    EXPECT_TRUE(back.environment);
    EXPECT_TRUE(back.huge_pages);
    EXPECT_EQ(back.hot_bytes, 77U);
    EXPECT_EQ(back.breakdown.groups(), 3U);
    EXPECT_EQ(back.breakdown.of(2, stats::Outcome::rejected).max(), 12'345U);
    EXPECT_EQ(back.breakdown.of(0, stats::Outcome::succeeded).count(), 0U);
    EXPECT_FALSE(from_bytes(bytes.substr(0, bytes.size() - 1), back));
    EXPECT_FALSE(from_bytes("", back));
}

}  // namespace
}  // namespace regstorm::app
