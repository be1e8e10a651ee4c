// SPDX-License-Identifier: Apache-2.0
// The tables that embed.py writes at build time.
#pragma once

#include <cstddef>

#include "regstorm/config/library.hpp"

namespace regstorm::config {

extern const Embedded scenarios_table[];
extern const std::size_t scenarios_count;
extern const Embedded profiles_table[];
extern const std::size_t profiles_count;

}  // namespace regstorm::config
