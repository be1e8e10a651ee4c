// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/words.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace regstorm::cluster {
namespace {

constexpr std::size_t word_bytes = 8;

/// So many words of zero, then so many that follow as they are.
struct Run {
    std::uint32_t zeros = 0;
    std::uint32_t others = 0;
};

bool is_zero(std::span<const char> bytes, std::size_t word) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + word * word_bytes, word_bytes);
    return value == 0;
}

}  // namespace

std::string pack_words(std::span<const char> bytes) {
    const std::size_t words = bytes.size() / word_bytes;
    std::string packed;
    for (std::size_t at = 0; at < words;) {
        const std::size_t from = at;
        while (at < words && is_zero(bytes, at)) {
            ++at;
        }
        const std::size_t first = at;
        while (at < words && !is_zero(bytes, at)) {
            ++at;
        }
        const Run run{static_cast<std::uint32_t>(first - from), static_cast<std::uint32_t>(at - first)};
        packed.append(reinterpret_cast<const char*>(&run), sizeof run);
        packed.append(bytes.data() + first * word_bytes, (at - first) * word_bytes);
    }
    return packed;
}

bool unpack_words(std::string_view packed, std::span<char> bytes) {
    while (!packed.empty()) {
        Run run;
        if (packed.size() < sizeof run) {
            return false;
        }
        std::memcpy(&run, packed.data(), sizeof run);
        packed.remove_prefix(sizeof run);
        const std::size_t zeros = run.zeros * word_bytes;
        const std::size_t others = run.others * word_bytes;
        if (packed.size() < others || bytes.size() < zeros + others) {
            return false;
        }
        std::fill_n(bytes.begin(), zeros, '\0');
        std::copy_n(packed.begin(), others, bytes.begin() + static_cast<std::ptrdiff_t>(zeros));
        packed.remove_prefix(others);
        bytes = bytes.subspan(zeros + others);
    }
    return bytes.empty();
}

}  // namespace regstorm::cluster
