// SPDX-License-Identifier: Apache-2.0
// How the other ranks find rank 0: it listens on a port that the kernel chooses and invites them, through MPI, with its
// addresses and a secret that no stranger on the network can guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "regstorm/base/units.hpp"
#include "regstorm/cluster/connection.hpp"

namespace regstorm::cluster {

/// Of this machine, for people.
[[nodiscard]] std::string host_name();

/// What a rank says first, as JSON.
struct Hello {
    std::string secret{};
    std::uint32_t rank = 0;
    std::string host{};
    std::string version{};      ///< of the program: ranks hand each other memory as it is
    std::uint32_t workers = 0;  ///< that it will have
    std::string scenario{};     ///< what all ranks must agree on
    std::string problem{};      ///< why it cannot take part
};
[[nodiscard]] std::string to_text(const Hello& hello);
/// Nothing when it is no hello.
[[nodiscard]] std::optional<Hello> parse_hello(const std::string& text);

struct Guest {
    Hello hello{};
    Connection connection{};
};

class Door {
  public:
    /// Throws std::runtime_error when no socket can be had.
    Door();
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// "SECRET HOST PORT ADDRESS..."
    [[nodiscard]] std::string invitation() const;
    /// The other `ranks` - 1, by rank; fewer when not all of them came within the time.
    [[nodiscard]] std::vector<Guest> wait_for(std::uint32_t ranks, base::Nanoseconds within_ns);

  private:
    int socket_ = -1;
    std::uint16_t tcp_port_ = 0;
    std::string secret_;
};

/// A rank's way in: connects and says hello, with the invitation's secret. Throws std::runtime_error.
[[nodiscard]] Connection knock(const std::string& invitation, Hello hello);

}  // namespace regstorm::cluster
