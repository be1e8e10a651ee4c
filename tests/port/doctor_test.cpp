// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/doctor.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace regstorm::port {
namespace {

using testing::HasSubstr;

Check find(const std::vector<Check>& checks, const std::string& name) {
    const auto found =
        std::find_if(checks.begin(), checks.end(), [&](const Check& check) { return check.name == name; });
    return found == checks.end() ? Check{"missing: " + name, Verdict::bad, {}, {}, {}} : *found;
}

TEST(Doctor, AnEmptyMachineIsDescribedWithoutACrash) {
    const FakeHost host;
    for (const Check& check : diagnose(gather_host_facts(host.root()))) {
        EXPECT_NE(check.name, "");
        EXPECT_NE(check.finding, "") << check.name;
    }
}

TEST(Doctor, WhateverIsNotWellComesWithItsFixAndWhatItIsWorth) {
    const FakeHost host;
    for (const Check& check : diagnose(gather_host_facts(host.root()))) {
        EXPECT_EQ(check.verdict == Verdict::ok, check.fix.empty()) << check.name;
        EXPECT_EQ(check.verdict == Verdict::ok, check.worth.empty()) << check.name;
    }
}

TEST(Doctor, AFitMachineHasNothingToMend) {
    FakeHost host;
    host.capabilities("000001ffffffffff");
    host.write("sys/devices/system/cpu/online", "0-3,8-11");
    host.write("sys/devices/system/cpu/isolated", "1-3");
    host.write("sys/devices/system/node/online", "0");
    host.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
    host.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc");
    host.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512");
    host.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "500");
    host.folder("sys/kernel/iommu_groups/0");
    host.folder("dev/net/tun");
    host.write("proc/loadavg", "0.25 0.1 0.0 1/99 1234");
    host.write("proc/cpuinfo", "processor : 0\nflags\t\t: fpu avx2 sha_ni");
    const std::vector<Check> checks = diagnose(gather_host_facts(host.root()));
    for (const Check& check : checks) {
        EXPECT_EQ(check.verdict, Verdict::ok) << check.name << ": " << check.finding;
    }
    EXPECT_EQ(find(checks, "CPUs").finding, "8 online");
    EXPECT_EQ(find(checks, "huge pages").finding, "1000 MiB free");
    EXPECT_EQ(find(checks, "SIMD").finding, "sha_ni, avx2");
    EXPECT_EQ(find(checks, "other work").finding, "load 0.25 on 8 CPUs");
    EXPECT_EQ(find(checks, "ports").finding, "memory, udp, af_packet, af_xdp, tap");
}

TEST(Doctor, AClockThatTrapsMakesResultsWrong) {
    FakeHost host;
    host.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
    EXPECT_EQ(find(diagnose(gather_host_facts(host.root())), "clock source").verdict, Verdict::bad);
}

TEST(Doctor, ACrowdedMachineAndATakenPortAreWarnedOf) {
    FakeHost host;
    host.write("sys/devices/system/cpu/online", "0-1");
    host.write("proc/loadavg", "1.75 1 1 2/99 1234");
    host.write("proc/net/udp", "  sl  local_address rem_address\n  12: 0100007F:13C4 00000000:0000 07");
    const std::vector<Check> checks = diagnose(gather_host_facts(host.root()));
    EXPECT_EQ(find(checks, "other work").verdict, Verdict::warn);
    EXPECT_EQ(find(checks, "UDP port 5060").finding, "taken");
}

TEST(Doctor, ANicToSpareIsNamedWithTheCommandThatBindsIt) {
    FakeHost host;
    host.interfaces({"ens1", "ens2"});
    host.default_route("ens1");
    for (const auto& [address, interface] : {std::pair{"0000:03:00.0", "ens1"}, {"0000:04:00.0", "ens2"}}) {
        host.nic(address, "ice");
        host.folder(std::string("sys/bus/pci/devices/") + address + "/net/" + interface);
    }
    const Check check = find(diagnose(gather_host_facts(host.root())), "NIC binding");
    EXPECT_EQ(check.finding, "0000:04:00.0 is with ice");
    EXPECT_THAT(check.fix, HasSubstr("dpdk-devbind.py -b vfio-pci 0000:04:00.0"));
}

TEST(Doctor, TheNicThatCarriesTheSessionIsMarked) {
    FakeHost host;
    host.interfaces({"lo", "ens1"});
    host.default_route("ens1");
    host.nic("0000:03:00.0", "virtio-pci");
    host.folder("sys/bus/pci/devices/0000:03:00.0/virtio0/net/ens1");
    EXPECT_EQ(find(diagnose(gather_host_facts(host.root())), "network devices").finding,
              "0000:03:00.0 virtio-pci (ens1, default route)");
}

TEST(Doctor, ThisMachineCanBeRead) {
    const HostFacts facts = gather_host_facts();
    EXPECT_GE(facts.cpus_online, 1u);
    EXPECT_NE(facts.find_interface("lo"), nullptr);
    EXPECT_THAT(facts.executable, HasSubstr("test_port"));
}

}  // namespace
}  // namespace regstorm::port
