// SPDX-License-Identifier: Apache-2.0
// OpenSSL's opinion of what a digest response is, written as the RFC's formulas and nothing else.
#pragma once

#include <openssl/evp.h>
#include <string>
#include <string_view>

#include "regstorm/sip/digest.hpp"

namespace regstorm::sip::oracle {

inline const EVP_MD* function_of(DigestAlgorithm algorithm) {
    static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static EVP_MD* const sha512_256 = EVP_MD_fetch(nullptr, "SHA512-256", nullptr);
    switch (algorithm) {
        case DigestAlgorithm::md5:
        case DigestAlgorithm::md5_sess:
            return md5;
        case DigestAlgorithm::sha256:
        case DigestAlgorithm::sha256_sess:
            return sha256;
        default:
            return sha512_256;
    }
}

inline std::string hash(DigestAlgorithm algorithm, std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, function_of(algorithm), nullptr);
    return {reinterpret_cast<const char*>(digest), size};
}

inline std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

inline std::string hex_hash(DigestAlgorithm algorithm, std::string_view text) { return hex(hash(algorithm, text)); }

/// RFC 7616 3.4.1, and RFC 2069 2.1.2 without qop. `ha1` is raw.
inline std::string response(const DigestJob& job) {
    const auto text = [](std::string_view view) { return std::string(view); };
    const DigestAlgorithm a = job.algorithm;
    const bool session =
        a == DigestAlgorithm::md5_sess || a == DigestAlgorithm::sha256_sess || a == DigestAlgorithm::sha512_256_sess;
    std::string ha1 = hex({reinterpret_cast<const char*>(job.ha1.data()), digest_bytes(a)});
    if (session) {
        ha1 = hex_hash(a, ha1 + ":" + text(job.nonce) + ":" + text(job.cnonce));
    }
    const std::string body = job.qop == Qop::auth_int ? ":" + hex_hash(a, "") : "";
    const std::string ha2 = hex_hash(a, text(job.method) + ":" + text(job.uri) + body);
    char nc[9];
    std::snprintf(nc, sizeof nc, "%08x", job.nc);
    const std::string middle = job.qop == Qop::none ? ""
                                                    : std::string(nc) + ":" + text(job.cnonce) + ":" +
                                                          (job.qop == Qop::auth_int ? "auth-int" : "auth") + ":";
    return hex_hash(a, ha1 + ":" + text(job.nonce) + ":" + middle + ha2);
}

}  // namespace regstorm::sip::oracle
