// SPDX-License-Identifier: Apache-2.0
// The behaviour of one model of phone, in the words of its vendor's settings: what a device profile sets. Defaults are
// those of a phone that follows the RFCs; the rows of the table are in src/config/options_device*.cpp.
#pragma once

#include <string>

#include "regstorm/config/values.hpp"

namespace regstorm::config {

using namespace std::chrono_literals;

enum class Unregister : std::uint8_t { no, instance, all };          ///< nothing, own contact, `Contact: *`
enum class RetryAfter : std::uint8_t { ignore, floor, exact };       ///< at least what the header says, or just that
enum class NatKeepAlive : std::uint8_t { none, crlf, zeros, stun };  ///< what the datagram holds
enum class ProxyMode : std::uint8_t { in_route, not_in_route, always };
enum class MacInUserAgent : std::uint8_t { no, yes };
enum class MacHeader : std::uint8_t { no, register_, all };
enum class Failback : std::uint8_t { refresh, failure };         ///< when a phone leaves its secondary registrar
enum class UnsolicitedNotify : std::uint8_t { accept, refuse };  ///< 200 or 481

struct Device {
    std::string profile = "generic-sip";

    bool registration = true;
    Unregister unregister_before_registration = Unregister::no;
    Duration register_expiration = 1h;
    Duration register_expiration_spread{0};     ///< adds uniform 0..spread to what is asked for
    Duration re_register_before_expiration{0};  ///< 0: refresh_fraction decides
    double refresh_fraction = 0.9;              ///< of the granted lifetime
    double refresh_fraction_max = 0;            ///< 0: none; else uniform from refresh_fraction to this
    double refresh_before_at_most = 1;  ///< share of the lifetime; 1: a margin that is not shorter becomes half of it
    Duration delay_registration{0};     ///< after start, every phone alike
    Duration start_delay_max{0};        ///< after start, uniform 0..this
    bool auth_header_on_register = false;
    bool auth_header_on_re_register = true;

    Duration registration_retry_wait = 20s;
    RetryWait retry_wait_first{};  ///< after the first failure in a row
    RetryWait retry_wait_timeout{};
    RetryWait retry_wait_transport{};
    RetryWait retry_wait_401{};
    RetryWait retry_wait_403{};
    RetryWait retry_wait_404{};
    RetryWait retry_wait_423{};
    RetryWait retry_wait_3xx{};
    RetryWait retry_wait_4xx{};  ///< any other
    RetryWait retry_wait_5xx{};  ///< and 480
    RetryWait retry_wait_6xx{};
    double retry_backoff = 1;     ///< the wait grows by this with every failure in a row
    Duration retry_wait_max{0};   ///< of the grown wait; 0: none
    double retry_factor_min = 1;  ///< the wait is multiplied by uniform(min, max)
    double retry_factor_max = 1;
    Duration retry_jitter{0};  ///< adds uniform 0..jitter
    RetryAfter honour_retry_after = RetryAfter::floor;

    bool subscribe_mwi = false;
    bool subscribe_reg_event = false;
    Duration subscribe_expiration = 1h;  ///< 0: no subscription
    Duration subscribe_retry_wait = 20s;
    bool options_keep_alive = false;
    Duration options_interval = 30s;
    std::uint32_t options_max_lost = 3;
    NatKeepAlive nat_keep_alive = NatKeepAlive::none;
    Duration nat_keep_alive_interval = 20s;
    UnsolicitedNotify unsolicited_notify = UnsolicitedNotify::accept;

    Duration t1 = 500ms;
    Duration t2 = 4s;
    Duration timer_f{0};  ///< 0: 64 * t1
    Target outbound_proxy{};
    ProxyMode outbound_proxy_mode = ProxyMode::in_route;
    Target secondary_registrar{};  ///< none: a phone has one registrar
    Failback secondary_failback = Failback::refresh;
    bool follow_redirects = true;
    std::uint32_t local_sip_port = 5060;
    bool random_sip_port = false;
    bool instance_id = false;
    std::string user_agent = "regstorm";
    MacInUserAgent mac_in_user_agent = MacInUserAgent::no;
    MacHeader mac_header = MacHeader::no;
    bool support_path = true;
};

}  // namespace regstorm::config
