// SPDX-License-Identifier: Apache-2.0
// What the user said, as plain data; nothing here is derived. Defaults stand here and only here. Everything else
// about a value (its key, flag, help, range) is one row of the table in src/config/options.cpp, and a new option is
// a member here, a row there and a test. What the run computes from this belongs to the plan, not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/config/device.hpp"
#include "regstorm/config/phone_group.hpp"
#include "regstorm/config/values.hpp"

namespace regstorm::config {

struct Run {
    Target target{};  ///< none: the embedded registrar
    PortSpec port{};  ///< never `automatic` once loaded
    AddressRange source{};
    std::uint32_t endpoints = 10'000;
    Rate rate{.per_second = 1'000};
    Duration duration{0};  ///< 0: until every endpoint had its first outcome, then `hold`
    Duration hold{0};
    std::uint32_t workers = 0;  ///< 0: as many as the machine allows
    std::uint64_t seed = 0;     ///< 0: a fresh one per run
    bool unregister_at_end = true;
    Duration stop_timeout = 32s;  ///< how long a stop waits for answers and removals: Timer F
};

enum class Arrivals : std::uint8_t { even, poisson };

/// How phones start.
struct Load {
    Arrivals arrivals = Arrivals::even;
    Duration ramp_up{0};
    std::string steps{};    ///< config/rate_steps.hpp
    Duration avalanche{0};  ///< 0: run.rate
    bool spread_refresh = false;
    bool cycle = false;
};

/// Phones that go and come back under load.
struct Churn {
    Rate rate{};
    double vanish = 0;  ///< share
    Duration away = 5s;
    Rate rebind_rate{};
};

/// What only a port that owns its link needs.
struct Link {
    std::optional<base::IpAddress> gateway{};
    std::uint32_t prefix = 0;  ///< 0: everything is on the link, or with a gateway only the gateway
    std::uint32_t vlan = 0;    ///< 0: untagged
    UdpPortRange source_ports{10'000, 59'999};
    bool take_default_route = false;
    Duration resolve_timeout = 3s;
};

/// In the order of sip::DigestAlgorithm.
enum class DigestChoice : std::uint8_t { md5, md5_sess, sha256, sha256_sess, sha512_256, sha512_256_sess };
enum class QopChoice : std::uint8_t { none, auth, auth_int };  ///< in the order of sip::Qop
enum class TooBrief : std::uint8_t { refuse, raise };          ///< 423, or grant min_expires

struct Registrar {
    base::SocketAddress listen{base::IpAddress{}, 5060};
    bool auth = true;
    DigestChoice algorithm = DigestChoice::md5;
    QopChoice qop = QopChoice::auth;
    std::string realm = "regstorm.test";
    std::string password{};  ///< empty: auth.password
    Duration min_expires = 60s;
    Duration max_expires = 24h;
    Duration default_expires = 1h;
    Duration nonce_lifetime = 5min;
    TooBrief too_brief = TooBrief::refuse;
    std::string misbehave{};  ///< rules, see config/misbehaviour.hpp
};

struct Report {
    std::string result{};  ///< path of result.json; empty: none
    std::string junit{};   ///< paths of other forms of the same
    std::string html{};
    std::string csv{};
    std::string record_timers{};  ///< for tools/timer_lab; of worker 1 on with their numbers behind it
    std::string fail_if{};        ///< criteria (criteria.hpp), judged at the end
    std::string abort_if{};       ///< criteria for one interval: the first that fails ends the run
    Duration abort_grace = 10s;
    Duration interval = 1s;
    bool quiet = false;
    bool progress = true;
};

/// Beyond these the generator is the limit, and the verdict says so.
struct Limits {
    Duration send_lag_p99 = 10ms;
    double missed_slots = 0.01;  ///< share of the attempts
    double tx_dropped = 0;       ///< share of the datagrams sent
    double rx_dropped = 0;       ///< share of the datagrams that arrived
};

struct Scenario {
    Run run{};
    Load load{};
    Churn churn{};
    Auth auth{};
    Device device{};
    Link link{};
    Registrar registrar{};
    Report report{};
    Limits limits{};
    std::vector<PhoneGroup> groups{};  ///< empty: all phones are alike
};

}  // namespace regstorm::config
