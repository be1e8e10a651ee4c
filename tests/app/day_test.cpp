// SPDX-License-Identifier: Apache-2.0
// A day in the life of every device profile, in virtual time, against the embedded registrar. What each sampled phone
// sent is held against a schedule computed here, from the vendor's settings, with none of the engine's code. The day
// of a whole population takes minutes: REGSTORM_DAY_PHONES=10000 asks for it.
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>

#include "../engine/books.hpp"
#include "../engine/life.hpp"
#include "app/group.hpp"
#include "regstorm/config/library.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::app {
namespace {

using engine::Life;
using engine::second;
using registration::State;
using stats::Counter;

constexpr std::uint32_t sampled_phones = 5;
constexpr double day_s = 86'400;
/// Ticks are whole milliseconds, and a request leaves at the next one.
constexpr double tolerance_s = 0.004;

std::uint32_t phones_of_the_day() {
    const char* const wanted = std::getenv("REGSTORM_DAY_PHONES");
    return wanted == nullptr ? 100 : static_cast<std::uint32_t>(std::atoi(wanted));
}

double s(config::Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// A REGISTER as it left.
struct Sent {
    double at_s = 0;
    std::uint64_t cseq = 0;
    double expires_s = 0;
};

std::string row_of(std::string_view bytes, const std::string& name) {
    const std::size_t at = bytes.find("\r\n" + name + ": ");
    const std::size_t begin = at + name.size() + 4;
    return at == bytes.npos ? std::string() : std::string(bytes.substr(begin, bytes.find("\r\n", begin) - begin));
}

/// Writes down what the first few phones send, and a sum over everything, for comparing whole runs.
class Ear {
  public:
    void operator()(const port::SimSent& sent) const {
        for (const char c : sent.payload) {
            hash_ = base::mix64(hash_ ^ static_cast<std::uint8_t>(c));
        }
        hash_ = base::mix64(hash_ ^ sent.sent_ns);
        if (!sent.payload.starts_with("REGISTER ")) {
            return;
        }
        const std::size_t at = sent.payload.find("<sip:user");
        const auto number = static_cast<std::uint32_t>(std::atoi(sent.payload.data() + at + 9));
        if (number < sampled_phones) {
            heard_[number].push_back({static_cast<double>(sent.sent_ns - engine::Simulation::start_ns) / second,
                                      std::stoull(row_of(sent.payload, "CSeq")),
                                      std::stod(row_of(sent.payload, "Expires"))});
        }
    }
    [[nodiscard]] const std::vector<Sent>& heard(std::uint32_t phone) const { return heard_[phone]; }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

  private:
    mutable std::map<std::uint32_t, std::vector<Sent>> heard_;
    mutable std::uint64_t hash_ = 1;
};

config::Device device_of(std::string_view profile) {
    const config::Loaded loaded = config::load({.settings = {{"--device", "device.profile", std::string(profile)}}});
    EXPECT_TRUE(loaded.good());
    return loaded.scenario.device;
}

engine::WorkerPlan plan_of(const config::Device& device, std::uint32_t phones) {
    engine::WorkerPlan plan = engine::make_plan(phones, 1000);
    plan.groups = {make_group(device, {}, "example.test")};
    plan.groups[0].registrar = engine::registrar_address;
    plan.keep_alives = plan.groups[0].profile.keep_alive.enabled;
    plan.credential_rows = 2 * phones + 16;
    return plan;
}

registrar::RegistrarPlan registrar_of(std::uint32_t phones) {
    registrar::RegistrarPlan plan = engine::make_registrar_plan(phones);
    plan.min_expires_s = 1;
    plan.max_expires_s = 86'400 * 45;
    return plan;
}

/// The first request of each attempt: whatever follows within 100 ms belongs to it (challenges, un-REGISTER first).
std::vector<Sent> attempts_of(const std::vector<Sent>& sent) {
    std::vector<Sent> attempts;
    double last_s = -1;
    for (const Sent& one : sent) {
        if (last_s < 0 || one.at_s - last_s > 0.1) {
            attempts.push_back(one);
        }
        attempts.back().expires_s = std::max(attempts.back().expires_s, one.expires_s);
        last_s = one.at_s;
    }
    return attempts;
}

struct Range {
    double least = 0;
    double most = 0;
};

/// From a grant to the refresh, by the vendor's own words.
Range refresh_range(const config::Device& device, double granted_s) {
    const double before_s = s(device.re_register_before_expiration);
    if (before_s == 0) {
        return {granted_s * device.refresh_fraction,
                granted_s * std::max(device.refresh_fraction, device.refresh_fraction_max)};
    }
    const double margin_s = std::min(before_s, granted_s * device.refresh_before_at_most);
    const double after_s = margin_s >= granted_s ? granted_s / 2 : granted_s - margin_s;
    return {after_s, after_s};
}

Range boot_range(const config::Device& device) {
    const double fixed_s = s(device.delay_registration);
    return {fixed_s, fixed_s + s(device.start_delay_max)};
}

/// The wait after the nth failure in a row by silence.
Range wait_range(const config::Device& device, int failures) {
    const auto of = [&](const config::RetryWait& wait) {
        return wait.kind == config::RetryWait::Kind::after ? s(wait.after) : s(device.registration_retry_wait);
    };
    double wait_s = of(device.retry_wait_timeout);
    if (failures == 1 && device.retry_wait_first.kind == config::RetryWait::Kind::after) {
        wait_s = s(device.retry_wait_first.after);
    } else {
        const double cap_s = device.retry_wait_max.count() == 0 ? 1e9 : std::max(s(device.retry_wait_max), wait_s);
        wait_s = std::min(cap_s, wait_s * std::pow(device.retry_backoff, failures - 1));
    }
    return {wait_s * device.retry_factor_min, wait_s * device.retry_factor_max + s(device.retry_jitter)};
}

class EveryProfile : public testing::TestWithParam<std::string> {};

TEST_P(EveryProfile, REG_6_INV_2_ADayOfRefreshesFollowsItsSettings) {
    const config::Device device = device_of(GetParam());
    const std::uint32_t phones = phones_of_the_day();
    Life life(plan_of(device, phones), 1, registrar_of(phones));
    const Ear ear;
    life.simulation.network().add_tap(ear);
    for (int hour = 1; hour <= 24; ++hour) {
        life.run_until(hour * 3600 * second);
        engine::expect_sums(life.simulation.snapshot());
    }
    EXPECT_EQ(life.bindings(), phones) << "INV-3";
    EXPECT_EQ(life.count(Counter::failed), 0U);
    EXPECT_EQ(life.count(Counter::retransmitted), 0U) << "INV-2: each transaction was sent once";
    for (std::uint32_t phone = 0; phone < sampled_phones; ++phone) {
        SCOPED_TRACE("phone " + std::to_string(phone));
        const std::vector<Sent> attempts =
            attempts_of(life.simulation.now_ns() > 0 ? ear.heard(phone) : std::vector<Sent>{});
        ASSERT_FALSE(attempts.empty());
        const Range boot = boot_range(device);
        const double slot_s = phone / 1000.0;
        EXPECT_GE(attempts[0].at_s, slot_s + boot.least - tolerance_s);
        EXPECT_LE(attempts[0].at_s, slot_s + boot.most + tolerance_s);
        for (std::size_t i = 1; i < attempts.size(); ++i) {
            const double gap_s = attempts[i].at_s - attempts[i - 1].at_s;
            const Range refresh = refresh_range(device, attempts[i - 1].expires_s);
            ASSERT_GE(gap_s, refresh.least - tolerance_s) << "attempt " << i;
            ASSERT_LE(gap_s, refresh.most + tolerance_s) << "attempt " << i;
        }
        const Range last = refresh_range(device, attempts.back().expires_s);
        EXPECT_GT(attempts.back().at_s + last.most + tolerance_s, day_s) << "none was left out at the end";
        for (std::size_t i = 1; i < ear.heard(phone).size(); ++i) {
            ASSERT_EQ(ear.heard(phone)[i].cseq, ear.heard(phone)[i - 1].cseq + 1) << "MSG-4";
        }
    }
}

TEST_P(EveryProfile, TXN_8_REG_11_ASilentRegistrarIsAskedAgainAfterItsWaits) {
    const config::Device device = device_of(GetParam());
    engine::Simulation simulation(plan_of(device, sampled_phones));
    const Ear ear;
    simulation.network().add_tap(ear);
    simulation.command(engine::CommandKind::start);  // the registrar is attached, and never answers
    simulation.run_until(3 * 3600 * second, [](port::SimPort& port) {
        std::array<port::RxDatagram, port::burst_max> burst;
        static_cast<void>(port.rx_burst(burst));
        port.release_rx();
    });
    const double timer_f_s = device.timer_f.count() != 0 ? s(device.timer_f) : 64 * s(device.t1);
    for (std::uint32_t phone = 0; phone < sampled_phones; ++phone) {
        SCOPED_TRACE("phone " + std::to_string(phone));
        std::vector<Sent> firsts;  // of each transaction
        std::map<std::uint64_t, int> sends;
        for (const Sent& sent : ear.heard(phone)) {
            if (++sends[sent.cseq] == 1) {
                firsts.push_back(sent);
            }
        }
        ASSERT_FALSE(firsts.empty());
        const bool for_ever = device.retry_wait_timeout.kind != config::RetryWait::Kind::never;
        ASSERT_EQ(firsts.size() > 1, for_ever);
        for (std::size_t i = 1; i < firsts.size(); ++i) {
            const double gap_s = firsts[i].at_s - firsts[i - 1].at_s - timer_f_s;
            const Range wait = wait_range(device, static_cast<int>(i));
            ASSERT_GE(gap_s, wait.least - tolerance_s) << "after failure " << i;
            ASSERT_LE(gap_s, wait.most + tolerance_s) << "after failure " << i;
        }
    }
}

TEST_P(EveryProfile, INV_1_INV_5_INV_6_TerribleNetworksKeepTheRulesAndRepeatWithTheSeed) {
    const config::Device device = device_of(GetParam());
    const auto run = [&](std::uint64_t seed) {
        const std::uint32_t phones = 50;
        Life life(plan_of(device, phones), seed, registrar_of(phones));
        const Ear ear;
        life.simulation.network().add_tap(ear);
        for (port::SimPort* port : {&life.simulation.phones_port(), &life.simulation.registrar_port()}) {
            port->faults().loss = 0.1 * static_cast<double>(seed % 6);  // 0 to 50 %
            port->faults().duplication = 0.3;
            port->faults().reordering = 0.3;
            port->faults().delay_max_ns = 500 * base::ns_per_ms;
        }
        for (int quarter = 1; quarter <= 12; ++quarter) {
            life.run_until(quarter * 900 * second);
            engine::expect_sums(life.simulation.snapshot());
            life.simulation.worker().phones().wheel().check_invariants();
        }
        const double timer_f_s = device.timer_f.count() != 0 ? s(device.timer_f) : 64 * s(device.t1);
        for (std::uint32_t phone = 0; phone < sampled_phones; ++phone) {
            std::map<std::uint64_t, double> first_s;
            std::uint64_t latest = 0;
            for (const Sent& sent : ear.heard(phone)) {
                EXPECT_GE(sent.cseq, latest) << "INV-1: an older transaction still sends";
                latest = std::max(latest, sent.cseq);
                first_s.emplace(sent.cseq, sent.at_s);
                EXPECT_LT(sent.at_s - first_s[sent.cseq], timer_f_s + tolerance_s) << "INV-2";
            }
        }
        return ear.hash();
    };
    for (const std::uint64_t seed : {3U, 5U}) {
        SCOPED_TRACE(seed);
        EXPECT_EQ(run(seed), run(seed));
    }
    EXPECT_NE(run(3), run(4));
}

std::vector<std::string> all_profiles() {
    std::vector<std::string> names;
    for (const config::Embedded& profile : config::profiles()) {
        names.emplace_back(profile.name);
    }
    return names;
}

INSTANTIATE_TEST_SUITE_P(Day, EveryProfile, testing::ValuesIn(all_profiles()), [](const auto& instance) {
    std::string name = instance.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
});

}  // namespace
}  // namespace regstorm::app
