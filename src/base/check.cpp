// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace regstorm::base {

void check_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "regstorm: bug at %s:%d: expected %s\n", file, line, expression);
    std::abort();
}

}  // namespace regstorm::base
