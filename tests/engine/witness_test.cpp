// SPDX-License-Identifier: Apache-2.0
// The delays that are reported, held against a witness that shares no code with them: a tap on the simulated network
// writes down when each phone's first REGISTER left and its last answer came, and sorts. Delays are those that the
// registrar was told to make, so that what must come out is known beforehand as well.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <unordered_map>

#include "life.hpp"

namespace regstorm::engine {
namespace {

using registrar::Misdeed;
using registrar::Rule;

constexpr double percentiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999};
constexpr double within = 0.01;
/// How often the registrar looks for answers that are due; starts and delays are multiples of it.
constexpr base::Nanoseconds step_ns = 5 * base::ns_per_us;

std::string_view call_id_of(std::string_view bytes) {
    constexpr std::string_view name = "\r\nCall-ID: ";
    const std::size_t begin = bytes.find(name) + name.size();
    return bytes.substr(begin, bytes.find("\r\n", begin) - begin);
}

/// The network takes no time here: what is sent has arrived.
class Witness {
  public:
    void operator()(const port::SimSent& sent) const {
        const std::string call_id(call_id_of(sent.payload));
        if (sent.payload.starts_with("REGISTER ")) {
            left_.emplace(call_id, sent.sent_ns);  // only the first
        } else if (sent.payload.starts_with("SIP/2.0 200 ")) {
            ended_.emplace(call_id, sent.sent_ns);
        }
    }

    [[nodiscard]] std::vector<base::Nanoseconds> sorted_delays() const {
        std::vector<base::Nanoseconds> delays;
        for (const auto& [call_id, ended_ns] : ended_) {
            delays.push_back(ended_ns - left_.at(call_id));
        }
        std::ranges::sort(delays);
        return delays;
    }

  private:
    mutable std::unordered_map<std::string, base::Nanoseconds> left_;
    mutable std::unordered_map<std::string, base::Nanoseconds> ended_;
};

double at(const std::vector<base::Nanoseconds>& sorted, double percentile) {
    const auto rank = static_cast<std::size_t>(std::ceil(percentile * static_cast<double>(sorted.size()) - 1e-6));
    return static_cast<double>(sorted[std::max<std::size_t>(rank, 1) - 1]);
}

void expect_close(double value, double wanted, const std::string& what) {
    EXPECT_NEAR(value, wanted, within * wanted) << what;
}

Rule delay(base::Nanoseconds min_ns, base::Nanoseconds max_ns, double share = 1) {
    Rule rule;
    rule.misdeed = Misdeed::delay;
    rule.delay_min_ns = min_ns;
    rule.delay_max_ns = max_ns;
    rule.share = share == 1 ? Rule::always : static_cast<std::uint64_t>(std::ldexp(share, 64));
    return rule;
}

registrar::RegistrarPlan registrar_with(std::uint32_t phones, std::initializer_list<Rule> rules, bool authenticate) {
    registrar::RegistrarPlan plan = make_registrar_plan(phones);
    plan.authenticate = authenticate;
    plan.held_answers = 65'536;
    for (const Rule& rule : rules) {
        plan.rules.rule[plan.rules.count++] = rule;
    }
    return plan;
}

/// The service delay of `count` answers of one kind is the one that was set, at every percentile.
void expect_service(Life& life, stats::Outcome outcome, std::uint64_t count, base::Nanoseconds set_ns) {
    const stats::Histogram& service = life.simulation.worker().phones().ledger().breakdown().of(0, outcome);
    EXPECT_EQ(service.count(), count);
    for (const double percentile : percentiles) {
        expect_close(static_cast<double>(service.value_at(percentile)), static_cast<double>(set_ns),
                     "service delay at " + std::to_string(percentile));
    }
}

/// What the generator would report, what the witness saw, and what must have been, at every percentile.
template <class Expected>
void expect_agreement(const Life& life, const Witness& witness, std::uint32_t phones, Expected&& expected_ns) {
    const Snapshot snapshot = life.simulation.snapshot();
    const std::vector<base::Nanoseconds> seen = witness.sorted_delays();
    ASSERT_EQ(snapshot.rrd.count(), phones);
    ASSERT_EQ(seen.size(), phones);
    for (const double percentile : percentiles) {
        const std::string what = "at " + std::to_string(percentile);
        const auto reported = static_cast<double>(snapshot.rrd.value_at(percentile));
        expect_close(reported, at(seen, percentile), "reported against seen " + what);
        expect_close(reported, expected_ns(percentile), "reported against set " + what);
    }
}

/// Phones that start at `rate_per_s`, until all have registered.
template <class Expected>
void expect_delays(std::uint32_t phones, double rate_per_s, std::initializer_list<Rule> rules, bool authenticate,
                   Expected&& expected_ns) {
    Life life(make_plan(phones, rate_per_s), 1, registrar_with(phones, rules, authenticate));
    const Witness witness;
    life.simulation.network().add_tap(witness);
    const auto starts_ns = static_cast<base::Nanoseconds>(phones / rate_per_s * base::ns_per_s);
    for (base::Nanoseconds now_ns = 0; now_ns < starts_ns + 100 * millisecond; now_ns += step_ns) {
        life.run_until(now_ns);
    }
    expect_agreement(life, witness, phones, expected_ns);
}

/// Runs until `end_ns`. What comes to the registrar in its stall is put back for the end of it, as a socket keeps it.
void run_with_stall(Life& life, base::Nanoseconds end_ns, base::Nanoseconds from_ns, base::Nanoseconds to_ns) {
    std::array<port::RxDatagram, port::burst_max> burst;
    life.simulation.run_until(end_ns, [&](port::SimPort& port) {
        const base::Nanoseconds now_ns = life.simulation.now_ns() - Simulation::start_ns;
        if (now_ns < from_ns || now_ns >= to_ns) {
            life.registrar->serve(port, life.simulation.now_ns());
            return;
        }
        const std::uint32_t count = port.rx_burst(burst);
        for (std::uint32_t i = 0; i < count; ++i) {
            life.simulation.network().inject(Simulation::start_ns + to_ns, burst[i].remote, registrar_address,
                                             {burst[i].data, burst[i].size});
        }
        port.release_rx();
    });
}

class FixedDelay : public testing::TestWithParam<int> {};

TEST_P(FixedDelay, IsReadBackAtEveryPercentile) {
    const base::Nanoseconds set_ns = static_cast<base::Nanoseconds>(GetParam()) * millisecond;
    expect_delays(10'000, 10'000, {delay(set_ns, set_ns)}, false, [&](double) { return static_cast<double>(set_ns); });
}

TEST_P(FixedDelay, CountsTwiceWhereTheRegistrarChallenges) {
    const base::Nanoseconds set_ns = static_cast<base::Nanoseconds>(GetParam()) * millisecond;
    expect_delays(10'000, 10'000, {delay(set_ns, set_ns)}, true,
                  [&](double) { return 2 * static_cast<double>(set_ns); });
}

TEST_P(FixedDelay, IsTheServiceDelayOfTheChallengeAndOfTheRegistration) {
    constexpr std::uint32_t phones = 2'000;
    const base::Nanoseconds set_ns = static_cast<base::Nanoseconds>(GetParam()) * millisecond;
    // Starts between the milliseconds, of which the record keeps the first send's.
    Life life(make_plan(phones, 3'000), 1, registrar_with(phones, {delay(set_ns, set_ns)}, true));
    for (base::Nanoseconds now_ns = 0; now_ns < second; now_ns += step_ns) {
        life.run_until(now_ns);
    }
    expect_service(life, stats::Outcome::challenged, phones, set_ns);
    expect_service(life, stats::Outcome::accepted, phones, set_ns);
    expect_service(life, stats::Outcome::refused, 0, 0);
}

INSTANTIATE_TEST_SUITE_P(Witness, FixedDelay, testing::Values(1, 5, 20),
                         [](const auto& instance) { return std::to_string(instance.param) + "ms"; });

TEST(Witness, AUniformDelayIsReadBackAtEveryPercentile) {
    expect_delays(100'000, 20'000, {delay(millisecond, 20 * millisecond)}, false,
                  [](double percentile) { return (1 + 19 * percentile) * millisecond; });
}

TEST(Witness, ALongTailOfFewIsReadBackWhereItBegins) {
    expect_delays(20'000, 20'000,
                  {delay(millisecond, millisecond, 0.985), delay(20 * millisecond, 20 * millisecond, 0.015)}, false,
                  [](double percentile) { return (percentile <= 0.9 ? 1.0 : 20.0) * millisecond; });
}

// 1000 a second for 20 s, and in seconds 5 to 7 nobody answers: a tenth of all waits, the first of them 2 s, the last
// one nothing. Of all, (1 - percentile) wait longer than 2 s * (1 - 10 * (1 - percentile)).
TEST(Witness, AStallOfTwoSecondsDelaysEveryoneWhoCameInIt) {
    constexpr std::uint32_t phones = 20'000;
    constexpr base::Nanoseconds from_ns = 5 * second;
    constexpr base::Nanoseconds length_ns = 2 * second;
    Life life(make_plan(phones, 1000), 1, registrar_with(phones, {}, false));
    const Witness witness;
    life.simulation.network().add_tap(witness);
    run_with_stall(life, 25 * second, from_ns, from_ns + length_ns);
    const Snapshot snapshot = life.simulation.snapshot();
    const std::vector<base::Nanoseconds> seen = witness.sorted_delays();
    ASSERT_EQ(snapshot.rrd.count(), phones);
    ASSERT_EQ(seen.size(), phones);
    for (const double percentile : {0.99, 0.999, 0.9999}) {
        const auto reported = static_cast<double>(snapshot.rrd.value_at(percentile));
        expect_close(reported, at(seen, percentile), "reported against seen");
        expect_close(reported, 2e9 * (1 - 10 * (1 - percentile)), "reported against the arithmetic of an open loop");
    }
    expect_close(static_cast<double>(snapshot.rrd.max()), 2e9, "the first who came waits for all of it");
    EXPECT_EQ(snapshot.rrd.value_at(0.9), 0U) << "nine tenths did not notice";
    EXPECT_EQ(std::ranges::count_if(seen, [](base::Nanoseconds delay_ns) { return delay_ns > 0; }), 2000);
    std::uint64_t delayed = 0;
    snapshot.rrd.for_each_bucket([&](base::Nanoseconds lowest_ns, base::Nanoseconds, std::uint64_t count) {
        delayed += lowest_ns > 0 ? count : 0;
    });
    EXPECT_EQ(delayed, 2000U);
    EXPECT_EQ(snapshot.send_lag.max(), 0U) << "and none of it is the generator's";
}

// 100 a second, and the generator stands still for a second while no answer is on its way: what that costs is in the
// delay from the intended time, and not in what the registrar took.
TEST(Witness, AGeneratorThatIsLateDelaysRegistrationsAndNotTheService) {
    constexpr std::uint32_t phones = 300;
    Life life(make_plan(phones, 100), 1, registrar_with(phones, {delay(5 * millisecond, 5 * millisecond)}, false));
    for (base::Nanoseconds now_ns = 0; now_ns < 4 * second; now_ns += step_ns) {
        if (now_ns == 107 * millisecond) {
            life.simulation.stall(second);
        }
        life.run_until(std::max(now_ns, life.simulation.now_ns() - Simulation::start_ns));
    }
    expect_service(life, stats::Outcome::accepted, phones, 5 * millisecond);
    const stats::Histogram rrd = life.simulation.snapshot().rrd;
    EXPECT_LT(rrd.value_at(0.6), 6 * millisecond) << "two thirds did not notice";
    EXPECT_GT(rrd.value_at(0.9), 650 * millisecond) << "a third was up to a second late";
}

// 200 answers leave at once, more than a burst holds, and come 50 ms later, at 70 ms.
std::uint64_t read_late(base::Nanoseconds looking_every_ns) {
    constexpr std::uint32_t phones = 200;
    Life life(make_plan(phones, 1'000'000), 1, registrar_with(phones, {}, false));
    port::SimFaults& faults = life.simulation.registrar_port().faults();
    faults.delay_min_ns = faults.delay_max_ns = 50 * millisecond;
    for (base::Nanoseconds now_ns = looking_every_ns; now_ns <= 100 * millisecond; now_ns += looking_every_ns) {
        run_with_stall(life, now_ns, 0, 20 * millisecond);
    }
    EXPECT_EQ(life.count(stats::Counter::succeeded), phones);
    return life.count(stats::Counter::read_late);
}

TEST(Witness, AnswersThatAWorkerMayHaveLeftLyingAreCounted) {
    EXPECT_EQ(read_late(10 * millisecond), 0U);
    EXPECT_EQ(read_late(100 * millisecond), 200U) << "all that piled up, not only the first burst";
}

}  // namespace
}  // namespace regstorm::engine
