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

enum Parameter : std::uint32_t {
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm,
    cnonce,
    opaque,
    qop,
    nc,
    userhash,
    unknown
};

Parameter parameter_of(std::uint64_t key) {
    constexpr std::uint64_t keys[] = {name_key("username"), name_key("realm"),    name_key("nonce"),
                                      name_key("uri"),      name_key("response"), name_key("algorithm"),
                                      name_key("cnonce"),   name_key("opaque"),   name_key("qop"),
                                      name_key("nc"),       name_key("userhash")};
    static_assert(std::size(keys) == unknown);
    for (std::uint32_t i = 0; i < unknown; ++i) {
        if (key == keys[i]) {
            return static_cast<Parameter>(i);
        }
    }
    return unknown;
}

bool read_qop(std::string_view text, Qop& out) {
    out = is_word(text, "auth") ? Qop::auth : is_word(text, "auth-int") ? Qop::auth_int : Qop::none;
    return out != Qop::none;
}

bool read_nc(std::string_view text, std::uint32_t& out) { return text.size() == 8 && read_hex8(text.data(), out); }

/// As many hexadecimal digits as the algorithm's digest has: 32 or 64.
bool is_response(std::string_view text, DigestAlgorithm algorithm) {
    bool good = text.size() == std::size_t{2} * digest_bytes(algorithm);
    for (std::size_t i = 0; good && i < text.size(); i += 16) {
        std::uint64_t value = 0;
        good = read_hex16(text.data() + i, value);
    }
    return good;
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
    SeenOnce seen;
    AuthParameter one;
    while (parameters.next(one)) {
        const Parameter parameter = parameter_of(one.key);
        if (parameter == unknown) {
            continue;
        }
        bool good = seen.add(parameter);
        switch (parameter) {
            case username:
                out.user = one.value;
                break;
            case realm:
                out.realm = one.value;
                break;
            case nonce:
                out.nonce = one.value;
                break;
            case uri:
                out.uri = one.value;
                break;
            case response:
                out.response = one.value;
                break;
            case algorithm:
                good &= read_algorithm(one.value, out.algorithm);
                break;
            case cnonce:
                out.cnonce = one.value;
                break;
            case opaque:
                out.opaque = one.value;
                break;
            case qop:
                good &= read_qop(one.value, out.qop);
                break;
            case nc:
                good &= read_nc(one.value, out.nc);
                break;
            case userhash:
                out.userhash = is_word(one.value, "true");
                break;
            case unknown:
                break;
        }
        if (!good) {
            return false;
        }
    }
    out.algorithm_named = seen.has(algorithm);
    out.has_opaque = seen.has(opaque);
    const bool complete =
        seen.has(username) && seen.has(realm) && seen.has(nonce) && seen.has(uri) && seen.has(response);
    const bool qop_complete = out.qop == Qop::none || (seen.has(cnonce) && seen.has(nc));
    return !parameters.malformed() && complete && qop_complete && is_response(out.response, out.algorithm);
}

}  // namespace regstorm::sip
