// SPDX-License-Identifier: Apache-2.0
// The text that challenges and credentials share: Digest SP name=value, name="quoted value", ... (RFC 3261 25.1,
// RFC 7235 2.1). Commas inside quotes separate nothing, a backslash takes the next character with it, white space may
// stand around = and commas, empty list elements are allowed. Control characters inside quotes are refused: what we
// take here we echo into our own requests, and a line end there would be a header of the server's choice.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "regstorm/sip/digest.hpp"

namespace regstorm::sip {

/// A parameter's name as one number: its first eight characters in lower case, the first lowest, and inverted when one
/// more follows, which must be the m of algorithm. Longer names are none that we know; 0.
[[nodiscard]] constexpr std::uint64_t name_key(std::string_view name) {
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < name.size() && i < 8; ++i) {
        key |= std::uint64_t{static_cast<unsigned char>(name[i] | 0x20)} << 8 * i;
    }
    return name.size() <= 8 ? key : name.size() == 9 && (name[8] | 0x20) == 'm' ? ~key : 0;
}

struct AuthParameter {
    std::uint64_t key = 0;   ///< name_key() of its name
    std::string_view name;   ///< as it stands, for names that have no key
    std::string_view value;  ///< without the quotes, escapes as they stand
};

class AuthParameters {
  public:
    explicit AuthParameters(std::string_view text) noexcept;

    /// The text starts with the scheme Digest.
    [[nodiscard]] bool digest() const noexcept { return digest_; }
    /// The next parameter; false at the end or where the text cannot be read (then malformed() is true).
    [[nodiscard]] bool next(AuthParameter& out) noexcept;
    [[nodiscard]] bool malformed() const noexcept { return malformed_; }

  private:
    void skip_space() noexcept;
    [[nodiscard]] bool take_name(std::uint64_t& key) noexcept;
    [[nodiscard]] bool take_quoted(std::string_view& out) noexcept;
    [[nodiscard]] bool fail() noexcept {
        malformed_ = true;
        return false;
    }

    const char* at_;
    const char* end_;
    bool digest_ = false;
    bool malformed_ = false;
};

/// The parameters that challenges and credentials have.
enum class AuthName : std::uint32_t {
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
    stale,
    userhash,
    other,
};

[[nodiscard]] constexpr AuthName auth_name(std::uint64_t key) {
    switch (key) {
        case name_key("username"):
            return AuthName::username;
        case name_key("realm"):
            return AuthName::realm;
        case name_key("nonce"):
            return AuthName::nonce;
        case name_key("uri"):
            return AuthName::uri;
        case name_key("response"):
            return AuthName::response;
        case name_key("algorithm"):
            return AuthName::algorithm;
        case name_key("cnonce"):
            return AuthName::cnonce;
        case name_key("opaque"):
            return AuthName::opaque;
        case name_key("qop"):
            return AuthName::qop;
        case name_key("nc"):
            return AuthName::nc;
        case name_key("stale"):
            return AuthName::stale;
        case name_key("userhash"):
            return AuthName::userhash;
        default:
            return AuthName::other;
    }
}

class AuthNames {
  public:
    constexpr AuthNames(std::initializer_list<AuthName> names) {
        for (const AuthName name : names) {
            add(name);
        }
    }
    constexpr void add(AuthName name) { bits_ |= bit(name); }
    [[nodiscard]] constexpr bool has(AuthName name) const { return (bits_ & bit(name)) != 0; }
    [[nodiscard]] constexpr bool has_all(AuthNames others) const { return (others.bits_ & ~bits_) == 0; }

  private:
    [[nodiscard]] static constexpr std::uint32_t bit(AuthName name) { return 1u << static_cast<std::uint32_t>(name); }
    std::uint32_t bits_ = 0;
};

/// Hands the parameters that are `wanted` to `take(name, value)` and notes them in `seen`. False when the text cannot
/// be read, when `take` refuses one, or when one is there twice: two readers would pick different ones.
template <class Take>
[[nodiscard]] bool read_each(AuthParameters& parameters, AuthNames wanted, AuthNames& seen, Take&& take) {
    AuthParameter one;
    while (parameters.next(one)) {
        const AuthName name = auth_name(one.key);
        if (!wanted.has(name)) {
            continue;
        }
        if (seen.has(name) || !take(name, one.value)) {
            return false;
        }
        seen.add(name);
    }
    return !parameters.malformed();
}

/// Equal without regard to case; `lower` is in lower case already.
[[nodiscard]] bool is_word(std::string_view text, std::string_view lower) noexcept;
[[nodiscard]] bool read_algorithm(std::string_view name, DigestAlgorithm& out) noexcept;

}  // namespace regstorm::sip
