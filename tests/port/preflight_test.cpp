// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/preflight.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace regstorm::port {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* root_capabilities = "000001ffffffffff";
constexpr const char* no_capabilities = "0000000000000000";

class Preflight : public testing::Test {
  protected:
    Preflight() {
        host.interfaces({"lo", "ens1", "ens2"});
        host.default_route("ens1");
        host.capabilities(root_capabilities);
        host.memlock("8388608");
        host.write("dev/net/tun", "");
        host.link("proc/self/exe", "/opt/regstorm");
    }
    std::vector<Problem> problems_of(const char* text, PreflightOptions options = {}) {
        return preflight(*parse_port_spec(text).spec, options, gather_host_facts(host.root()));
    }
    FakeHost host;
};

TEST_F(Preflight, NothingIsMissingForRoot) {
    for (const char* port : {"memory", "udp", "af_packet:ens2", "af_packet:ens1", "af_xdp:ens2", "tap"}) {
        EXPECT_THAT(problems_of(port), IsEmpty()) << port;
    }
}

TEST_F(Preflight, MemoryAndUdpNeedNothing) {
    host.capabilities(no_capabilities);
    EXPECT_THAT(problems_of("memory"), IsEmpty());
    EXPECT_THAT(problems_of("udp"), IsEmpty());
}

TEST_F(Preflight, MissingCapabilitiesAreNamedWithTheCommandForAllOfThem) {
    host.capabilities("0000000000003000");  // net_admin and net_raw
    host.memlock("unlimited");
    const std::vector<Problem> problems = problems_of("af_xdp:ens2");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port af_xdp:ens2: needs cap_sys_admin");
    EXPECT_EQ(problems[0].fix,
              "run as root, or: sudo setcap cap_net_raw,cap_net_admin,cap_sys_admin,cap_ipc_lock=ep /opt/regstorm");
}

TEST_F(Preflight, LockedMemoryIsCountedPerWorker) {
    host.capabilities("0000000000002000");
    host.memlock("16777216");
    EXPECT_THAT(problems_of("af_packet:ens2"), IsEmpty());
    const std::vector<Problem> problems = problems_of("af_packet:ens2", {.queues = 3});
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port af_packet:ens2: may lock 16 MiB of memory, needs 48 MiB");
    EXPECT_EQ(problems[0].fix, "sudo prlimit --pid $$ --memlock=50331648");
}

TEST_F(Preflight, AMissingInterfaceIsToldWhichThereAreAndWhichWasMeant) {
    const std::vector<Problem> problems = problems_of("af_packet:esn2");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port af_packet:esn2: there is no interface esn2; there are: lo, ens1, ens2");
    EXPECT_THAT(problems[0].fix, HasSubstr("did you mean ens"));
}

TEST_F(Preflight, AnInterfaceThatIsDownGetsTheCommand) {
    host.write("sys/class/net/ens2/flags", "0x1002");
    const std::vector<Problem> problems = problems_of("af_packet:ens2");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].fix, "sudo ip link set ens2 up");
}

TEST_F(Preflight, AnInterfaceUnknownToSysIsNotCalledDown) {
    std::filesystem::remove_all(host.root() / "sys/class/net/ens2");
    EXPECT_THAT(problems_of("af_packet:ens2"), IsEmpty());
}

TEST_F(Preflight, TheDefaultRouteIsOnlyTakenWhenAskedTo) {
    const std::vector<Problem> problems = problems_of("af_xdp:ens1");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(problems[0].what, HasSubstr("default route"));
    EXPECT_THAT(problems_of("af_xdp:ens1", {.queues = 1, .take_default_route = true}), IsEmpty());
    EXPECT_THAT(problems_of("af_xdp:ens2"), IsEmpty());
}

TEST_F(Preflight, TheDefaultRouteIsFoundThroughBridgeAndVlanAndIpv6) {
    host.default_route("br0");
    host.folder("sys/class/net/ens2/upper_vlan7");
    host.folder("sys/class/net/vlan7/upper_br0");
    EXPECT_EQ(problems_of("af_xdp:ens2").size(), 1u);

    host.default_route("other");
    EXPECT_THAT(problems_of("af_xdp:ens2"), IsEmpty());
    const std::string zero(32, '0');
    host.write("proc/net/ipv6_route",
               zero + " 00 " + zero + " 00 " + zero + " 00000400 00000001 00000000 00000003 ens2");
    EXPECT_EQ(problems_of("af_xdp:ens2").size(), 1u);
    host.write("proc/net/ipv6_route",
               zero + " 00 " + zero + " 00 " + zero + " ffffffff 00000001 00000000 00200200 ens2");
    EXPECT_THAT(problems_of("af_xdp:ens2"), IsEmpty()) << "a reject route carries nothing";
}

TEST_F(Preflight, TapNeedsTheTunDevice) {
    std::filesystem::remove(host.root() / "dev/net/tun");
    const std::vector<Problem> problems = problems_of("tap");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].fix, "sudo modprobe tun");
}

TEST_F(Preflight, AnExistingTapMustBeOfTheKindThatTheDriverAsksFor) {
    EXPECT_EQ(problems_of("tap:ens2").size(), 1u) << "not a tap at all";
    host.write("sys/class/net/ens2/tun_flags", "0x1002");
    const std::vector<Problem> problems = problems_of("tap:ens2");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port tap:ens2: ens2 exists and is no multi-queue tap");
    EXPECT_THAT(problems[0].fix, HasSubstr("ip tuntap add dev ens2 mode tap multi_queue"));
    host.write("sys/class/net/ens2/tun_flags", "0x1102");
    EXPECT_THAT(problems_of("tap:ens2"), IsEmpty());
}

TEST_F(Preflight, AfXdpFitsAFrameIntoOnePage) {
    host.write("sys/class/net/ens2/mtu", "9000");
    const std::vector<Problem> problems = problems_of("af_xdp:ens2");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port af_xdp:ens2: ens2 has an MTU of 9000, this port can do 3438");
    EXPECT_EQ(problems[0].fix, "sudo ip link set ens2 mtu 1500");
    EXPECT_THAT(problems_of("af_packet:ens2"), IsEmpty());
}

class PciPreflight : public Preflight {
  protected:
    PciPreflight() {
        host.nic("0000:03:00.0", "vfio-pci");
        host.folder("sys/bus/pci/devices/0000:03:00.0/iommu_group");
        host.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "1024");
        host.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "1024");
    }
};

TEST_F(PciPreflight, ADeviceBoundToVfioBehindAnIommuIsFine) { EXPECT_THAT(problems_of("pci:03:00.0"), IsEmpty()); }

TEST_F(PciPreflight, AMissingDeviceIsToldWhichThereAre) {
    const std::vector<Problem> problems = problems_of("pci:03:00.1");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port pci:0000:03:00.1: 0000:03:00.1 does not exist; network devices: 0000:03:00.0");
    EXPECT_EQ(problems[0].fix, "did you mean 0000:03:00.0?");
}

TEST_F(PciPreflight, ADeviceThatIsNoNicIsRefused) {
    host.write("sys/bus/pci/devices/0000:00:1f.0/class", "0x060100");
    EXPECT_THAT(problems_of("pci:00:1f.0").at(0).what, HasSubstr("is no network device"));
}

TEST_F(PciPreflight, AKernelDriverKeepsDpdkOutAndTheWayOutIsGiven) {
    host.nic("0000:04:00.0", "e1000e");
    host.folder("sys/bus/pci/devices/0000:04:00.0/iommu_group");
    const std::vector<Problem> problems = problems_of("pci:04:00.0");
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port pci:0000:04:00.0: 0000:04:00.0 is driven by e1000e, which keeps DPDK out");
    EXPECT_EQ(problems[0].fix,
              "sudo modprobe vfio-pci && echo vfio-pci | sudo tee /sys/bus/pci/devices/0000:04:00.0/driver_override && "
              "echo 0000:04:00.0 | sudo tee /sys/bus/pci/devices/0000:04:00.0/driver/unbind && "
              "echo 0000:04:00.0 | sudo tee /sys/bus/pci/drivers_probe");
}

TEST_F(PciPreflight, TheNicOfTheDefaultRouteIsNotTaken) {
    host.nic("0000:04:00.0", "mlx5_core");
    host.folder("sys/bus/pci/devices/0000:04:00.0/net/ens1");
    EXPECT_THAT(problems_of("pci:04:00.0").at(0).what, HasSubstr("default route"));
}

TEST_F(PciPreflight, VfioWithoutIommuNeedsTheUnsafeMode) {
    host.nic("0000:04:00.0", "vfio-pci");
    EXPECT_THAT(problems_of("pci:04:00.0").at(0).what, HasSubstr("no IOMMU"));
    host.write("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y");
    EXPECT_THAT(problems_of("pci:04:00.0"), IsEmpty());
}

TEST_F(PciPreflight, HugePagesAreCountedAndTheCommandSaysHowMany) {
    host.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "10");
    const std::vector<Problem> problems = problems_of("pci:03:00.0", {.queues = 2});
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].what, "port pci:0000:03:00.0: needs 96 MiB of free huge pages, there are 20 MiB");
    EXPECT_EQ(problems[0].fix, "sudo sysctl -w vm.nr_hugepages=48");
}

}  // namespace
}  // namespace regstorm::port
