// SPDX-License-Identifier: Apache-2.0
// Options: how a phone behaves. Device profiles set these; the names are the vendors' own.
#include "config/rows.hpp"

namespace regstorm::config {
namespace {

using enum FlagOf;

constexpr Option rows[] = {
    {.key = "device.profile",
     .flag = "--device",
     .flag_of = run,
     .help = "device profile: a name (see `regstorm profiles`) or a .toml file",
     .member = at<&Scenario::device, &Device::profile>(),
     .min = 1,
     .max = 4096,
     .check = check_printable,
     .shape = "PROFILE"},
    {.key = "device.register_expiration",
     .help = "lifetime asked for; a bare number is minutes",
     .member = at<&Scenario::device, &Device::register_expiration>(),
     .min = of(1s),
     .max = expiration_max,
     .bare = 1min,
     .step = 1s},
    {.key = "device.re_register_before_expiration",
     .help = "refresh this long before expiry; 0 leaves it to refresh_fraction; a bare number is seconds",
     .member = at<&Scenario::device, &Device::re_register_before_expiration>(),
     .max = of(64'800s),
     .bare = 1s,
     .step = 1s},
    {.key = "device.refresh_fraction",
     .help = "refresh after this share of the granted lifetime",
     .member = at<&Scenario::device, &Device::refresh_fraction>(),
     .min = 0.05,
     .max = 0.99},
    {.key = "device.registration_retry_wait",
     .help = "wait after a failed registration; a bare number is seconds",
     .member = at<&Scenario::device, &Device::registration_retry_wait>(),
     .min = of(1s),
     .max = of(3600s),
     .bare = 1s,
     .step = 1s},
    {.key = "device.auth_header_on_re_register",
     .help = "a refresh carries credentials for the last nonce; off, it is challenged anew",
     .member = at<&Scenario::device, &Device::auth_header_on_re_register>()},
    {.key = "device.t1",
     .help = "Timer T1 of RFC 3261, the round-trip estimate",
     .member = at<&Scenario::device, &Device::t1>(),
     .min = of(10ms),
     .max = of(8s),
     .step = 1ms},
    {.key = "device.t2",
     .help = "Timer T2, the longest interval between retransmissions",
     .member = at<&Scenario::device, &Device::t2>(),
     .min = of(10ms),
     .max = of(64s),
     .step = 1ms},
    {.key = "device.t4",
     .help = "Timer T4, how long a message can stay in the network",
     .member = at<&Scenario::device, &Device::t4>(),
     .min = of(10ms),
     .max = of(64s),
     .step = 1ms},
    {.key = "device.user_agent",
     .help = "User-Agent header; empty sends none",
     .member = at<&Scenario::device, &Device::user_agent>(),
     .max = text_chars_max,
     .check = check_printable},
    {.key = "device.instance_id",
     .help = "Contact carries a +sip.instance of its own per phone (RFC 5626)",
     .member = at<&Scenario::device, &Device::instance_id>()},
};

}  // namespace

std::span<const Option> device_rows() { return rows; }

}  // namespace regstorm::config
