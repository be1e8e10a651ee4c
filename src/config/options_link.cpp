// SPDX-License-Identifier: Apache-2.0
// Options: the link, on ports where it is ours.
#include "config/rows.hpp"

namespace regstorm::config {
namespace {

using enum FlagOf;

constexpr Option link_options[] = {
    {.key = "link.gateway",
     .flag = "--gateway",
     .flag_of = both,
     .help = "next hop towards other networks",
     .member = at<&Scenario::link, &Link::gateway>(),
     .zero_word = "none"},
    {.key = "link.prefix",
     .flag = "--prefix",
     .flag_of = both,
     .help = "prefix length of the link; auto: all addresses are on it, or with a gateway the smallest network with it "
             "and us",
     .member = at<&Scenario::link, &Link::prefix>(),
     .min = 1,
     .max = 128,
     .zero_word = "auto",
     .shape = "BITS"},
    {.key = "link.vlan",
     .flag = "--vlan",
     .flag_of = both,
     .help = "VLAN tag of every frame",
     .member = at<&Scenario::link, &Link::vlan>(),
     .min = 1,
     .max = 4094,
     .zero_word = "none",
     .shape = "ID"},
    {.key = "link.source_ports",
     .help = "UDP ports that requests leave from",
     .member = at<&Scenario::link, &Link::source_ports>()},
    {.key = "link.take_default_route",
     .flag = "--take-default-route",
     .flag_of = both,
     .help = "allow taking over the interface that carries the default route, which cuts this machine off",
     .member = at<&Scenario::link, &Link::take_default_route>()},
    {.key = "link.resolve_timeout",
     .help = "how long to ask for the next hop's Ethernet address",
     .member = at<&Scenario::link, &Link::resolve_timeout>(),
     .min = of(100ms),
     .max = of(60s),
     .step = 1ms},
};

}  // namespace

std::span<const Option> link_rows() { return link_options; }

}  // namespace regstorm::config
