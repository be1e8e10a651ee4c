// SPDX-License-Identifier: Apache-2.0
// The kinds of value a scenario is made of, and how a person writes them: durations carry their unit ("250ms"),
// counts may be short ("100k"), a rate may be "max". Each kind has a reader, which says in words what is wrong, and
// a writer; what the writer gives, the reader takes back unchanged. A plain double or integer for everything would
// have been shorter, and is how other tools end up with timeouts that are seconds here and milliseconds there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regstorm/base/socket_address.hpp"

namespace regstorm::config {

/// One type for every length of time; 292 years fit. Convert with std::chrono::duration_cast.
using Duration = std::chrono::nanoseconds;

/// Events per second, or as fast as this machine can.
struct Rate {
    double per_second = 0;
    bool max = false;

    friend bool operator==(const Rate&, const Rate&) = default;
};

/// Where requests go: an address or a name. Names are resolved when the run starts.
struct Target {
    std::string host{};  ///< without brackets; empty: no target
    std::uint16_t udp_port = 5060;

    [[nodiscard]] bool given() const { return !host.empty(); }
    friend bool operator==(const Target&, const Target&) = default;
};

/// What base::Source can number.
inline constexpr std::uint32_t range_addresses_max = 65'536;

/// Consecutive source addresses: "198.18.0.1-198.18.0.200", "198.18.0.0/24" (its hosts) or one address.
struct AddressRange {
    base::IpAddress first{};
    std::uint32_t count = 0;  ///< 0: none given

    [[nodiscard]] bool given() const { return count != 0; }
    [[nodiscard]] base::IpAddress at(std::uint32_t offset) const;
    [[nodiscard]] bool contains(const base::IpAddress& ip) const;
    friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// UDP ports, both ends included: "10000-59999" or "5060".
struct UdpPortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    [[nodiscard]] std::uint32_t count() const { return std::uint32_t{last} - first + 1; }
    friend bool operator==(const UdpPortRange&, const UdpPortRange&) = default;
};

/// How long to wait after a failure of one kind: as after any other, for ever, or a time of its own.
struct RetryWait {
    enum class Kind : std::uint8_t { same, never, after };

    Kind kind = Kind::same;
    Duration after{0};  ///< of Kind::after only

    friend bool operator==(const RetryWait&, const RetryWait&) = default;
};

/// What a reader makes of a text. `problem` is empty when `value` is good; otherwise it is a predicate about the
/// text, ready to stand after it: "is negative", "has no unit; write 30s or 30ms".
template <class T>
struct Parsed {
    T value{};
    std::string problem{};

    [[nodiscard]] bool good() const { return problem.empty(); }
};

/// "42", "100k", "1.5M", "2G": whole numbers.
[[nodiscard]] Parsed<std::uint64_t> parse_count(std::string_view text);
/// "250us", "250ms", "30s", "10m", "2h", "1d". A bare number is taken in units of `bare`; zero means it needs a unit.
[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text, Duration bare);
/// "same", "never", or a duration. A bare number is taken in units of `bare`.
[[nodiscard]] Parsed<RetryWait> parse_retry_wait(std::string_view text, Duration bare);
/// "500", "0.5", "5k", "max".
[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text);
/// "0.25" or "25%".
[[nodiscard]] Parsed<double> parse_share(std::string_view text);
/// "true", "yes", "on" and their opposites.
[[nodiscard]] Parsed<bool> parse_bool(std::string_view text);

/// "192.0.2.10", "192.0.2.10:5060", "[::1]:5060", "::1", "host.example:5060"; empty is no target.
[[nodiscard]] Parsed<Target> parse_target(std::string_view text);
[[nodiscard]] Parsed<AddressRange> parse_address_range(std::string_view text);
[[nodiscard]] Parsed<UdpPortRange> parse_udp_ports(std::string_view text);

/// In the largest unit that loses nothing: "1h", "90s", "250ms".
[[nodiscard]] std::string to_text(Duration duration);
[[nodiscard]] std::string to_text(RetryWait wait);
[[nodiscard]] std::string to_text(Rate rate);
[[nodiscard]] std::string to_text(const Target& target);
[[nodiscard]] std::string to_text(const AddressRange& range);
[[nodiscard]] std::string to_text(const UdpPortRange& ports);

/// A double with the fewest digits that read back as the same double.
[[nodiscard]] std::string shortest(double value);
/// A count as people write it: 10000 is "10k", 1500000 is "1.5M", 1234 stays "1234".
[[nodiscard]] std::string short_count(std::uint64_t value);

}  // namespace regstorm::config
