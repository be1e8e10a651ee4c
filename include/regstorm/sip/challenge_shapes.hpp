// SPDX-License-Identifier: Apache-2.0
// Answers of one shape (answer_shapes.hpp) have the same challenges in the same places, with other nonces: they are
// parsed once, and from then on only found again.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// One beside each AnswerShapes, whose responses alone it may see: their `shape` means nothing elsewhere.
class ChallengeShapes {
  public:
    /// As select_challenges().
    [[nodiscard]] std::uint32_t select(const Response& response, std::span<Challenge, realms_max> out) noexcept {
        if (response.shape == 0 || response.shape != shape_) {
            return learn(response, out);
        }
        for (std::uint32_t i = 0; i < count_; ++i) {
            out[i] = challenges_[i];
            out[i].realm = response.text(places_[i].realm);
            out[i].nonce = response.text(places_[i].nonce);
            out[i].opaque = response.text(places_[i].opaque);
        }
        return count_;
    }

  private:
    struct Place {
        Field realm;
        Field nonce;
        Field opaque;
    };

    [[gnu::noinline]] std::uint32_t learn(const Response& response, std::span<Challenge, realms_max> out) noexcept {
        const auto place = [&](std::string_view text) {
            return text.empty() ? Field{}
                                : Field{static_cast<std::uint16_t>(text.data() - response.data),
                                        static_cast<std::uint16_t>(text.size())};
        };
        shape_ = response.shape;
        count_ = select_challenges(response, out);
        for (std::uint32_t i = 0; i < count_; ++i) {
            challenges_[i] = out[i];
            places_[i] = {place(out[i].realm), place(out[i].nonce), place(out[i].opaque)};
        }
        return count_;
    }

    std::uint32_t shape_ = 0;
    std::uint32_t count_ = 0;
    std::array<Challenge, realms_max> challenges_;
    std::array<Place, realms_max> places_{};
};

}  // namespace regstorm::sip
