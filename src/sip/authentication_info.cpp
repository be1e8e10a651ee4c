// SPDX-License-Identifier: Apache-2.0
#include "auth_parameters.hpp"
#include "regstorm/sip/digest.hpp"

namespace regstorm::sip {

std::string_view next_nonce(std::string_view authentication_info) noexcept {
    AuthParameters parameters(authentication_info);
    std::string_view nonce;
    for (AuthParameter parameter; parameters.next(parameter);) {
        if (is_word(parameter.name, "nextnonce")) {
            nonce = parameter.value;
        }
    }
    return parameters.malformed() ? std::string_view{} : nonce;
}

}  // namespace regstorm::sip
