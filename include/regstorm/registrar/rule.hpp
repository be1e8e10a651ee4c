// SPDX-License-Identifier: Apache-2.0
// What the registrar can be told to do wrong. Rules are made from text by config/misbehaviour.hpp and read by
// registrar/misbehaviour.hpp, once per request.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/units.hpp"

namespace regstorm::registrar {

enum class Misdeed : std::uint8_t {
    // Instead of doing what is asked; their shares add up.
    silent,  ///< no answer, to no method
    drop,    ///< no answer: the request counts as lost
    limit,   ///< no answer to what is more than so many a second
    status,  ///< an answer of the rule's
    // About the answer to what was done.
    drop_answer,
    delay,
    duplicate,
    garbage,    ///< random bytes in its place
    early_1xx,  ///< 100 Trying before it
    // About a 200 to REGISTER, or about a challenge.
    no_contact,
    foreign_contact,  ///< another UA's binding stands first
    short_expires,
    next_nonce,
    no_stale,  ///< an expired nonce is refused without stale=true, as Kamailio does
    // Of its own accord.
    ping,  ///< OPTIONS to every bound contact
};
inline constexpr std::uint32_t misdeed_count = static_cast<std::uint32_t>(Misdeed::ping) + 1;

/// A text of bounded size that lives in the rule itself.
template <std::size_t CharsMax>
struct RuleText {
    std::array<char, CharsMax> chars{};
    std::uint8_t size = 0;
    static_assert(CharsMax <= 255);

    [[nodiscard]] std::string_view view() const { return {chars.data(), size}; }
    /// What is longer than CharsMax is cut.
    void assign(std::string_view text) { size = static_cast<std::uint8_t>(text.copy(chars.data(), CharsMax)); }
};

inline constexpr std::uint32_t rules_max = 32;
inline constexpr std::uint32_t rule_user_chars_max = 64;
inline constexpr std::uint32_t rule_contact_chars_max = 164;
inline constexpr std::uint32_t rule_text_chars_max = 240;

/// Bits of Rule::methods.
inline constexpr std::uint8_t on_register = 1;
inline constexpr std::uint8_t on_options = 2;
inline constexpr std::uint8_t on_others = 4;
inline constexpr std::uint8_t on_any = on_register | on_options | on_others;

struct Rule {
    static constexpr std::uint64_t always = ~std::uint64_t{0};
    static constexpr base::Nanoseconds never_ns = ~base::Nanoseconds{0};

    Misdeed misdeed = Misdeed::silent;
    std::uint8_t methods = on_register;
    bool by_user = false;  ///< the share is one of users: each is always hit, or never
    bool stale = false;    ///< a challenge says stale=true
    bool has_expires = false;
    bool has_retry_after = false;
    std::uint16_t status = 0;
    std::uint32_t expires_s = 0;  ///< of short_expires and foreign_contact; Min-Expires of a 423
    std::uint32_t retry_after_s = 0;
    std::uint64_t share = always;  ///< of 2^64
    // Since the first datagram; from_ns included, to_ns not.
    base::Nanoseconds from_ns = 0;
    base::Nanoseconds to_ns = never_ns;
    base::Nanoseconds delay_min_ns = 0;  ///< uniform between both
    base::Nanoseconds delay_max_ns = 0;
    base::Nanoseconds every_ns = 0;              ///< between two pings
    base::Nanoseconds gap_ns = 0;                ///< of limit: between two requests that it lets pass
    RuleText<rule_user_chars_max> user{};        ///< only this one; empty: everybody
    RuleText<rule_contact_chars_max> contact{};  ///< URI of a 3xx; empty: the request's own
    RuleText<rule_text_chars_max> text{};        ///< as the user wrote it, for the table at the end
};

/// The rules of one registrar, in the order of the text.
struct RuleSet {
    std::array<Rule, rules_max> rule{};
    std::uint32_t count = 0;

    [[nodiscard]] bool empty() const { return count == 0; }
    /// The first rule for `misdeed`; nullptr when there is none.
    [[nodiscard]] const Rule* find(Misdeed misdeed) const {
        for (std::uint32_t i = 0; i < count; ++i) {
            if (rule[i].misdeed == misdeed) {
                return &rule[i];
            }
        }
        return nullptr;
    }
};

}  // namespace regstorm::registrar
