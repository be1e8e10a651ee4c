// SPDX-License-Identifier: Apache-2.0
// Valid messages in every layout that the grammar allows: long and compact names, case, folding, order of rows, white
// space, rows that nobody needs, comma-joined values, quoted strings. And mutants of them. All of it from a seed.
#pragma once

#include <string>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {

class MessageGenerator {
  public:
    explicit MessageGenerator(std::uint64_t seed) : prng_(seed) {}

    /// A well-formed message; `response` says which kind.
    [[nodiscard]] std::string message(bool response);
    /// `message` with one to four bytes flipped, inserted, deleted or doubled, cut off, or joined to a part of `other`.
    [[nodiscard]] std::string mutant(const std::string& message, const std::string& other);

  private:
    [[nodiscard]] bool chance(std::uint64_t percent) { return prng_.below(100) < percent; }
    [[nodiscard]] std::size_t below(std::size_t bound) { return static_cast<std::size_t>(prng_.below(bound)); }
    [[nodiscard]] const char* one_of(std::initializer_list<const char*> choices);
    [[nodiscard]] std::string number(std::uint64_t bound) { return std::to_string(prng_.below(bound)); }

    [[nodiscard]] std::string white();
    [[nodiscard]] std::string some_white();
    [[nodiscard]] std::string name(const char* long_form, const char* compact);
    [[nodiscard]] std::string row(const char* long_form, const char* compact, const std::string& value);
    [[nodiscard]] std::string quoted();
    [[nodiscard]] std::string parameters(std::vector<std::string> known);
    [[nodiscard]] std::string uri();
    [[nodiscard]] std::string address(bool bare_allowed);
    [[nodiscard]] std::string via(bool top);
    [[nodiscard]] std::string contact();
    [[nodiscard]] std::vector<std::string> own_rows(bool response);
    void mutate_once(std::string& text, const std::string& other);

    base::Prng prng_;
    bool plain_ = false;  ///< this message is in the usual layout
};

}  // namespace regstorm::sip
