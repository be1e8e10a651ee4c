// SPDX-License-Identifier: Apache-2.0
// Snapshots and histograms as bytes for the network: a hundred kilobytes of counters, nearly all of them zero. Any row
// of zeros becomes eight bytes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace regstorm::cluster {

[[nodiscard]] std::string pack_words(std::span<const char> bytes);
/// False when `packed` is not what pack_words() made of that many bytes.
[[nodiscard]] bool unpack_words(std::string_view packed, std::span<char> bytes);

/// Between two processes of the same program only: Head sees to that.
template <class T>
[[nodiscard]] std::string pack(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
    return pack_words({reinterpret_cast<const char*>(&value), sizeof value});
}
template <class T>
[[nodiscard]] bool unpack(std::string_view packed, T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
    return unpack_words(packed, {reinterpret_cast<char*>(&value), sizeof value});
}

}  // namespace regstorm::cluster
