// SPDX-License-Identifier: Apache-2.0
// Options: when a phone registers and refreshes. Device profiles set these; the names are the vendors' own. What
// follows a failure, keep-alives and what a message looks like stand in the files beside this one.
#include <array>

#include "config/rows.hpp"

namespace regstorm::config {
namespace {

constexpr std::array<std::string_view, 3> unregister_names{"no", "instance", "all"};

constexpr Option device_options[] = {
    {.key = "device.profile",
     .flag = "--device",
     .flag_of = FlagOf::run,
     .help = "device profile: a name (see `regstorm profiles`), a .toml file, or a Grandstream cfg.xml",
     .member = at<&Scenario::device, &Device::profile>(),
     .min = 1,
     .max = 4096,
     .check = check_printable,
     .shape = "PROFILE"},
    {.key = "device.registration",
     .help = "SIP Registration: off, the phones never register",
     .member = at<&Scenario::device, &Device::registration>()},
    {.key = "device.unregister_before_registration",
     .help = "Unregister before New Registration: remove nothing, the own contact (instance) or every contact (all, "
             "`Contact: *`) before the first registration",
     .member = choice<&Scenario::device, &Device::unregister_before_registration>(unregister_names)},
    {.key = "device.register_expiration",
     .help = "Register Expiration: lifetime asked for; a bare number is minutes",
     .member = at<&Scenario::device, &Device::register_expiration>(),
     .min = of(1s),
     .max = expiration_max,
     .bare = 1min,
     .step = 1s},
    {.key = "device.register_expiration_spread",
     .help = "asks for up to this much more, drawn anew for each request",
     .member = at<&Scenario::device, &Device::register_expiration_spread>(),
     .max = expiration_max,
     .step = 1s},
    {.key = "device.re_register_before_expiration",
     .help = "Re-register before Expiration: refresh this long before expiry; 0 leaves it to refresh_fraction; one "
             "that is not shorter than the granted lifetime becomes half of it; a bare number is seconds",
     .member = at<&Scenario::device, &Device::re_register_before_expiration>(),
     .max = of(64'800s),
     .bare = 1s,
     .step = 1s},
    {.key = "device.refresh_fraction",
     .help = "refresh after this share of the granted lifetime",
     .member = at<&Scenario::device, &Device::refresh_fraction>(),
     .min = 0.05,
     .max = 0.99},
    {.key = "device.refresh_fraction_max",
     .help = "refresh after a share drawn between refresh_fraction and this",
     .member = at<&Scenario::device, &Device::refresh_fraction_max>(),
     .min = 0.05,
     .max = 0.99,
     .zero_word = "none"},
    {.key = "device.refresh_before_at_most",
     .help = "share of the granted lifetime that re_register_before_expiration may take; 0.5 is the rule E - min(E/2, "
             "d) of Mitel",
     .member = at<&Scenario::device, &Device::refresh_before_at_most>(),
     .min = 0.05,
     .max = 1},
    {.key = "device.delay_registration",
     .help = "Delay Registration: every phone waits this long after its start; a bare number is seconds",
     .member = at<&Scenario::device, &Device::delay_registration>(),
     .max = of(90s),
     .bare = 1s,
     .step = 1ms},
    {.key = "device.start_delay_max",
     .help = "each phone waits from 0 to this after its start, drawn at random; a bare number is seconds",
     .member = at<&Scenario::device, &Device::start_delay_max>(),
     .max = of(1h),
     .bare = 1s,
     .step = 1ms},
    {.key = "device.auth_header_on_register",
     .help = "Add Auth Header On Initial REGISTER: a first REGISTER carries credentials too, when a nonce is known",
     .member = at<&Scenario::device, &Device::auth_header_on_register>()},
    {.key = "device.auth_header_on_re_register",
     .help =
         "Add Auth Header On RE-REGISTER: a refresh carries credentials for the last nonce; off, it is challenged anew",
     .member = at<&Scenario::device, &Device::auth_header_on_re_register>()},
};

}  // namespace

std::span<const Option> device_rows() { return device_options; }

}  // namespace regstorm::config
