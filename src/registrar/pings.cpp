// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registrar/pings.hpp"

#include <array>
#include <charconv>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/text.hpp"

namespace regstorm::registrar {
namespace {

constexpr std::uint32_t id_chars = 32;
using IdText = std::array<char, id_chars>;

/// The number, and a keyed hash that vouches for it.
IdText make_id(std::uint64_t number, std::uint64_t secret) {
    IdText text;
    char* const rest = base::write_hex<16>(text.data(), number);
    base::write_hex<16>(rest, base::mix64(secret + base::mix64(number ^ secret)));
    return text;
}

char* write_address(char* out, const base::SocketAddress& address) {
    const bool ipv6 = address.ip.family == base::Family::ipv6;
    out = base::write_ip(base::write_text(out, ipv6 ? "[" : ""), address.ip);
    return base::write_decimal(base::write_text(out, ipv6 ? "]:" : ":"), address.udp_port);
}

}  // namespace

std::optional<base::SocketAddress> contact_address(std::string_view uri) {
    // Without a scheme it is no SIP URI, and with sips or another one UDP is the wrong way.
    const std::size_t colon = uri.find(':');
    if (colon != 3 || (uri[0] | 0x20) != 's' || (uri[1] | 0x20) != 'i' || (uri[2] | 0x20) != 'p') {
        return std::nullopt;
    }
    uri.remove_prefix(colon + 1);
    uri = uri.substr(uri.find('@') == std::string_view::npos ? 0 : uri.find('@') + 1);
    uri = uri.substr(0, uri.find_first_of(";?"));
    const std::optional<base::SocketAddress> address = base::parse_socket_address(uri, 5060);
    return address && address->udp_port != 0 ? address : std::nullopt;
}

std::uint32_t write_ping(char* out, const Ping& ping, const RegistrarPlan& plan) {
    const IdText id_text = make_id(ping.number, plan.secret);
    const std::string_view id(id_text.data(), id_text.size());
    char* at = base::write_text(base::write_text(out, "OPTIONS "), ping.contact);
    at = write_address(base::write_text(at, " SIP/2.0\r\nVia: SIP/2.0/UDP "), ping.from);
    at = base::write_text(base::write_text(at, ";branch=z9hG4bK"), id);
    at = write_address(base::write_text(at, ";rport\r\nFrom: <sip:ping@"), ping.from);
    at = base::write_text(base::write_text(at, ">;tag="), id.substr(0, 16));
    at = base::write_text(base::write_text(at, "\r\nTo: <"), ping.contact);
    at = base::write_text(base::write_text(at, ">\r\nCall-ID: "), id);
    at = base::write_text(at, "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
    return static_cast<std::uint32_t>(at - out);
}

bool is_ping_call_id(std::string_view call_id, std::uint64_t secret) {
    std::uint64_t number = 0;
    if (call_id.size() != id_chars ||
        std::from_chars(call_id.data(), call_id.data() + 16, number, 16).ptr != call_id.data() + 16) {
        return false;
    }
    const IdText expected = make_id(number, secret);
    return call_id == std::string_view(expected.data(), expected.size());
}

}  // namespace regstorm::registrar
