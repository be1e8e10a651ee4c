// SPDX-License-Identifier: Apache-2.0
// What an event of the state machine brings with it, for the action that follows.
#pragma once

#include <cstdint>
#include <optional>

#include "regstorm/base/units.hpp"
#include "regstorm/engine/group.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

/// Why an attempt fails: a final status, or, with status 0, a counter.
struct Cause {
    std::uint16_t status = 0;
    stats::Counter counter = stats::Counter::failed_timeout;
    registration::FailureClass failure = registration::FailureClass::timeout;
    std::optional<std::uint32_t> retry_after_s{};
};

struct Happening {
    base::Nanoseconds now_ns = 0;
    base::Nanoseconds intended_ns = 0;
    const sip::Response* response = nullptr;
    Cause cause{};
    bool away = false;                 ///< the boot delay is the time that a phone of the churn stays away
    std::uint8_t server = server_own;  ///< where a 3xx leads
};

}  // namespace regstorm::engine
