// SPDX-License-Identifier: Apache-2.0
// Nonces, kept only as long as somebody needs them: from a challenge to its final answer, or from refresh to refresh
// when the profile re-uses them. A fixed number of fixed rows with a free list; a challenge that does not fit is
// reported to the caller, never cut. Most registrars send one challenge of 40-100 characters; a row holds 236.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/digest.hpp"

namespace regstorm::engine {

/// Realms that a worker has met, numbered from 1. Registrars have one or two; more than the table holds, or longer
/// ones, cannot be answered.
class RealmTable {
  public:
    static constexpr std::uint8_t rows_max = 32;
    static constexpr std::uint32_t chars_max = 127;

    /// Number of `realm`, entered if new; 0 when it does not fit.
    [[nodiscard]] std::uint8_t number_of(std::string_view realm) {
        for (std::uint8_t i = 0; i < count_; ++i) {
            if (sip::equal_text(text(static_cast<std::uint8_t>(i + 1)), realm)) {
                return static_cast<std::uint8_t>(i + 1);
            }
        }
        if (count_ == rows_max || realm.size() > chars_max) {
            return 0;
        }
        Row& row = rows_[count_++];
        row.size = static_cast<std::uint8_t>(realm.size());
        realm.copy(row.text.data(), realm.size());
        return count_;
    }
    [[nodiscard]] std::string_view text(std::uint8_t number) const {
        const Row& row = rows_[number - 1];
        return {row.text.data(), row.size};
    }

  private:
    struct Row {
        std::array<char, chars_max> text;
        std::uint8_t size;
    };
    std::array<Row, rows_max> rows_{};
    std::uint8_t count_ = 0;
};

struct alignas(base::cache_line_bytes) CredentialRow {
    static constexpr std::uint32_t text_chars_max = 236;

    std::uint32_t next = 0;  ///< another realm's row of the same endpoint, or the next free row; 0: none
    std::uint32_t nc = 0;    ///< times the nonce was used (RFC 7616 3.4: strictly increases; AUT-9)
    std::uint16_t nonce_size = 0;
    std::uint16_t opaque_size = 0;
    std::uint8_t realm = 0;  ///< in the RealmTable
    sip::DigestAlgorithm algorithm = sip::DigestAlgorithm::md5;
    sip::Qop qop = sip::Qop::none;
    bool algorithm_named : 1 = false;
    bool has_opaque : 1 = false;
    bool userhash : 1 = false;
    bool proxy : 1 = false;
    std::array<char, text_chars_max> text{};  ///< nonce, then opaque

    [[nodiscard]] std::string_view nonce() const { return {text.data(), nonce_size}; }
    [[nodiscard]] std::string_view opaque() const { return {text.data() + nonce_size, opaque_size}; }

    [[nodiscard]] static bool fits(const sip::Challenge& challenge) {
        return challenge.nonce.size() + challenge.opaque.size() <= text_chars_max;
    }

    /// Takes over a challenge that fits; its nonce has not been used yet.
    void assign(const sip::Challenge& challenge, std::uint8_t realm_number) {
        DCHECK(fits(challenge));
        nc = 0;
        realm = realm_number;
        algorithm = challenge.algorithm;
        algorithm_named = challenge.algorithm_named;
        qop = challenge.qop;
        has_opaque = challenge.has_opaque;
        userhash = challenge.userhash;
        proxy = challenge.proxy;
        nonce_size = static_cast<std::uint16_t>(challenge.nonce.size());
        opaque_size = static_cast<std::uint16_t>(challenge.opaque.size());
        sip::copy_text(sip::copy_text(text.data(), challenge.nonce), challenge.opaque);
    }

    /// Replaces the nonce only (Authentication-Info nextnonce; AUT-13). False when it does not fit.
    [[nodiscard]] bool renew(std::string_view next_nonce) {
        if (next_nonce.size() + opaque_size > text_chars_max) {
            return false;
        }
        std::memmove(text.data() + next_nonce.size(), text.data() + nonce_size, opaque_size);
        next_nonce.copy(text.data(), next_nonce.size());
        nonce_size = static_cast<std::uint16_t>(next_nonce.size());
        nc = 0;
        return true;
    }
};

static_assert(sizeof(CredentialRow) == 256, "four cache lines, so that 10 M kept nonces stay plannable");

class CredentialStore {
  public:
    CredentialStore(base::Arena& arena, std::uint32_t rows) : rows_(arena.make<CredentialRow>(rows)) {
        for (std::uint32_t row = rows; row > 0; --row) {
            rows_[row - 1].next = free_;
            free_ = row;
        }
    }

    [[nodiscard]] static constexpr std::size_t bytes_for(std::uint32_t rows) {
        return base::Arena::bytes_for<CredentialRow>(rows);
    }

    /// A free row, or 0 when there is none.
    [[nodiscard]] std::uint32_t take() {
        const std::uint32_t row = free_;
        if (row != 0) {
            free_ = rows_[row - 1].next;
            rows_[row - 1].next = 0;
        }
        return row;
    }

    /// Gives back a whole chain; `row` becomes 0.
    void release(std::uint32_t& row) {
        while (row != 0) {
            const std::uint32_t next = rows_[row - 1].next;
            rows_[row - 1].next = free_;
            free_ = row;
            row = next;
        }
    }

    [[nodiscard]] CredentialRow& operator[](std::uint32_t row) {
        DCHECK(row != 0);
        return rows_[row - 1];
    }
    [[nodiscard]] const CredentialRow& operator[](std::uint32_t row) const {
        DCHECK(row != 0);
        return rows_[row - 1];
    }

    /// The row of a realm within a chain, or 0.
    [[nodiscard]] std::uint32_t find(std::uint32_t row, std::uint8_t realm, bool proxy) {
        while (row != 0 && (rows_[row - 1].realm != realm || rows_[row - 1].proxy != proxy)) {
            row = rows_[row - 1].next;
        }
        return row;
    }

  private:
    std::span<CredentialRow> rows_;
    std::uint32_t free_ = 0;
};

}  // namespace regstorm::engine
