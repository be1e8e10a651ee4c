// SPDX-License-Identifier: Apache-2.0
// `regstorm doctor`: how fit this machine is to generate load, in a list that a person reads from top to bottom.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regstorm/port/host_facts.hpp"

namespace regstorm::port {

enum class Verdict : std::uint8_t { ok, warn, bad };

struct Check {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string finding;  ///< what is so
    std::string fix;      ///< the command that changes it; empty when all is well
    std::string worth;    ///< what the change brings, so that the reader can leave it
};

[[nodiscard]] std::vector<Check> diagnose(const HostFacts& facts);

}  // namespace regstorm::port
