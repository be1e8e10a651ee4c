// SPDX-License-Identifier: Apache-2.0
// Messages between two ranks over TCP, without ever waiting: a rank that is gone closes its connection, and a rank that
// hangs or lost its network is found by its silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regstorm/base/units.hpp"

namespace regstorm::cluster {

enum class Kind : std::uint8_t {
    hello,        ///< to rank 0, JSON: who is there, with what
    go,           ///< from rank 0, JSON: the seed and the share
    command,      ///< from rank 0: engine::Command for all workers, `at_ns` counted from now
    snapshot,     ///< to rank 0: of one worker
    report,       ///< to rank 0: what one worker leaves behind
    failed,       ///< to rank 0: why this rank cannot take part
    interrupted,  ///< to rank 0: how many signals so far
    beat,         ///< either way: still there
    bye,          ///< from rank 0: end, nothing more to do
};

struct Message {
    Kind kind = Kind::beat;
    std::string bytes{};
};

/// Longer silence means that the other end is lost; between two beats pass beat_every_ns.
inline constexpr base::Nanoseconds silence_ns_max = 10 * base::ns_per_s;
/// Before the load: opening a device, or gigabytes of memory, keeps a rank from beating.
inline constexpr base::Nanoseconds opening_ns_max = 120 * base::ns_per_s;
inline constexpr base::Nanoseconds beat_every_ns = base::ns_per_s / 2;

class Connection {
  public:
    Connection() = default;
    /// Takes a connected socket.
    explicit Connection(int socket);
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;

    void send(Kind kind, std::string_view bytes = {});
    /// Writes what can be written, reads what is there.
    void pump();
    [[nodiscard]] std::optional<Message> receive();
    /// The other end can still be written to.
    [[nodiscard]] bool open() const { return socket_ >= 0; }
    /// Bytes that wait to be written.
    [[nodiscard]] std::size_t backlog() const { return out_.size() - written_; }
    /// Pumps until all is written, or so long.
    void flush(base::Nanoseconds within_ns);

  private:
    void close();
    bool write();
    bool read();

    int socket_ = -1;
    std::string in_{};
    std::size_t taken_ = 0;  ///< of in_, by receive()
    std::string out_{};
    std::size_t written_ = 0;  ///< of out_
};

}  // namespace regstorm::cluster
