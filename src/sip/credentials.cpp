// SPDX-License-Identifier: Apache-2.0
// Authorization and Proxy-Authorization rows, both ways (RFC 3261 22.4, RFC 7616 3.4).
#include "auth_parameters.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/find_stop.hpp"
#include "regstorm/sip/hex.hpp"

namespace regstorm::sip {
namespace {

constexpr std::string_view row_start[] = {"Authorization: Digest username=\"",
                                          "Proxy-Authorization: Digest username=\""};
/// All that can stand around the values: names, quotes, commas, the longest algorithm and qop, nc and its digits.
constexpr std::string_view fixed_text =
    "Proxy-Authorization: Digest username=\"\", realm=\"\", nonce=\"\", uri=\"\", response=\"\", "
    "algorithm=SHA-512-256-sess, cnonce=\"\", opaque=\"\", qop=auth-int, nc=00000001, userhash=true\r\n";

char* write_user(char* out, std::string_view user) {
    const char* const end = user.data() + user.size();
    if (find_stop<false, '"', '\\'>(user.data(), end) == end) [[likely]] {
        return copy_text(out, user);
    }
    for (const char c : user) {
        if (c == '"' || c == '\\') {
            *out++ = '\\';
        }
        *out++ = c;
    }
    return out;
}

constexpr AuthNames of_credentials{AuthName::username, AuthName::realm,     AuthName::nonce,   AuthName::uri,
                                   AuthName::response, AuthName::algorithm, AuthName::cnonce,  AuthName::opaque,
                                   AuthName::qop,      AuthName::nc,        AuthName::userhash};

bool read_qop(std::string_view text, Qop& out) {
    out = is_word(text, "auth") ? Qop::auth : is_word(text, "auth-int") ? Qop::auth_int : Qop::none;
    return out != Qop::none;
}

bool read_nc(std::string_view text, std::uint32_t& out) { return text.size() == 8 && read_hex8(text.data(), out); }

/// As many hexadecimal digits as the algorithm's digest has: 32 or 64.
bool is_response(std::string_view text, DigestAlgorithm algorithm) {
    return text.size() == std::size_t{2} * digest_bytes(algorithm) && is_hex(text);
}

}  // namespace

std::uint32_t credentials_chars_max(const Credentials& c) noexcept {
    return static_cast<std::uint32_t>(fixed_text.size() + 2 * c.user.size() + c.realm.size() + c.nonce.size() +
                                      c.uri.size() + c.opaque.size() + c.cnonce.size() + c.response.size());
}

char* write_credentials(char* out, const Credentials& credentials) noexcept {
    out = copy_text(out, row_start[credentials.proxy ? 1 : 0]);
    out = write_user(out, credentials.user);
    out = copy_text(copy_text(out, "\", realm=\""), credentials.realm);
    out = copy_text(copy_text(out, "\", nonce=\""), credentials.nonce);
    out = copy_text(copy_text(out, "\", uri=\""), credentials.uri);
    out = copy_text(copy_text(out, "\", response=\""), credentials.response);
    *out++ = '"';
    if (credentials.algorithm_named) {
        out = copy_text(copy_text(out, ", algorithm="), to_text(credentials.algorithm));
    }
    if (credentials.qop != Qop::none || !credentials.cnonce.empty()) {
        out = copy_text(copy_text(out, ", cnonce=\""), credentials.cnonce);
        *out++ = '"';
    }
    if (credentials.has_opaque) {
        out = copy_text(copy_text(out, ", opaque=\""), credentials.opaque);
        *out++ = '"';
    }
    if (credentials.qop != Qop::none) {
        out = copy_text(out, credentials.qop == Qop::auth ? ", qop=auth, nc=" : ", qop=auth-int, nc=");
        out = write_hex8(out, credentials.nc);
    }
    if (credentials.userhash) {
        out = copy_text(out, ", userhash=true");
    }
    return copy_text(out, "\r\n");
}

bool parse_credentials(std::string_view value, Credentials& out) noexcept {
    out = Credentials{};
    AuthParameters parameters(value);
    if (!parameters.digest()) {
        return false;
    }
    AuthNames seen{};
    const bool readable = read_each(parameters, of_credentials, seen, [&](AuthName name, std::string_view text) {
        switch (name) {
            case AuthName::username:
                out.user = text;
                break;
            case AuthName::realm:
                out.realm = text;
                break;
            case AuthName::nonce:
                out.nonce = text;
                break;
            case AuthName::uri:
                out.uri = text;
                break;
            case AuthName::response:
                out.response = text;
                break;
            case AuthName::algorithm:
                return read_algorithm(text, out.algorithm);
            case AuthName::cnonce:
                out.cnonce = text;
                break;
            case AuthName::opaque:
                out.opaque = text;
                break;
            case AuthName::qop:
                return read_qop(text, out.qop);
            case AuthName::nc:
                return read_nc(text, out.nc);
            default:
                out.userhash = is_word(text, "true");
                break;
        }
        return true;
    });
    out.algorithm_named = seen.has(AuthName::algorithm);
    out.has_opaque = seen.has(AuthName::opaque);
    const bool complete =
        seen.has_all({AuthName::username, AuthName::realm, AuthName::nonce, AuthName::uri, AuthName::response});
    const bool qop_complete = out.qop == Qop::none || seen.has_all({AuthName::cnonce, AuthName::nc});
    return readable && complete && qop_complete && is_response(out.response, out.algorithm);
}

}  // namespace regstorm::sip
