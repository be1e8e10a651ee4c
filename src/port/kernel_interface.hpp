// SPDX-License-Identifier: Apache-2.0
// What a device over a kernel interface needs of that interface beside its driver.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/base/mac_address.hpp"

namespace regstorm::port {

struct KernelInterface {
    unsigned index = 0;
    std::uint32_t mtu = 1500;
    base::MacAddress mac;
};

/// Throws PortError when there is no such interface in the caller's network namespace.
KernelInterface read_kernel_interface(const std::string& name);

/// Makes the interface pass all multicast as long as this lives (a neighbour solicitation for one of our IPv6
/// addresses is one) without touching its settings: nothing stays behind after a crash.
class AllMulticast {
  public:
    explicit AllMulticast(unsigned interface_index);
    ~AllMulticast();
    AllMulticast(const AllMulticast&) = delete;
    AllMulticast& operator=(const AllMulticast&) = delete;

  private:
    int fd_;
};

}  // namespace regstorm::port
