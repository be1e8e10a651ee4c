// SPDX-License-Identifier: Apache-2.0
// A part of the population that differs from the rest: [[group]] in a scenario. It starts from the scenario's device
// and auth; its own profile, and then its own keys, lie over that.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/config/device.hpp"
#include "regstorm/config/values.hpp"

namespace regstorm::config {

struct Auth {
    std::string user = "user%06d";
    std::string password = "secret";
    std::string domain{};  ///< empty: the target's host
    std::string users{};   ///< path of a CSV file, USER,PASSWORD per phone; empty: the two patterns
};

struct PhoneGroup {
    std::string name{};
    double share = 0;             ///< of the endpoints that no group counts, by weight; 0 with `endpoints`
    std::uint32_t endpoints = 0;  ///< 0: by share
    Target target{};              ///< none: run.target
    Device device{};
    Auth auth{};
};

inline constexpr std::size_t groups_max = 1000;

}  // namespace regstorm::config
