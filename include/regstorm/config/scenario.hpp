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
#include "regstorm/port/port_spec.hpp"

namespace regstorm::config {

struct Run {
    Target target{};                       ///< none: the embedded registrar
    std::optional<port::PortSpec> port{};  ///< none: by the target; there once loaded
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
    std::string hdr_log{};
    std::string prometheus{};     ///< address and TCP port to be scraped at; empty: none
    std::string record_timers{};  ///< for tools/timer_lab; of worker 1 on with their numbers behind it
    std::string fail_if{};        ///< criteria (criteria.hpp), judged at the end
    std::string abort_if{};       ///< criteria for one interval: the first that fails ends the run
    Duration abort_grace = 10s;
    Duration interval = 1s;
    bool quiet = false;
    bool progress = true;
};

/// Datagrams that are kept to be looked at.
struct Evidence {
    std::string capture{};        ///< path of a pcapng file; empty: none
    std::uint32_t first = 1'000;  ///< datagrams kept at most
    std::uint32_t endpoint = 0;   ///< only this phone's, counted from 1; 0: all
    bool failures = false;        ///< only those of phones that failed
    std::uint32_t trace = 0;      ///< the phone, counted from 1, whose life is told; 0: none
};

enum class CapacityMethod : std::uint8_t { search, rfc7502 };
enum class CapacityUsers : std::uint8_t { same, fresh };

/// `regstorm capacity`: trial after trial, at rates that it chooses itself.
struct Capacity {
    CapacityMethod method = CapacityMethod::search;
    std::string goal = "loss <= 0.01% and rrd_p99 < 50ms";  ///< criteria that must hold (criteria.hpp)
    std::uint32_t rate_start = 0;                           ///< 0: 1000, or RFC 7502's 100
    std::uint32_t rate_min = 10;
    std::uint32_t rate_max = 200'000;
    Duration trial = 5s;
    Duration settle = 4s;  ///< for answers after the last start of a trial
    Duration pause = 1s;   ///< between trials
    double precision = 0.05;
    std::uint32_t confirm = 2;
    std::uint32_t trials_max = 60;
    Duration time_max{0};  ///< 0: 15 minutes; with rfc7502 none
    CapacityUsers users = CapacityUsers::same;
    std::uint32_t aors = 0;  ///< 0: as many as a trial needs
    std::uint32_t attempts = 50'000;
    double increase = 0.1;
    double decrease = 0.1;
    std::uint32_t stalls = 10;
    bool baseline = true;
    Duration reregister_after = 5min;  ///< 0: no re-registration rate
};

/// Beyond these the generator is the limit, and the verdict says so.
struct Limits {
    Duration send_lag_p99 = 10ms;
    double missed_slots = 0.01;  ///< share of the attempts
    double read_late = 0.01;     ///< share of the datagrams received
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
    Evidence evidence{};
    Capacity capacity{};
    Limits limits{};
    std::vector<PhoneGroup> groups{};  ///< empty: all phones are alike
};

}  // namespace regstorm::config
