// SPDX-License-Identifier: Apache-2.0
// From groups and files of users to the rows of the engine's group table.
#include "app/population.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <set>

#include "app/group.hpp"
#include "app/plan.hpp"

namespace regstorm::app {
namespace {

constexpr base::SocketAddress registrar{base::IpAddress::from_ipv4(0xc000'0201), 5060};

config::Scenario with_groups(std::initializer_list<std::pair<double, std::uint32_t>> groups, std::uint32_t endpoints) {
    config::Scenario scenario;
    scenario.run.endpoints = endpoints;
    for (const auto& [share, count] : groups) {
        scenario.groups.push_back({.name = "g", .share = share, .endpoints = count});
    }
    return scenario;
}

std::vector<std::uint32_t> first_numbers(const config::Scenario& scenario) {
    std::vector<std::uint32_t> first;
    for (const engine::Group& group : make_groups(scenario, true, registrar)) {
        first.push_back(group.first_number);
    }
    return first;
}

std::string write_file(const std::string& text) {
    const std::string path = testing::TempDir() + "users.csv";
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string problem_of(const std::string& text) {
    try {
        static_cast<void>(read_users(write_file(text)));
    } catch (const PlanError& error) {
        const std::string line = error.what();
        return line.substr(line.find("users.csv") + 9);
    }
    return {};
}

TEST(Population, WithoutGroupsAllPhonesAreOne) {
    EXPECT_EQ(first_numbers(with_groups({}, 100)), (std::vector<std::uint32_t>{0}));
}

TEST(Population, CountsAreExactAndSharesDivideTheRestToThePhone) {
    EXPECT_EQ(first_numbers(with_groups({{1, 0}, {0, 10}, {2, 0}}, 100)), (std::vector<std::uint32_t>{0, 30, 40}));
    EXPECT_EQ(first_numbers(with_groups({{1, 0}, {1, 0}, {1, 0}}, 100)), (std::vector<std::uint32_t>{0, 33, 67}));
    EXPECT_EQ(first_numbers(with_groups({{0, 60}, {0, 40}}, 100)), (std::vector<std::uint32_t>{0, 60}));
    EXPECT_EQ(first_numbers(with_groups({{1, 0}, {1e-6, 0}}, 100)), (std::vector<std::uint32_t>{0})) << "nobody left";
}

TEST(Population, CountsThatDoNotAddUpAreRefused) {
    EXPECT_THROW(first_numbers(with_groups({{0, 60}, {0, 41}}, 100)), PlanError);
    EXPECT_THROW(first_numbers(with_groups({{0, 60}}, 100)), PlanError);
    EXPECT_THROW(first_numbers(with_groups({{1, 0}, {0, 101}}, 100)), PlanError);
}

TEST(Population, AStrideVisitsEveryPhoneOnce) {
    EXPECT_EQ(start_stride(1000, 1), 1U);
    for (const std::uint32_t endpoints : {1U, 2U, 3U, 4U, 10U, 97U, 1000U}) {
        std::set<std::uint64_t> visited;
        for (std::uint32_t i = 0; i < endpoints; ++i) {
            visited.insert(std::uint64_t{i} * start_stride(endpoints, 3) % endpoints);
        }
        EXPECT_EQ(visited.size(), endpoints);
    }
}

/// Hosts and ports that a 3xx to phones of `group` may name.
std::vector<std::string> redirections(const engine::Group& group) {
    std::vector<std::string> places;
    for (std::size_t i = engine::server_redirected - 1; i < group.elsewhere.size(); ++i) {
        places.push_back(base::to_text(group.elsewhere[i].named));
    }
    return places;
}

TEST(Population, REG_8_A3xxMayLeadToTheRegistrarsThatTheScenarioNames) {
    config::Scenario scenario = with_groups({{1, 0}, {1, 0}, {1, 0}}, 3);
    scenario.run.target = {"192.0.2.1", 5060};
    scenario.groups[1].target = {"192.0.2.2", 5070};
    scenario.groups[2].target = {"192.0.2.2", 5070};
    scenario.groups[2].device.secondary_registrar = {"2001:db8::1", 5060};
    const std::vector<engine::Group> groups = make_groups(scenario, false, registrar);
    const std::vector<std::string> all{"192.0.2.1:5060", "192.0.2.2:5070", "[2001:db8::1]:5060"};
    for (const engine::Group& group : groups) {
        EXPECT_EQ(redirections(group), all);
    }
    EXPECT_FALSE(groups[0].has_secondary);
    EXPECT_TRUE(groups[2].has_secondary);
    EXPECT_EQ(base::to_text(groups[2].server_address(engine::server_secondary)), "[2001:db8::1]:5060");
    EXPECT_TRUE(groups[0].elsewhere[3].is_named_by("sip:[2001:DB8::1]"));
    EXPECT_FALSE(groups[0].elsewhere[2].is_named_by("sip:192.0.2.2"));
}

TEST(Population, REG_8_WithOneRegistrarThereIsNowhereToGo) {
    config::Scenario scenario = with_groups({{1, 0}, {1, 0}}, 2);
    scenario.run.target = {"192.0.2.1", 5060};
    for (const engine::Group& group : make_groups(scenario, false, registrar)) {
        EXPECT_TRUE(group.elsewhere.empty());
    }
    EXPECT_TRUE(make_groups(with_groups({}, 2), true, registrar)[0].elsewhere.empty());
}

TEST(Population, REG_8_BehindAnOutboundProxyARedirectionGoesThroughIt) {
    config::Scenario scenario = with_groups({{1, 0}, {1, 0}}, 2);
    scenario.run.target = {"192.0.2.1", 5060};
    scenario.groups[0].device.outbound_proxy = {"192.0.2.9", 5060};
    scenario.groups[1].target = {"192.0.2.2", 5060};
    const base::SocketAddress proxy{base::IpAddress::from_ipv4(0xc000'0209), 5060};
    const std::vector<engine::Group> groups = make_groups(scenario, false, registrar);
    ASSERT_EQ(redirections(groups[0]), (std::vector<std::string>{"192.0.2.1:5060", "192.0.2.2:5060"}));
    EXPECT_EQ(groups[0].server_address(engine::server_redirected + 1), proxy);
    EXPECT_EQ(redirections(groups[1]), (std::vector<std::string>{"192.0.2.2:5060"}))
        << "what only the proxy is known to reach is not sent to directly";
}

TEST(Population, REG_8_NoMorePlacesThanTheRecordCanTellApart) {
    config::Scenario scenario = with_groups({}, 40);
    scenario.run.target = {"192.0.2.1", 5060};
    for (std::uint16_t i = 0; i < 40; ++i) {
        const config::Target target{"192.0.2.1", static_cast<std::uint16_t>(5060 + i)};
        scenario.groups.push_back({.name = "g", .endpoints = 1, .target = target});
    }
    const engine::Group group = make_groups(scenario, false, registrar)[0];
    EXPECT_EQ(group.elsewhere.size() + 1, engine::servers_max);
    EXPECT_EQ(redirections(group).back(), "192.0.2.1:5073");
}

TEST(Users, AreReadRowByRow) {
    const auto users = read_users(write_file("user,password\r\nalice,s3cret\r\n\r\nbob,\"a,\"\"b\"\nuser17,\ncarol"));
    ASSERT_EQ(users->size(), 4U);
    EXPECT_EQ(users->user(0), "alice");
    EXPECT_EQ(users->password(0), "s3cret");
    EXPECT_EQ(users->password(1), "a,\"b");
    EXPECT_EQ(users->user(2), "user17");
    EXPECT_EQ(users->password(2), "");
    EXPECT_EQ(users->user(3), "carol");
    EXPECT_EQ(read_users(write_file("user1,x\n"))->size(), 1U) << "no heading";
}

TEST(Users, ThatCannotBeAreRefusedWithTheirLine) {
    EXPECT_EQ(problem_of("alice,x\nb b,x\n").substr(0, 20), ":2: \"b b\" is no user");
    EXPECT_EQ(problem_of("alice,\"x\n"), ":1: a quote is not closed");
    EXPECT_EQ(problem_of(",x\n").substr(0, 4), ":1: ");
    EXPECT_EQ(problem_of(std::string(129, 'a') + ",x").substr(0, 4), ":1: ");
    EXPECT_EQ(problem_of("a,x\x01").substr(0, 4), ":1: ");
    EXPECT_EQ(problem_of("a>b\r\nVia: x,y").substr(0, 4), ":1: ") << "no user can end its header";
    EXPECT_THROW(static_cast<void>(read_users("/nonexistent.csv")), PlanError);
    EXPECT_THROW(static_cast<void>(read_users("/dev/zero")), PlanError);
}

TEST(Users, TooFewForTheGroupAreRefused) {
    config::Scenario scenario = with_groups({}, 3);
    scenario.auth.users = write_file("a,1\nb,2\n");
    EXPECT_THROW(static_cast<void>(make_groups(scenario, true, registrar)), PlanError);
    scenario.run.endpoints = 2;
    EXPECT_EQ(make_groups(scenario, true, registrar)[0].users->size(), 2U);
}

}  // namespace
}  // namespace regstorm::app
