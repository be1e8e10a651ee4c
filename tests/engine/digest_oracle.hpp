// SPDX-License-Identifier: Apache-2.0
// What a registrar expects in an Authorization row, computed by OpenSSL from the text of the request alone.
#pragma once

#include <openssl/evp.h>
#include <string>
#include <string_view>

namespace regstorm::engine::oracle {

/// The text of a parameter as it stands, without its quotes; empty when it is not there. Quoted values may hold
/// anything, so the row is read from its start.
inline std::string parameter(std::string_view row, std::string_view wanted) {
    std::size_t at = row.find(' ');  // behind "Digest"
    while (at != std::string_view::npos && at < row.size()) {
        at = row.find_first_not_of(" ,", at);
        const std::size_t equals = row.find('=', at);
        if (equals == std::string_view::npos) {
            break;
        }
        const std::string_view name = row.substr(at, equals - at);
        std::size_t end = equals + 1;
        if (row[end] == '"') {
            for (++end; row[end] != '"'; ++end) {
                end += row[end] == '\\' ? 1 : 0;
            }
            if (name == wanted) {
                return std::string(row.substr(equals + 2, end - equals - 2));
            }
            ++end;
        } else {
            end = std::min(row.find(',', end), row.size());
            if (name == wanted) {
                return std::string(row.substr(equals + 1, end - equals - 1));
            }
        }
        at = end;
    }
    return {};
}

/// Lower-case hex of OpenSSL's digest ("MD5", "SHA256", "SHA512-256") of `text`.
inline std::string hash(const char* function, std::string_view text) {
    EVP_MD* const md = EVP_MD_fetch(nullptr, function, nullptr);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, md, nullptr);
    EVP_MD_free(md);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

/// RFC 7616 3.4.1, RFC 2069 2.1.2 without qop, for a REGISTER of `user`.
inline std::string response(std::string_view row, std::string_view user, std::string_view password) {
    const auto text = [&](std::string_view name) { return parameter(row, name); };
    const std::string algorithm = text("algorithm");
    const char* const function = algorithm.starts_with("SHA-512") ? "SHA512-256"
                                 : algorithm.starts_with("SHA")   ? "SHA256"
                                                                  : "MD5";
    std::string ha1 = hash(function, std::string(user) + ":" + text("realm") + ":" + std::string(password));
    if (algorithm.ends_with("-sess")) {
        ha1 = hash(function, ha1 + ":" + text("nonce") + ":" + text("cnonce"));
    }
    const std::string qop = text("qop");
    const std::string body = qop == "auth-int" ? ":" + hash(function, "") : "";
    const std::string ha2 = hash(function, "REGISTER:" + text("uri") + body);
    if (qop.empty()) {
        return hash(function, ha1 + ":" + text("nonce") + ":" + ha2);
    }
    return hash(function, ha1 + ":" + text("nonce") + ":" + text("nc") + ":" + text("cnonce") + ":" + qop + ":" + ha2);
}

}  // namespace regstorm::engine::oracle
