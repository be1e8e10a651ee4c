// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"

namespace regstorm::app {

std::string_view version() { return REGSTORM_VERSION; }  // from meson.build, the one place that has it

}  // namespace regstorm::app
