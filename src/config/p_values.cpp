// SPDX-License-Identifier: Apache-2.0
#include "config/p_values.hpp"

namespace regstorm::config {
namespace {

using Numbers = std::array<std::uint32_t, provision_accounts>;

constexpr Numbers every(std::uint32_t number) { return {number, number, number, number, number}; }
/// Newer settings: 100 further for each account.
constexpr Numbers hundreds(std::uint32_t first) { return {first, first + 100, first + 200, first + 300, first + 400}; }
/// Older settings: accounts 2 to 5 lie in blocks from 400, 500, 600 and 700.
constexpr Numbers blocks(std::uint32_t first, std::uint32_t offset) {
    return {first, 400 + offset, 500 + offset, 600 + offset, 700 + offset};
}

constexpr Meaning yes_no[] = {{"0", "false"}, {"1", "true"}, {"No", "false"}, {"Yes", "true"}};
constexpr Meaning unregister[] = {{"0", "no"},    {"1", "all"},   {"2", "instance"},       {"No", "no"},
                                  {"All", "all"}, {"Yes", "all"}, {"Instance", "instance"}};
// In units of 10 ms.
constexpr Meaning t1[] = {{"50", "500ms"}, {"100", "1s"}, {"200", "2s"}, {"400", "4s"}, {"800", "8s"}};
constexpr Meaning t2[] = {{"200", "2s"}, {"400", "4s"}, {"800", "8s"}, {"1600", "16s"}, {"3200", "32s"}};
constexpr Meaning proxy_mode[] = {{"0", "in_route"},       {"1", "not_in_route"},          {"2", "always"},
                                  {"InRoute", "in_route"}, {"NotInRoute", "not_in_route"}, {"AlwaysSentTo", "always"}};
// What the keep-alive datagram holds is documented nowhere: CRLF is an assumption. UPnP, Auto and VPN send none.
constexpr Meaning nat[] = {{"0", "none"}, {"1", "stun"}, {"2", "crlf"}, {"3", "none"}, {"4", "none"}, {"5", "none"}};
// 1 is "Yes except REGISTER", and REGISTER is what we send.
constexpr Meaning user_agent[] = {{"0", "no"}, {"1", "no"}, {"2", "yes"}};
constexpr Meaning mac_header[] = {{"0", "no"}, {"1", "register"}, {"2", "all"}};

// clang-format off
constexpr PValue rows[] = {
    {blocks(31, 10), "sip.registration", "SIP Registration", "device.registration", yes_no},
    {blocks(81, 11), "sip.unregisterOnReboot", "Unregister before New Registration",
     "device.unregister_before_registration", unregister},
    {blocks(32, 12), "sip.registerExpiration", "Register Expiration (minutes)", "device.register_expiration", {}, 1, 64'800},
    // Account 2 of the two-port HT80x and DP7xx.
    {{0, 732, 0, 0, 0}, "", "Register Expiration (minutes)", "device.register_expiration", {}, 1, 64'800},
    {hundreds(2330), "sip.registerBeforeExpiration", "Re-register before Expiration (s)",
     "device.re_register_before_expiration", {}, 0, 64'800},
    {hundreds(2359), "", "Add Auth Header On RE-REGISTER", "device.auth_header_on_re_register", yes_no},
    // The same number, but this name came with the newer label "Add Auth Header On Initial REGISTER".
    {{}, "sip.header.authOnInitialRegister", "Add Auth Header On Initial REGISTER", "device.auth_header_on_register", yes_no},
    {every(8359), "sip.delayRegistration", "Delay Registration (s)", "device.delay_registration", {}, 0, 90},
    {{138, 471, 571, 671, 771}, "sip.registrationFailureRetryWaitTime", "Registration Retry Wait Time (s)",
     "device.registration_retry_wait", {}, 1, 3'600},
    {hundreds(26'002), "", "Registration Retry Wait Time upon 403 Forbidden (s)", "device.retry_wait_403", {}, 0, 3'600},
    {blocks(99, 15), "sip.subscribe.forMwi", "SUBSCRIBE for MWI", "device.subscribe_mwi", yes_no},
    {hundreds(2319), "sip.subscribe.forRegistration", "SUBSCRIBE for Registration", "device.subscribe_reg_event", yes_no},
    {hundreds(26'051), "sip.subscribe.expiration", "Subscribe Expiration (minutes)", "device.subscribe_expiration", {}, 0, 64'800},
    {{29'091}, "sip.subscribeFailureRetryWaitTime", "Subscribe Retry Wait Time (s)", "device.subscribe_retry_wait", {}, 1, 3'600},
    {hundreds(2397), "sip.keepAlive.enable", "Enable SIP OPTIONS Keep Alive", "device.options_keep_alive", yes_no},
    {hundreds(2398), "sip.keepAlive.interval", "SIP OPTIONS Keep Alive Interval (s)", "device.options_interval", {}, 1, 64'800},
    {hundreds(2399), "sip.keepAlive.maxLost", "SIP OPTIONS Keep Alive Max Lost", "device.options_max_lost", {}, 3, 10},
    {blocks(52, 14), "network.natTraversal", "NAT Traversal", "device.nat_keep_alive", nat},
    {every(84), "sip.keepAliveInterval", "Keep-alive Interval (s)", "device.nat_keep_alive_interval", {}, 10, 160},
    {blocks(209, 40), "sip.timer.t1", "SIP T1 Timeout (10 ms)", "device.t1", t1},
    {blocks(250, 41), "sip.timer.t2", "SIP T2 Interval (10 ms)", "device.t2", t2},
    {{48}, "sip.outboundProxy.1.address", "Outbound Proxy", "device.outbound_proxy"},
    {hundreds(2305), "sip.outboundProxy.mode", "Outbound Proxy Mode", "device.outbound_proxy_mode", proxy_mode},
    {blocks(40, 13), "sip.localPort", "Local SIP Port", "device.local_sip_port", {}, 1, 65'535},
    {every(20'501), "", "Use Random SIP Port", "device.random_sip_port", yes_no},
    {every(78), "", "Use Random Port", "device.random_sip_port", yes_no},
    {{288, 489, 0, 689, 789}, "sip.supportInstanceId", "Support SIP Instance ID", "device.instance_id", yes_no},
    {every(26'061), "", "Add MAC in User-Agent", "device.mac_in_user_agent", user_agent},
    {every(29'090), "", "Use MAC Header", "device.mac_header", mac_header},
};
// clang-format on

}  // namespace

std::span<const PValue> p_values() { return rows; }

}  // namespace regstorm::config
