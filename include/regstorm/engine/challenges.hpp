// SPDX-License-Identifier: Apache-2.0
// What a 401/407 means to whoever sent the request, and where its nonces are kept. Works on any record with
// `authorization`, `credentials`, `challenges` and `stale_answers`: the registration's, and those of what runs beside.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "regstorm/engine/credential_store.hpp"
#include "regstorm/registration/answer.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/sip/challenge_shapes.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::engine {

class Challenges {
  public:
    Challenges(CredentialStore& store, RealmTable& realms) : store_(store), realms_(realms) {}

    /// Reads the challenges of an answer; they are at hand until the next call. Without a password none counts.
    template <class Any>
    [[nodiscard]] registration::ChallengeFact read(const sip::Response& response, const Any& record,
                                                   bool has_password) {
        registration::ChallengeFact fact = registration::ChallengeFact::none;
        count_ = 0;
        if ((response.status != 401 && response.status != 407) || !has_password) {
            return fact;
        }
        count_ = shapes_.select(response, at_hand_);
        for (std::uint32_t i = 0; i < count_; ++i) {
            fact = std::max(fact, fact_of(at_hand_[i], record));
        }
        return fact;
    }

    /// What a final answer to a REGISTER says, for the state machine.
    [[nodiscard]] registration::Answer read_answer(const sip::Response& response, const registration::Record& record,
                                                   bool has_password) {
        registration::Answer answer{.status = response.status,
                                    .challenge = read(response, record, has_password),
                                    .min_expires_s = response.has_min_expires ? response.min_expires_s : 0};
        if (response.has_retry_after) {
            answer.retry_after_s = response.retry_after_s;
        }
        return answer;
    }

    enum class Kept : std::uint8_t { yes, too_long, store_full };

    /// Stores the challenges at hand. When one does not fit the attempt fails, and is counted.
    template <class Any>
    [[nodiscard]] Kept keep(Any& record) {
        bool stale = false;
        for (std::uint32_t i = 0; i < count_; ++i) {
            const sip::Challenge& challenge = at_hand_[i];
            const std::uint8_t realm = realms_.number_of(challenge.realm);
            if (realm == 0) {
                continue;
            }
            std::uint32_t row = store_.find(record.credentials, realm, challenge.proxy);
            if (!CredentialRow::fits(challenge) || (row == 0 && length_of(record.credentials) == sip::realms_max)) {
                return Kept::too_long;
            }
            if (row == 0 && (row = add_row(record.credentials)) == 0) {
                return Kept::store_full;
            }
            store_[row].assign(challenge, realm);
            stale |= challenge.stale;
        }
        record.stale_answers = static_cast<std::uint8_t>((record.stale_answers + (stale ? 1 : 0)) & 0xf);
        record.challenges = static_cast<std::uint8_t>((record.challenges + 1) & 0xf);
        return Kept::yes;
    }

    /// The request with these credentials was accepted: the nonce that comes next takes their place (AUT-13); they are
    /// given back when the phone keeps none, or when that one is too long to be sent.
    template <class Fits>
    void keep_or_release(registration::Record& record, const sip::Response& response, bool keep, Fits&& fits) {
        if (!keep) {
            store_.release(record.credentials);
            return;
        }
        const std::string_view next_nonce = sip::next_nonce(response.text(response.authentication_info));
        if (!next_nonce.empty() && !(store_[record.credentials].renew(next_nonce) && fits())) {
            store_.release(record.credentials);
        }
    }

  private:
    template <class Any>
    [[nodiscard]] registration::ChallengeFact fact_of(const sip::Challenge& challenge, const Any& record) {
        const std::uint8_t realm = realms_.number_of(challenge.realm);
        if (realm == 0) {
            return registration::ChallengeFact::none;
        }
        if (record.authorization != registration::Authorization::bare &&
            store_.find(record.credentials, realm, challenge.proxy) == 0) {
            return registration::ChallengeFact::other_realm;
        }
        return challenge.stale ? registration::ChallengeFact::stale : registration::ChallengeFact::answerable;
    }

    [[nodiscard]] std::uint32_t length_of(std::uint32_t chain) const {
        std::uint32_t length = 0;
        for (std::uint32_t row = chain; row != 0; row = store_[row].next) {
            ++length;
        }
        return length;
    }

    /// A fresh row at the head of a chain; 0 when the store is full.
    [[nodiscard]] std::uint32_t add_row(std::uint32_t& chain) {
        const std::uint32_t row = store_.take();
        if (row != 0) {
            store_[row].next = chain;
            chain = row;
        }
        return row;
    }

    CredentialStore& store_;
    RealmTable& realms_;
    sip::ChallengeShapes shapes_;
    std::array<sip::Challenge, sip::realms_max> at_hand_;
    std::uint32_t count_ = 0;
};

}  // namespace regstorm::engine
