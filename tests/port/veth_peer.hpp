// SPDX-License-Identifier: Apache-2.0
// A host at the other end of a wire, made of kernel alone: a child process in a network namespace of its own, which
// echoes every UDP datagram it gets on port 5060. Everything vanishes with the two processes. Needs root.
#pragma once

#include <cstdint>
#include <string>

namespace regstorm::port {

/// Moves the calling process into a new, empty network namespace with `lo` up. False without the right to do so.
bool enter_new_network_namespace();

/// Runs a command of iproute2; CHECKs that it succeeded.
void run(const std::string& command);

/// Echoes on `address`:5060 in a child process until the destructor. Where `in_own_namespace`, the child gets a
/// namespace first, and the parent's veth end is `near`, up, the child's `far`, with the address.
class EchoHost {
  public:
    explicit EchoHost(bool in_own_namespace);
    ~EchoHost();
    EchoHost(const EchoHost&) = delete;
    EchoHost& operator=(const EchoHost&) = delete;

    /// Tells the child under which MAC the tester's address lives, so that no ARP is needed.
    void learn(const std::string& interface, const std::string& tester_mac);

    /// Sends `count` datagrams from the child's namespace to the tester's address as fast as the kernel takes them.
    void flood(std::uint32_t count) const;

    static constexpr const char* address = "198.18.0.1";
    static constexpr const char* tester_address = "198.18.0.2";
    static constexpr const char* near_interface = "near0";
    static constexpr const char* far_interface = "far0";
    static constexpr const char* far_mac = "02:00:00:00:00:f0";

  private:
    int child_ = -1;
    bool in_own_namespace_;
};

}  // namespace regstorm::port
