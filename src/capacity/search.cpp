// SPDX-License-Identifier: Apache-2.0
#include "regstorm/capacity/search.hpp"

#include <algorithm>
#include <cmath>

namespace regstorm::capacity {
namespace {

/// Rates are whole numbers: people compare them, and no registrar knows the difference.
double between(double low, double high) { return std::round(std::sqrt(low * high)); }

}  // namespace

std::string_view to_text(Fate fate) {
    switch (fate) {
        case Fate::held:
            return "held";
        case Fate::broke:
            return "broke";
        case Fate::generator_limited:
            return "generator-limited";
    }
    return "";
}

std::string_view to_text(Limit limit) {
    switch (limit) {
        case Limit::registrar:
            return "registrar";
        case Limit::generator:
            return "generator";
        case Limit::rate_max:
            return "rate_max";
        case Limit::aors:
            return "aors";
        case Limit::nothing:
            return "nothing";
        case Limit::unfinished:
            return "unfinished";
    }
    return "";
}

/// One trial that held is believed, one that did not is repeated: a busy moment breaks a trial, and none mends one.
Search::Standing Search::standing(const Level& level) {
    if (level.held > level.against()) {
        return Standing::held;
    }
    return level.against() >= 2 && level.against() > level.held ? Standing::broken : Standing::open;
}

/// The level whose trials do not say yet which way it is; there is one at most.
const Level* Search::open() const {
    const auto found =
        std::ranges::find_if(levels_, [](const Level& level) { return standing(level) == Standing::open; });
    return found == levels_.end() ? nullptr : &*found;
}

const Level* Search::lowest_broken() const {
    const auto found =
        std::ranges::find_if(levels_, [](const Level& level) { return standing(level) == Standing::broken; });
    return found == levels_.end() ? nullptr : &*found;
}

/// Below what is broken; what held above that was luck.
const Level* Search::highest_held() const {
    const Level* broken = lowest_broken();
    const Level* found = nullptr;
    for (const Level& level : levels_) {
        if (standing(level) == Standing::held && (broken == nullptr || level.rate < broken->rate)) {
            found = &level;
        }
    }
    return found;
}

bool Search::close(double low, double high) const {
    const double middle = between(low, high);
    return high <= low * (1 + plan_.precision) || middle <= low || middle >= high;
}

/// At the edge, trials hold as often as not, and a lead may take for ever: then the majority of so many decides.
bool Search::tried_enough(const Level& level) const { return level.trials() >= 2 * plan_.confirm + 3; }

bool Search::confirmed(const Level& level) const {
    return level.held > plan_.confirm + level.against() || tried_enough(level);
}

bool Search::ruled_out(const Level& level) const {
    return level.against() > plan_.confirm + level.held || tried_enough(level);
}

std::optional<double> Search::next() const { return trials_ >= plan_.trials_max ? std::nullopt : wanted(); }

std::optional<double> Search::wanted() const {
    if (levels_.empty()) {
        return std::clamp(plan_.rate_start, plan_.rate_min, plan_.rate_max);
    }
    if (const Level* undecided = open()) {
        return undecided->rate;
    }
    const Level* low = highest_held();
    const Level* high = lowest_broken();
    if (low == nullptr) {
        return high->rate <= plan_.rate_min ? std::nullopt
                                            : std::optional(std::max(std::floor(high->rate / 2), plan_.rate_min));
    }
    if (high == nullptr && low->rate < plan_.rate_max) {
        return std::min(low->rate * 2, plan_.rate_max);
    }
    if (high != nullptr && !close(low->rate, high->rate)) {
        return between(low->rate, high->rate);
    }
    if (!confirmed(*low)) {
        return low->rate;
    }
    // A step that broke by chance would hold the whole search down: it has to break again.
    return high == nullptr || ruled_out(*high) ? std::nullopt : std::optional(high->rate);
}

void Search::add(Fate fate) {
    const std::optional<double> rate = next();
    if (!rate) {
        return;
    }
    auto level = std::ranges::lower_bound(levels_, *rate, {}, &Level::rate);
    if (level == levels_.end() || level->rate != *rate) {
        level = levels_.insert(level, {.rate = *rate});
    }
    std::uint32_t& count = fate == Fate::held    ? level->held
                           : fate == Fate::broke ? level->broke
                                                 : level->generator_limited;
    ++count;
    ++trials_;
}

std::uint32_t Search::trials_left() const {
    if (!next()) {
        return 0;
    }
    const Level* low = highest_held();
    const Level* high = lowest_broken();
    // Nobody knows yet how far it is: as if two more steps were to come before the halving.
    const double gap = low != nullptr && high != nullptr ? std::log(high->rate / low->rate) : std::log(2.0);
    const double halvings = std::max(0.0, std::ceil(std::log2(gap / std::log1p(plan_.precision))));
    const double steps = halvings * 1.5 + (low != nullptr && high != nullptr ? 0 : 2) + (open() != nullptr ? 1 : 0);
    return std::min(plan_.trials_max - trials_, std::max(1U, static_cast<std::uint32_t>(steps) + plan_.confirm));
}

Finding Search::finding() const {
    Finding finding;
    const Level* low = highest_held();
    const Level* high = lowest_broken();
    const bool over = trials_ != 0 && !wanted();
    if (low != nullptr) {
        finding.held = *low;
        finding.confidence = (low->held + 1.0) / (low->trials() + 2.0);
    }
    if (high != nullptr) {
        finding.next = *high;
    }
    if (!over) {
        finding.limit = Limit::unfinished;
    } else if (high != nullptr && high->generator_limited > high->broke) {
        finding.limit = Limit::generator;
    } else if (low == nullptr) {
        finding.limit = Limit::nothing;
    } else {
        finding.limit = high == nullptr ? Limit::rate_max : Limit::registrar;
    }
    return finding;
}

}  // namespace regstorm::capacity
