// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace regstorm::report {

/// The bytes of an unsigned number, the highest first.
template <class T>
void append_big_endian(std::string& out, T value) {
    for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>(value >> shift & 0xff);
    }
}

}  // namespace regstorm::report
