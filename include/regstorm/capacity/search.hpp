// SPDX-License-Identifier: Apache-2.0
// The highest rate that a registrar holds, found by trials: double until one breaks, then halve the gap until it is as
// small as asked, then confirm. A trial is noisy, so a rate is not given up after one that broke: it is tried again
// until one side leads, and what broke by chance costs one trial, not the result. Pure: it neither knows what a trial
// is nor what time it is, so that it can be tested on a registrar that is a formula (tests/capacity).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace regstorm::capacity {

enum class Fate : std::uint8_t {
    held,
    broke,
    generator_limited,  ///< says nothing about the registrar
};
[[nodiscard]] std::string_view to_text(Fate fate);

/// What kept the rate from being higher.
enum class Limit : std::uint8_t {
    registrar,
    generator,
    rate_max,    ///< nothing broke up to the highest rate allowed
    aors,        ///< nothing broke up to the rate at which one trial needs all addresses of record
    nothing,     ///< not even the lowest rate held
    unfinished,  ///< too many trials, or no time left: the rate is what had held by then
};
[[nodiscard]] std::string_view to_text(Limit limit);

struct SearchPlan {
    double rate_start = 1000;
    double rate_min = 10;
    double rate_max = 200'000;
    double precision = 0.05;    ///< the gap that ends it, as a share of the rate
    std::uint32_t confirm = 2;  ///< trials more at the rate found, and at the next step
    std::uint32_t trials_max = 60;
};

/// All trials at one rate.
struct Level {
    double rate = 0;
    std::uint32_t held = 0;
    std::uint32_t broke = 0;
    std::uint32_t generator_limited = 0;

    [[nodiscard]] std::uint32_t against() const { return broke + generator_limited; }
    [[nodiscard]] std::uint32_t trials() const { return held + against(); }
};

struct Finding {
    Level held{};  ///< the rate found; 0 per second: none
    Level next{};  ///< the next step, which did not hold; 0 per second: none was tried
    Limit limit = Limit::unfinished;
    /// Chance that one more trial at this rate holds, by the rule of succession: (held + 1) / (trials + 2).
    double confidence = 0;
};

class Search {
  public:
    explicit Search(const SearchPlan& plan) : plan_(plan) {}

    /// The rate of the next trial; nothing: the search is over.
    [[nodiscard]] std::optional<double> next() const;
    /// What became of the trial at next().
    void add(Fate fate);
    /// How many trials there will probably be.
    [[nodiscard]] std::uint32_t trials_left() const;
    /// What is known now.
    [[nodiscard]] Finding finding() const;

  private:
    /// next(), however many trials there were.
    [[nodiscard]] std::optional<double> wanted() const;
    enum class Standing : std::uint8_t { open, held, broken };
    [[nodiscard]] static Standing standing(const Level& level);
    [[nodiscard]] const Level* open() const;
    [[nodiscard]] const Level* lowest_broken() const;
    [[nodiscard]] const Level* highest_held() const;
    [[nodiscard]] bool close(double low, double high) const;
    [[nodiscard]] bool tried_enough(const Level& level) const;
    [[nodiscard]] bool confirmed(const Level& level) const;
    [[nodiscard]] bool ruled_out(const Level& level) const;

    SearchPlan plan_;
    std::vector<Level> levels_;  ///< by rate
    std::uint32_t trials_ = 0;
};

}  // namespace regstorm::capacity
