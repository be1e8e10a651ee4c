// SPDX-License-Identifier: Apache-2.0
// Digest access authentication as SIP uses it: RFC 3261 22, RFC 7616, RFC 8760. The hash functions are ours, MD5 and
// SHA-256 in SIMD lanes; OpenSSL, which has no lanes and allocates for every SHA-512/256, is the oracle in the tests.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "regstorm/sip/hash.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

enum class DigestAlgorithm : std::uint8_t { md5, md5_sess, sha256, sha256_sess, sha512_256, sha512_256_sess };

/// Digest bytes: 16 for the MD5 pair, 32 for the others.
[[nodiscard]] constexpr std::uint32_t digest_bytes(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::md5 || algorithm == DigestAlgorithm::md5_sess ? 16 : 32;
}
inline constexpr std::uint32_t digest_bytes_max = 32;

/// "MD5", "SHA-512-256-sess", ...: as challenges and credentials name it.
[[nodiscard]] std::string_view to_text(DigestAlgorithm algorithm) noexcept;

enum class Qop : std::uint8_t { none, auth, auth_int };

/// One Digest challenge. The views are the raw text between the quotes, escapes left as they came (AUT-8).
struct Challenge {
    std::string_view realm;
    std::string_view nonce;
    std::string_view opaque;
    bool has_opaque = false;
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    bool algorithm_named = false;  ///< named challenges are answered with the name, others without (AUT-2)
    Qop qop = Qop::none;           ///< the one to use: auth before auth-int (AUT-4)
    bool stale = false;
    bool userhash = false;
    bool proxy = false;  ///< from Proxy-Authenticate: answer with Proxy-Authorization (AUT-15)
};

enum class ChallengeError : std::uint8_t { none, not_digest, unknown_algorithm, unknown_qop, malformed };

/// Parses one WWW-/Proxy-Authenticate value.
[[nodiscard]] ChallengeError parse_challenge(std::string_view value, Challenge& out) noexcept;

inline constexpr std::uint32_t realms_max = 4;

/// The challenges to answer: per realm the topmost that is supported, at most realms_max of them (AUT-6, AUT-7).
/// 0 means: challenged, but with nothing we can answer.
[[nodiscard]] std::uint32_t select_challenges(const Response& response, std::span<Challenge, realms_max> out) noexcept;

/// A whole digest, first digest_bytes() bytes used.
using DigestValue = std::array<std::uint8_t, digest_bytes_max>;

/// H(user:realm:password); the base of every response for that realm. The -sess variants hash it again per nonce.
[[nodiscard]] DigestValue compute_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                                      std::string_view password) noexcept;

/// One HA1 to compute, where many are; the views outlive the call.
struct Ha1Job {
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    std::string_view user;
    std::string_view realm;
    std::string_view password;
    DigestValue* ha1 = nullptr;  ///< digest_bytes(algorithm) bytes go here, the rest stays as it is
};

/// compute_ha1() of all, in SIMD lanes where they are alike, as compute_responses() does it.
void compute_ha1s(std::span<Ha1Job> jobs) noexcept;
/// The same with kernels of the caller's choice; for tests and benchmarks.
void compute_ha1s(std::span<Ha1Job> jobs, const HashKernels& kernels) noexcept;

/// H(user:realm) in hex, 2 * digest_bytes(algorithm) characters: the user name to send when the challenge says
/// userhash (RFC 7616 3.4.4; AUT-14). Returns one past the last.
char* write_userhash(char* out, DigestAlgorithm algorithm, std::string_view user, std::string_view realm) noexcept;

/// One response to compute; everything that goes into it and where the result goes.
struct DigestJob {
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    Qop qop = Qop::none;
    DigestValue ha1{};  ///< as compute_ha1() gives it
    std::string_view nonce;
    std::string_view cnonce;  ///< unused without qop, except by -sess
    std::uint32_t nc = 1;
    std::string_view method;   ///< "REGISTER"
    std::string_view uri;      ///< digest-uri: the request's R-URI
    char* response = nullptr;  ///< 2 * digest_bytes(algorithm) lower-case hex characters go here
};

/// Computes all jobs, together where they are alike (same function, same number of blocks): MD5 and SHA-256 in SIMD
/// lanes, chosen at first use. H(method:uri) is hashed once for as long as both stay the same. Allocates nothing,
/// except OpenSSL's context at a thread's first SHA-512/256.
void compute_responses(std::span<DigestJob> jobs) noexcept;
/// The same with kernels of the caller's choice; for tests and benchmarks.
void compute_responses(std::span<DigestJob> jobs, const HashKernels& kernels) noexcept;

/// Name of the MD5 lane kernel in use: "avx512", "avx2", "portable".
[[nodiscard]] std::string_view digest_kernel() noexcept;

/// What an Authorization or Proxy-Authorization row says.
struct Credentials {
    std::string_view user;  ///< the user name (or its hash, with userhash); written with escapes, read as it stands
    std::string_view realm;
    std::string_view nonce;
    std::string_view uri;
    std::string_view opaque;
    std::string_view cnonce;
    std::string_view response;  ///< hex
    std::uint32_t nc = 1;
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    Qop qop = Qop::none;
    bool algorithm_named = false;
    bool has_opaque = false;
    bool userhash = false;
    bool proxy = false;
};

/// The nonce that an Authentication-Info value tells to use next (RFC 7616 3.5; AUT-13); empty when it tells none.
[[nodiscard]] std::string_view next_nonce(std::string_view authentication_info) noexcept;

/// Upper bound of what write_credentials() writes for these credentials.
[[nodiscard]] std::uint32_t credentials_chars_max(const Credentials& credentials) noexcept;

/// Writes "Authorization: Digest ...\r\n" (or Proxy-Authorization) in the quoting of RFC 7616 3.4 and RFC 3261 22.4:
/// algorithm, qop and nc bare, everything else quoted. Returns one past the last byte.
char* write_credentials(char* out, const Credentials& credentials) noexcept;

/// Parses an Authorization row that a phone sent; what the registrar needs. False when it is not readable Digest.
[[nodiscard]] bool parse_credentials(std::string_view value, Credentials& out) noexcept;

}  // namespace regstorm::sip
