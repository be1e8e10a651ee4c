// SPDX-License-Identifier: Apache-2.0
// An IPv4 or IPv6 address and UDP port as plain data: copied, compared and hashed without a system call.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace regstorm::base {

enum class Family : std::uint8_t { ipv4, ipv6 };

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 uses the first four, the rest stay zero
    Family family = Family::ipv4;

    /// In words, not by the call to memcmp() that a comparison of arrays becomes: two of these for each frame. Of an
    /// IPv4 address just the four bytes, as they were stored: a wider load of what was written just now has to wait.
    friend bool operator==(const IpAddress& left, const IpAddress& right) {
        if (left.family != right.family) {
            return false;
        }
        if (left.family == Family::ipv4) [[likely]] {
            return left.word<std::uint32_t>(0) == right.word<std::uint32_t>(0);
        }
        return left.word<std::uint64_t>(0) == right.word<std::uint64_t>(0) &&
               left.word<std::uint64_t>(8) == right.word<std::uint64_t>(8);
    }

    /// The IPv4 address as a host-order number; meaningless for IPv6.
    [[nodiscard]] constexpr std::uint32_t ipv4() const {
        return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
    }
    [[nodiscard]] static constexpr IpAddress from_ipv4(std::uint32_t host_order) {
        IpAddress ip;
        ip.bytes = {static_cast<std::uint8_t>(host_order >> 24), static_cast<std::uint8_t>(host_order >> 16),
                    static_cast<std::uint8_t>(host_order >> 8), static_cast<std::uint8_t>(host_order)};
        return ip;
    }

  private:
    template <class Word>
    [[nodiscard]] Word word(std::size_t at) const {
        Word word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        return word;
    }
};

struct SocketAddress {
    IpAddress ip;
    std::uint16_t udp_port = 0;  ///< host order

    friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

/// Which of a port's own identities a datagram leaves from or arrived at. The port gives it meaning: on bypass
/// ports `address` is an offset into the source range, on kernel UDP it numbers the socket.
struct Source {
    std::uint16_t address = 0;
    std::uint16_t udp_port = 0;  ///< host order

    friend bool operator==(const Source&, const Source&) = default;
};

/// "192.0.2.1" or "2001:db8::1" (brackets allowed for IPv6). Nothing else: no names, no ports.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);
/// "192.0.2.1", "192.0.2.1:5060", "[::1]:5060", "::1"; `default_port` when none is given.
[[nodiscard]] std::optional<SocketAddress> parse_socket_address(std::string_view text, std::uint16_t default_port);

/// Longest text of an address, and of an address in brackets.
inline constexpr std::uint32_t ip_chars_max = 45;
/// The text of to_text(ip) at `out`, without allocation; returns one past the last byte, at most ip_chars_max on.
char* write_ip(char* out, const IpAddress& ip) noexcept;

/// As a person writes it: "192.0.2.1", "2001:db8::1".
[[nodiscard]] std::string to_text(const IpAddress& ip);
/// As a SIP sent-by or URI host and port (RFC 3261 25.1, RFC 5118 4.5): "192.0.2.1:5060", "[2001:db8::1]:5060".
[[nodiscard]] std::string to_text(const SocketAddress& address);

}  // namespace regstorm::base
