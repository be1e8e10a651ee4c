// SPDX-License-Identifier: Apache-2.0
// Which rules befall the request at hand. One generator, seeded by the plan, decides them all, so the same seed and
// the same requests misbehave the same. Nobody asks when there is no rule.
//
// Rules that answer in place of the registrar share one draw and so do delays: "503 5%; 403 2%" refuses 7 % of the
// requests, not 6.9 %. Every other rule draws for itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/prng.hpp"
#include "regstorm/registrar/rule.hpp"

namespace regstorm::registrar {

/// What is to happen to one request; rules are counted from 1, 0 is none.
struct Cue {
    std::uint8_t instead = 0;
    std::array<std::uint8_t, misdeed_count> rule{};
    base::Nanoseconds delay_ns = 0;

    [[nodiscard]] std::uint8_t rule_for(Misdeed misdeed) const { return rule[static_cast<std::size_t>(misdeed)]; }
    [[nodiscard]] bool wants(Misdeed misdeed) const { return rule_for(misdeed) != 0; }
};

class Misbehaviour {
  public:
    /// `rules` outlive it.
    Misbehaviour(const RuleSet& rules, std::uint64_t seed) : rules_(rules), prng_(base::mix64(seed)), seed_(seed) {}

    [[nodiscard]] bool empty() const { return rules_.empty(); }
    [[nodiscard]] const Rule& rule(std::uint8_t number) const { return rules_.rule[number - 1]; }

    /// A datagram has arrived; the first one starts the clock of all windows.
    void start(base::Nanoseconds now_ns) {
        first_ns_ = started_ ? first_ns_ : now_ns;
        started_ = true;
    }
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] base::Nanoseconds since_first(base::Nanoseconds now_ns) const { return now_ns - first_ns_; }

    /// Decides for a request with `method` (a bit of Rule::methods) to the address-of-record of `user`.
    [[nodiscard]] Cue decide(std::uint8_t method, std::string_view user, std::uint64_t aor_hash,
                             base::Nanoseconds now_ns) {
        Cue cue;
        const base::Nanoseconds at_ns = since_first(now_ns);
        const std::uint64_t user_draw = base::mix64(aor_hash ^ seed_);
        Draws instead{prng_.next(), user_draw};
        Draws delay{prng_.next(), base::mix64(user_draw)};
        for (std::uint32_t i = 0; i < rules_.count; ++i) {
            const Rule& rule = rules_.rule[i];
            const bool meant = (rule.methods & method) != 0 && at_ns >= rule.from_ns && at_ns < rule.to_ns &&
                               (rule.user.size == 0 || rule.user.view() == user);
            std::uint8_t& slot = cue.rule[static_cast<std::size_t>(rule.misdeed)];
            if (!meant || rule.misdeed == Misdeed::ping || slot != 0) {
                continue;
            }
            const auto number = static_cast<std::uint8_t>(i + 1);
            if (rule.misdeed <= Misdeed::status) {
                const bool hit = rule.misdeed == Misdeed::limit ? cue.instead == 0 && is_beyond(i, now_ns)
                                                                : cue.instead == 0 && instead.hit(rule);
                cue.instead = hit ? number : cue.instead;
            } else if (rule.misdeed == Misdeed::delay) {
                slot = delay.hit(rule) ? number : slot;
            } else {
                Draws own{rule.share == Rule::always ? 0 : prng_.next(), base::mix64(user_draw + number)};
                slot = own.hit(rule) ? number : slot;
            }
        }
        if (const std::uint8_t number = cue.rule_for(Misdeed::delay); number != 0) {
            const Rule& rule = this->rule(number);
            cue.delay_ns = rule.delay_min_ns + prng_.below(rule.delay_max_ns - rule.delay_min_ns + 1);
        }
        return cue;
    }

    /// Random bytes, 1 to as many as `out` has; returns how many.
    [[nodiscard]] std::uint32_t write_garbage(char* out, std::uint32_t bytes_max) {
        const auto size = static_cast<std::uint32_t>(1 + prng_.below(bytes_max));
        std::generate_n(out, size, [this] { return static_cast<char>(prng_.next()); });
        return size;
    }

    /// Whether `rule` hits one more time; for rules that follow no request.
    [[nodiscard]] bool hits(const Rule& rule) { return rule.share == Rule::always || prng_.next() < rule.share; }

  private:
    /// One number for all rules of a kind: each takes its share from what those before it have left.
    struct Draws {
        std::uint64_t request;
        std::uint64_t user;

        [[nodiscard]] bool hit(const Rule& rule) {
            std::uint64_t& draw = rule.by_user ? user : request;
            if (rule.share == Rule::always || draw < rule.share) {
                return true;
            }
            draw -= rule.share;
            return false;
        }
    };

    /// What comes sooner than a limit allows for, beyond the burst that a queue would hold.
    [[nodiscard]] bool is_beyond(std::uint32_t rule, base::Nanoseconds now_ns) {
        base::Nanoseconds& next_ns = limit_next_ns_[rule];
        next_ns = std::max(next_ns, now_ns);
        if (next_ns - now_ns > limit_burst_ns) {
            return true;
        }
        next_ns += rules_.rule[rule].gap_ns;
        return false;
    }

    static constexpr base::Nanoseconds limit_burst_ns = 20 * base::ns_per_ms;

    const RuleSet& rules_;
    std::array<base::Nanoseconds, rules_max> limit_next_ns_{};
    base::Prng prng_;
    std::uint64_t seed_;
    base::Nanoseconds first_ns_ = 0;
    bool started_ = false;
};

}  // namespace regstorm::registrar
