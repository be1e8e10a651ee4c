// SPDX-License-Identifier: Apache-2.0
// Options: what a registered phone sends besides refreshes.
#include <array>

#include "config/rows.hpp"

namespace regstorm::config {
namespace {

constexpr std::array<std::string_view, 4> nat_names{"none", "crlf", "zeros", "stun"};
constexpr std::array<std::string_view, 2> notify_names{"accept", "refuse"};

constexpr Option keep_alive_options[] = {
    {.key = "device.subscribe_mwi",
     .help = "SUBSCRIBE for MWI",
     .member = at<&Scenario::device, &Device::subscribe_mwi>()},
    {.key = "device.subscribe_reg_event",
     .help = "SUBSCRIBE for Registration: to the own registration (RFC 3680)",
     .member = at<&Scenario::device, &Device::subscribe_reg_event>()},
    {.key = "device.subscribe_expiration",
     .help = "Subscribe Expiration: lifetime asked for; 0 subscribes to nothing; a bare number is minutes",
     .member = at<&Scenario::device, &Device::subscribe_expiration>(),
     .max = expiration_max,
     .bare = 1min,
     .step = 1s},
    {.key = "device.subscribe_retry_wait",
     .help = "Subscribe Retry Wait Time: wait after a failed SUBSCRIBE; a bare number is seconds",
     .member = at<&Scenario::device, &Device::subscribe_retry_wait>(),
     .min = of(1s),
     .max = of(3600s),
     .bare = 1s,
     .step = 1s},
    {.key = "device.unsolicited_notify",
     .help = "a NOTIFY that nobody subscribed to is answered 200 (accept) or 481 (refuse)",
     .member = choice<&Scenario::device, &Device::unsolicited_notify>(notify_names)},
    {.key = "device.options_keep_alive",
     .help = "Enable SIP OPTIONS Keep Alive",
     .member = at<&Scenario::device, &Device::options_keep_alive>()},
    {.key = "device.options_interval",
     .help = "SIP OPTIONS Keep Alive Interval; a bare number is seconds",
     .member = at<&Scenario::device, &Device::options_interval>(),
     .min = of(1s),
     .max = of(64'800s),
     .bare = 1s,
     .step = 1s},
    {.key = "device.options_max_lost",
     .help = "SIP OPTIONS Keep Alive Max Lost: unanswered in a row before the phone registers again",
     .member = at<&Scenario::device, &Device::options_max_lost>(),
     .min = 3,
     .max = 10},
    {.key = "device.nat_keep_alive",
     .help = "what keeps a NAT open: nothing, CRLF (RFC 5626), four zero bytes, or a STUN request",
     .member = choice<&Scenario::device, &Device::nat_keep_alive>(nat_names)},
    {.key = "device.nat_keep_alive_interval",
     .help = "Keep-alive Interval of the above; a bare number is seconds",
     .member = at<&Scenario::device, &Device::nat_keep_alive_interval>(),
     .min = of(10s),
     .max = of(160s),
     .bare = 1s,
     .step = 1s},
};

}  // namespace

std::span<const Option> keep_alive_rows() { return keep_alive_options; }

}  // namespace regstorm::config
