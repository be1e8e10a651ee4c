// SPDX-License-Identifier: Apache-2.0
// Users and passwords that a file names one by one, for those whose registrar knows no pattern: one block of text and
// eight bytes per phone. Filled before the run, then only read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace regstorm::engine {

class UserList {
  public:
    /// Both up to 255 characters; all together up to 4 GiB. False when the text is full.
    [[nodiscard]] bool add(std::string_view user, std::string_view password) {
        if (text_.size() + user.size() + password.size() > UINT32_MAX) {
            return false;
        }
        rows_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint8_t>(user.size()),
                         static_cast<std::uint8_t>(password.size())});
        text_.insert(text_.end(), user.begin(), user.end());
        text_.insert(text_.end(), password.begin(), password.end());
        return true;
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
    [[nodiscard]] std::string_view user(std::uint32_t row) const {
        return {text_.data() + rows_[row].offset, rows_[row].user_size};
    }
    [[nodiscard]] std::string_view password(std::uint32_t row) const {
        return {text_.data() + rows_[row].offset + rows_[row].user_size, rows_[row].password_size};
    }

  private:
    struct Row {
        std::uint32_t offset;
        std::uint8_t user_size;
        std::uint8_t password_size;
    };
    std::vector<char> text_;
    std::vector<Row> rows_;
};

}  // namespace regstorm::engine
