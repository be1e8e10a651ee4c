// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/mac_address.hpp"

#include <charconv>

#include "regstorm/base/text.hpp"

namespace regstorm::base {

std::optional<MacAddress> parse_mac(std::string_view text) {
    MacAddress mac;
    if (text.size() != 3 * mac.bytes.size() - 1) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
        const char* digits = text.data() + 3 * i;
        const std::from_chars_result parsed = std::from_chars(digits, digits + 2, mac.bytes[i], 16);
        const bool separated = i + 1 == mac.bytes.size() || digits[2] == ':';
        if (parsed.ec != std::errc{} || parsed.ptr != digits + 2 || !separated) {
            return std::nullopt;
        }
    }
    return mac;
}

std::string to_text(const MacAddress& mac) {
    char text[18];
    char* out = text;
    for (const std::uint8_t byte : mac.bytes) {
        out = write_hex<2>(out, byte);
        *out++ = ':';
    }
    return {text, out - 1};
}

}  // namespace regstorm::base
