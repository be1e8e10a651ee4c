// SPDX-License-Identifier: Apache-2.0
// Header rows of an answer, put together before the answer is written around them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/text.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::registrar {

/// A small writer that never runs over; what does not fit is left out.
class Rows {
  public:
    void text(std::string_view text) {
        if (text.size() > buffer_.size() - size_) {
            return;
        }
        size_ = static_cast<std::size_t>(base::write_text(buffer_.data() + size_, text) - buffer_.data());
    }
    void number(std::uint32_t value) {
        std::array<char, 10> digits;
        text({digits.data(), static_cast<std::size_t>(base::write_decimal(digits.data(), value) - digits.data())});
    }
    [[nodiscard]] std::string_view view() const { return {buffer_.data(), size_}; }

  private:
    std::array<char, bindings_per_aor_max*(contact_chars_max + 32) + 256> buffer_;
    std::size_t size_ = 0;
};

}  // namespace regstorm::registrar
