// SPDX-License-Identifier: Apache-2.0
// The sockets that DPDK's af_packet and af_xdp drivers open inside this process. The drivers leave three things
// undone that must be done on the socket itself, so they are looked up in /proc/self/fd:
//   - their losses are not counted (PACKET_STATISTICS never read, the full receive ring of XDP_STATISTICS left out);
//   - a packet socket also receives what this host sends (nobody told it not to);
//   - the af_xdp driver of 22.11 with libxdp 1.3 never closes its socket, and the queue stays busy until the process
//     ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <vector>

#include "regstorm/port/port_spec.hpp"

namespace regstorm::port {

class DriverSockets {
  public:
    /// Made before the driver starts: remembers which sockets are not its own.
    explicit DriverSockets(PortKind kind);
    /// After the driver is gone: closes our duplicates, and what the driver forgot.
    ~DriverSockets();
    DriverSockets(const DriverSockets&) = delete;
    DriverSockets& operator=(const DriverSockets&) = delete;

    /// After the driver started: takes a duplicate of each socket that is new.
    void adopt();

    /// Frames that arrived and found no room, since the last call for af_packet (the kernel forgets what it has
    /// told) and since the start for af_xdp.
    [[nodiscard]] std::uint64_t read_drops() const;

  private:
    PortKind kind_;
    int family_;
    std::set<ino_t> inodes_;  ///< before adopt(): those of others; afterwards: the driver's
    std::vector<int> duplicates_;
};

}  // namespace regstorm::port
