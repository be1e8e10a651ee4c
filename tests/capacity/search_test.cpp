// SPDX-License-Identifier: Apache-2.0
// The search against registrars that are formulas: each knows its capacity, and how often it has a bad moment.
#include "regstorm/capacity/search.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "regstorm/base/prng.hpp"

namespace regstorm::capacity {
namespace {

/// Holds below `capacity`; near it by chance, over `width` of it; and has a bad moment in one of so many trials.
struct SimulatedRegistrar {
    double capacity = 5000;
    double width = 0.04;
    double bad_moments = 0;
    double generator_max = 1e9;
    base::Prng prng{1};

    double chance() { return static_cast<double>(prng.below(1'000'000)) / 1e6; }

    Fate trial(double rate) {
        const double edge = capacity * (1 + width * (chance() + chance() - 1));
        if (rate > generator_max) {
            return Fate::generator_limited;
        }
        return rate > edge || chance() < bad_moments ? Fate::broke : Fate::held;
    }
};

struct Searched {
    Finding finding;
    std::uint32_t trials = 0;
    double fastest = 0;
};

Searched run(SimulatedRegistrar registrar, const SearchPlan& plan) {
    Search search(plan);
    Searched run;
    while (const std::optional<double> rate = search.next()) {
        run.fastest = std::max(run.fastest, *rate);
        search.add(registrar.trial(*rate));
        ++run.trials;
    }
    EXPECT_EQ(search.trials_left(), 0U);
    run.finding = search.finding();
    return run;
}

TEST(Search, FindsTheCapacityOfAQuietRegistrarWithinItsPrecision) {
    for (const double capacity : {12.0, 37.0, 999.0, 1000.0, 4870.0, 65'000.0}) {
        const Searched found = run({.capacity = capacity, .width = 0}, {});
        EXPECT_LE(found.finding.held.rate, capacity);
        EXPECT_GE(found.finding.held.rate * 1.05, std::floor(capacity) * 0.999) << capacity;
        EXPECT_EQ(found.finding.limit, Limit::registrar);
        EXPECT_EQ(found.finding.held.held, 3U) << "the one that found it, and two that confirm";
        EXPECT_LT(found.trials, 35U) << capacity;
    }
}

TEST(Search, FindsANoisyRegistrarWithinTenPercentWhateverTheSeed) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const Searched found = run({.bad_moments = 0.05, .prng = base::Prng(seed)}, {});
        EXPECT_NEAR(found.finding.held.rate, 5000, 500) << "seed " << seed;
        EXPECT_EQ(found.finding.limit, Limit::registrar) << "seed " << seed;
        EXPECT_GE(found.finding.confidence, 0.5) << "seed " << seed;
    }
}

TEST(Search, TriesAgainBeforeItGivesARateUp) {
    Search search({.rate_start = 1000});
    search.add(Fate::broke);
    EXPECT_EQ(search.next(), 1000);
    search.add(Fate::held);
    EXPECT_EQ(search.next(), 1000) << "one against one says nothing";
    search.add(Fate::held);
    EXPECT_EQ(search.next(), 2000);
    search.add(Fate::broke);
    search.add(Fate::broke);
    EXPECT_LT(search.next().value_or(0), 2000);
}

TEST(Search, GoesDownWhenTheFirstRateIsTooHigh) {
    const Searched found = run({.capacity = 130, .width = 0}, {.rate_start = 10'000});
    EXPECT_NEAR(found.finding.held.rate, 130, 10);
    EXPECT_EQ(found.fastest, 10'000);
}

TEST(Search, StaysWithinItsBounds) {
    const Searched fast = run({.capacity = 1e9, .width = 0}, {.rate_max = 9000});
    EXPECT_EQ(fast.finding.held.rate, 9000);
    EXPECT_EQ(fast.finding.limit, Limit::rate_max);
    EXPECT_EQ(fast.fastest, 9000);
    const Searched dead = run({.capacity = 0, .width = 0}, {.rate_min = 50});
    EXPECT_EQ(dead.finding.held.rate, 0);
    EXPECT_EQ(dead.finding.next.rate, 50);
    EXPECT_EQ(dead.finding.limit, Limit::nothing);
    EXPECT_EQ(dead.finding.confidence, 0);
}

TEST(Search, NamesTheGeneratorWhenThatWasTheLimit) {
    const Searched found = run({.capacity = 1e9, .width = 0, .generator_max = 3000}, {});
    EXPECT_EQ(found.finding.limit, Limit::generator);
    EXPECT_NEAR(found.finding.held.rate, 3000, 150);
    EXPECT_EQ(found.finding.next.broke, 0U);
}

TEST(Search, EndsAfterItsTrialsAndSaysThatItIsUnfinished) {
    const Searched found = run({}, {.trials_max = 4});
    EXPECT_EQ(found.trials, 4U);
    EXPECT_EQ(found.finding.limit, Limit::unfinished);
    EXPECT_GT(found.finding.held.rate, 0);
}

TEST(Search, AlwaysEndsEvenWhenTrialsAreTossedCoins) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const Searched found = run({.bad_moments = 0.5, .prng = base::Prng(seed)}, {.trials_max = 200});
        EXPECT_LE(found.trials, 200U) << "seed " << seed;
    }
}

TEST(Search, LetsTheMajorityDecideWhenTrialsHoldAsOftenAsNot) {
    Search search({.rate_start = 1000, .rate_max = 1000, .confirm = 2});
    for (int trial = 0; trial < 7; ++trial) {
        ASSERT_EQ(search.next(), 1000) << trial;
        search.add(trial % 2 == 0 ? Fate::held : Fate::broke);
    }
    EXPECT_FALSE(search.next());
    EXPECT_EQ(search.finding().held.held, 4U);
    EXPECT_EQ(search.finding().limit, Limit::rate_max);
}

TEST(Search, GivesARateUpThatItsConfirmationsContradict) {
    Search search({.rate_start = 1000, .rate_min = 500, .precision = 1, .confirm = 3});
    search.add(Fate::held);
    search.add(Fate::broke);
    search.add(Fate::broke);  // 2000 is broken, and 1000 close enough
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(search.next(), 1000);
        search.add(Fate::broke);
    }
    EXPECT_EQ(search.next(), 500);
    EXPECT_EQ(search.finding().next.rate, 1000);
}

TEST(Search, ComesBackToAStepThatBrokeByChance) {
    Search search({.rate_start = 1000, .precision = 1, .confirm = 2});
    for (const Fate fate : {Fate::held, Fate::broke, Fate::broke, Fate::held, Fate::held}) {
        search.add(fate);
    }
    EXPECT_EQ(search.next(), 2000) << "1000 is confirmed, and 2000 has to break again";
    for (int i = 0; i < 3; ++i) {
        search.add(Fate::held);
    }
    EXPECT_EQ(search.next(), 4000);
}

TEST(Search, ForecastsFewerTrialsTheNearerItGets) {
    SimulatedRegistrar registrar{.width = 0};
    Search search({});
    std::uint32_t trials = 0;
    std::vector<std::uint32_t> forecast;
    while (const std::optional<double> rate = search.next()) {
        forecast.push_back(trials++ + search.trials_left());
        search.add(registrar.trial(*rate));
    }
    EXPECT_NEAR(forecast[forecast.size() / 2], trials, trials * 0.5);
    EXPECT_NEAR(forecast.back(), trials, 2);
}

}  // namespace
}  // namespace regstorm::capacity
