// SPDX-License-Identifier: Apache-2.0
// The text that challenges and credentials share: Digest SP name=value, name="quoted value", ... (RFC 3261 25.1,
// RFC 7235 2.1). Commas inside quotes separate nothing, a backslash takes the next character with it, white space may
// stand around = and commas, empty list elements are allowed. Control characters inside quotes are refused: what we
// take here we echo into our own requests, and a line end there would be a header of the server's choice.
#pragma once

#include <cstdint>
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

/// Which parameters were seen; a second one of a name is malformed, because two readers would pick different ones.
class SeenOnce {
  public:
    /// True the first time.
    [[nodiscard]] bool add(std::uint32_t parameter) noexcept {
        const std::uint32_t bit = 1u << parameter;
        const bool first = (seen_ & bit) == 0;
        seen_ |= bit;
        return first;
    }
    [[nodiscard]] bool has(std::uint32_t parameter) const noexcept { return (seen_ >> parameter & 1) != 0; }

  private:
    std::uint32_t seen_ = 0;
};

/// Equal without regard to case; `lower` is in lower case already.
[[nodiscard]] bool is_word(std::string_view text, std::string_view lower) noexcept;
[[nodiscard]] bool read_algorithm(std::string_view name, DigestAlgorithm& out) noexcept;

}  // namespace regstorm::sip
