// SPDX-License-Identifier: Apache-2.0
// Options: the embedded registrar.
#include <array>

#include "config/rows.hpp"
#include "regstorm/config/misbehaviour.hpp"

namespace regstorm::config {
namespace {

using enum FlagOf;

constexpr std::array<std::string_view, 6> algorithm_names{"md5",         "md5-sess",   "sha256",
                                                          "sha256-sess", "sha512-256", "sha512-256-sess"};
constexpr std::array<std::string_view, 3> qop_names{"none", "auth", "auth-int"};
constexpr double rules_chars_max = 2000;
constexpr std::array<std::string_view, 2> too_brief_names{"refuse", "raise"};

constexpr Option registrar_options[] = {
    {.key = "registrar.listen",
     .flag = "--listen",
     .flag_of = registrar,
     .help = "address the registrar answers at",
     .member = at<&Scenario::registrar, &Registrar::listen>()},
    {.key = "registrar.auth",
     .flag = "--no-auth",
     .flag_of = registrar,
     .help = "challenge every registration",
     .member = at<&Scenario::registrar, &Registrar::auth>()},
    {.key = "registrar.algorithm",
     .flag = "--algorithm",
     .flag_of = registrar,
     .help = "digest algorithm",
     .member = choice<&Scenario::registrar, &Registrar::algorithm>(algorithm_names)},
    {.key = "registrar.qop",
     .flag = "--qop",
     .flag_of = registrar,
     .help = "quality of protection that challenges offer",
     .member = choice<&Scenario::registrar, &Registrar::qop>(qop_names)},
    {.key = "registrar.realm",
     .flag = "--realm",
     .flag_of = registrar,
     .help = "realm of the challenges",
     .member = at<&Scenario::registrar, &Registrar::realm>(),
     .max = text_chars_max,
     .check = check_quotable},
    {.key = "registrar.password",
     .flag = "--password",
     .flag_of = registrar,
     .help = "password it expects of everybody; empty is auth.password",
     .member = at<&Scenario::registrar, &Registrar::password>(),
     .max = text_chars_max,
     .check = check_printable,
     .secret = true},
    {.key = "registrar.min_expires",
     .flag = "--min-expires",
     .flag_of = registrar,
     .help = "shortest lifetime granted; a bare number is seconds",
     .member = at<&Scenario::registrar, &Registrar::min_expires>(),
     .max = expiration_max,
     .bare = 1s,
     .step = 1s},
    {.key = "registrar.max_expires",
     .flag = "--max-expires",
     .flag_of = registrar,
     .help = "longest lifetime granted; a bare number is seconds",
     .member = at<&Scenario::registrar, &Registrar::max_expires>(),
     .min = of(1s),
     .max = expiration_max,
     .bare = 1s,
     .step = 1s},
    {.key = "registrar.default_expires",
     .help = "lifetime granted to who asks for none; a bare number is seconds",
     .member = at<&Scenario::registrar, &Registrar::default_expires>(),
     .min = of(1s),
     .max = expiration_max,
     .bare = 1s,
     .step = 1s},
    {.key = "registrar.nonce_lifetime",
     .help = "after this a nonce is stale; a bare number is seconds",
     .member = at<&Scenario::registrar, &Registrar::nonce_lifetime>(),
     .min = of(1s),
     .max = of(24h),
     .bare = 1s,
     .step = 1s},
    {.key = "registrar.too_brief",
     .help = "who asks for less than min_expires gets 423 (refuse) or min_expires (raise)",
     .member = choice<&Scenario::registrar, &Registrar::too_brief>(too_brief_names)},
    {.key = "registrar.misbehave",
     .flag = "--misbehave",
     .flag_of = both,
     .help = "what the registrar does wrong: rules WHAT [SHARE%] [FROM-TO] [user] [KEY=VALUE]... with ; between them, "
             "times counted from the first datagram that it receives; the list is in the README",
     .member = at<&Scenario::registrar, &Registrar::misbehave>(),
     .max = rules_chars_max,
     .check = check_misbehaviour,
     .shape = "RULES",
     .thorough = true},
};

}  // namespace

std::span<const Option> registrar_rows() { return registrar_options; }

}  // namespace regstorm::config
