// SPDX-License-Identifier: Apache-2.0
// Options: the timers of a phone's requests, where they go and what they look like.
#include <array>

#include "config/rows.hpp"

namespace regstorm::config {
namespace {

constexpr std::array<std::string_view, 3> proxy_mode_names{"in_route", "not_in_route", "always"};
constexpr std::array<std::string_view, 2> failback_names{"refresh", "failure"};
constexpr std::array<std::string_view, 2> mac_in_user_agent_names{"no", "yes"};
constexpr std::array<std::string_view, 3> mac_header_names{"no", "register", "all"};

constexpr Option message_options[] = {
    {.key = "device.t1",
     .help = "SIP T1 Timeout: Timer T1 of RFC 3261, the round-trip estimate",
     .member = at<&Scenario::device, &Device::t1>(),
     .min = of(10ms),
     .max = of(8s),
     .step = 1ms},
    {.key = "device.t2",
     .help = "SIP T2 Interval: Timer T2, the longest interval between retransmissions",
     .member = at<&Scenario::device, &Device::t2>(),
     .min = of(10ms),
     .max = of(64s),
     .step = 1ms},
    {.key = "device.timer_f",
     .help = "Timer F, how long a request waits for its answer; auto is 64 times T1",
     .member = at<&Scenario::device, &Device::timer_f>(),
     .min = of(10ms),
     .max = of(10min),
     .zero_word = "auto",
     .step = 1ms},
    {.key = "device.outbound_proxy",
     .help = "Outbound Proxy: where requests go first",
     .member = at<&Scenario::device, &Device::outbound_proxy>(),
     .zero_word = "none"},
    {.key = "device.outbound_proxy_mode",
     .help = "Outbound Proxy Mode: named in a Route header, sent to without one, or always sent to",
     .member = choice<&Scenario::device, &Device::outbound_proxy_mode>(proxy_mode_names)},
    {.key = "device.secondary_registrar",
     .help = "where a phone registers after no answer, an ICMP error or 503 from its own registrar",
     .member = at<&Scenario::device, &Device::secondary_registrar>(),
     .zero_word = "none"},
    {.key = "device.secondary_failback",
     .help = "it returns to its own one with the next refresh, or when the secondary one fails",
     .member = choice<&Scenario::device, &Device::secondary_failback>(failback_names)},
    {.key = "device.follow_redirects",
     .help = "a 3xx is followed, once per attempt, when it names a registrar of the run (RFC 3261 8.1.3.4)",
     .member = at<&Scenario::device, &Device::follow_redirects>()},
    {.key = "device.local_sip_port",
     .help = "Local SIP Port: in Via and Contact, where the phone has an address of its own",
     .member = at<&Scenario::device, &Device::local_sip_port>(),
     .min = 1,
     .max = 65'535},
    {.key = "device.random_sip_port",
     .help = "Use Random SIP Port: a port of its own per phone instead",
     .member = at<&Scenario::device, &Device::random_sip_port>()},
    {.key = "device.instance_id",
     .help = "Support SIP Instance ID: Contact carries a +sip.instance of its own per phone (RFC 5626)",
     .member = at<&Scenario::device, &Device::instance_id>()},
    {.key = "device.user_agent",
     .help = "User-Agent header; empty sends none",
     .member = at<&Scenario::device, &Device::user_agent>(),
     .max = text_chars_max,
     .check = check_printable},
    {.key = "device.mac_in_user_agent",
     .help = "Add MAC in User-Agent",
     .member = choice<&Scenario::device, &Device::mac_in_user_agent>(mac_in_user_agent_names)},
    {.key = "device.mac_header",
     .help = "Use MAC Header: a MAC header in no request, in REGISTER, or in all",
     .member = choice<&Scenario::device, &Device::mac_header>(mac_header_names)},
    {.key = "device.support_path",
     .help = "`Supported: path` in REGISTER (RFC 3327)",
     .member = at<&Scenario::device, &Device::support_path>()},
};

}  // namespace

std::span<const Option> message_rows() { return message_options; }

}  // namespace regstorm::config
