// SPDX-License-Identifier: Apache-2.0
// A folder that looks like / of another machine, for everything that reads /proc and /sys. Gone when the test ends.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace regstorm::port {

class FakeHost {
  public:
    FakeHost() {
        std::string pattern = testing::TempDir() + "regstorm-host-XXXXXX";
        root_ = mkdtemp(pattern.data());
    }
    ~FakeHost() {
        std::error_code error;
        std::filesystem::remove_all(root_, error);
    }
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

    void write(const std::string& path, const std::string& text) {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text << '\n';
    }
    void folder(const std::string& path) { std::filesystem::create_directories(root_ / path); }
    void link(const std::string& path, const std::string& target) {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::filesystem::create_symlink(target, root_ / path);
    }

    void interfaces(std::initializer_list<const char*> names) {
        std::string table = "Inter-|   Receive\n face |bytes\n";
        for (const char* name : names) {
            table += std::string("  ") + name + ": 1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0\n";
            write(std::string("sys/class/net/") + name + "/flags", "0x1003");
            write(std::string("sys/class/net/") + name + "/type", "1");
        }
        write("proc/net/dev", table);
    }
    void default_route(const std::string& interface) {
        write("proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n" +
                                    interface + "\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" + interface +
                                    "\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0");
    }
    void capabilities(const std::string& hex) { write("proc/self/status", "Name:\tx\nCapEff:\t" + hex); }
    void memlock(const std::string& soft) {
        write("proc/self/limits", "Limit  Soft Limit  Hard Limit  Units\nMax locked memory         " + soft +
                                      "              8388608              bytes");
    }
    void nic(const std::string& address, const std::string& driver) {
        write("sys/bus/pci/devices/" + address + "/class", "0x020000");
        if (!driver.empty()) {
            link("sys/bus/pci/devices/" + address + "/driver", "../../drivers/" + driver);
        }
    }

  private:
    std::filesystem::path root_;
};

}  // namespace regstorm::port
