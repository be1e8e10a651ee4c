// SPDX-License-Identifier: Apache-2.0
// Whom a request is about, out of its To.
#pragma once

#include <string_view>

namespace regstorm::registrar {

/// The address-of-record in a To value: what stands in <>, or before the parameters.
[[nodiscard]] inline std::string_view aor_of(std::string_view to) {
    // A quoted display name may hold '<'; the URI's own bracket is the last one.
    if (const std::size_t open = to.rfind('<'); open != std::string_view::npos) {
        const std::size_t close = to.find('>', open);
        return close == std::string_view::npos ? std::string_view{} : to.substr(open + 1, close - open - 1);
    }
    return to.substr(0, to.find(';'));
}

/// The user of an address-of-record, empty when it has none.
[[nodiscard]] inline std::string_view user_of(std::string_view aor) {
    const std::size_t colon = aor.find(':');
    const std::size_t at = aor.find('@');
    return colon >= at || at == std::string_view::npos ? std::string_view{} : aor.substr(colon + 1, at - colon - 1);
}

}  // namespace regstorm::registrar
