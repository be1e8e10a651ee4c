// SPDX-License-Identifier: Apache-2.0
// The rules of a misbehaving registrar, out of one line of text. What a rule can say depends on what it does, so one
// table holds for each word which keys make sense; everything else is refused with the list of what does.
#include "regstorm/config/misbehaviour.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "config/pieces.hpp"
#include "config/text_checks.hpp"
#include "regstorm/base/nearest.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

using registrar::Misdeed;
using registrar::Rule;

enum Key : unsigned {
    method = 1,
    user = 2,
    retry_after = 4,
    min_expires = 8,
    contact = 16,
    stale = 32,
    expires = 64,
    every = 128
};

struct KeyName {
    Key key;
    std::string_view name;
};
constexpr KeyName key_names[] = {{method, "method"},           {user, "user"},       {retry_after, "retry-after"},
                                 {min_expires, "min-expires"}, {contact, "contact"}, {stale, "stale"},
                                 {expires, "expires"},         {every, "every"}};

struct Word {
    std::string_view name;
    Misdeed misdeed;
    unsigned keys;
};
constexpr Word words[] = {
    {"silent", Misdeed::silent, method | user},
    {"drop", Misdeed::drop, method | user},
    {"limit", Misdeed::limit, method | user},
    {"drop-answer", Misdeed::drop_answer, method | user},
    {"delay", Misdeed::delay, method | user},
    {"duplicate", Misdeed::duplicate, method | user},
    {"garbage", Misdeed::garbage, method | user},
    {"early-1xx", Misdeed::early_1xx, method | user},
    {"no-contact", Misdeed::no_contact, user},
    {"foreign-contact", Misdeed::foreign_contact, user | expires},
    {"short-expires", Misdeed::short_expires, user | expires},
    {"next-nonce", Misdeed::next_nonce, user},
    {"no-stale", Misdeed::no_stale, user},
    {"ping", Misdeed::ping, every},
};
constexpr std::string_view status_range = "a status from 300 to 699";
constexpr std::string_view method_names[] = {"register", "options", "any"};
constexpr std::uint8_t method_bits[] = {registrar::on_register, registrar::on_options, registrar::on_any};

constexpr Duration delay_max = 1min;
constexpr Duration ping_interval_min = 1ms;
constexpr std::uint64_t seconds_max = 0xffff'ffff;

struct Refusal {
    std::string what;
    std::vector<std::string_view> allowed{};
    std::string_view meant{};
};

/// Reads one rule; the first thing that is wrong ends it.
class RuleReader {
  public:
    explicit RuleReader(std::string_view text) {
        rule_.text.assign(text);
        for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != text.npos;) {
            const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
            tokens_.push_back(text.substr(at, end - at));
            at = end;
        }
    }

    /// Empty, or what is wrong; rule() is good then.
    std::optional<Refusal> read() {
        if (!what()) {
            return refusal_;
        }
        std::size_t next = 1;
        if ((rule_.misdeed == Misdeed::delay && (next = 2, !delay())) ||
            (rule_.misdeed == Misdeed::limit && (next = 2, !limit()))) {
            return refusal_;
        }
        for (; next < tokens_.size(); ++next) {
            if (!extra(tokens_[next])) {
                return refusal_;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] const Rule& rule() const { return rule_; }

  private:
    bool refuse(std::string what, std::vector<std::string_view> allowed = {}, std::string_view meant = {}) {
        refusal_ = Refusal{std::move(what), std::move(allowed), meant};
        return false;
    }

    bool what() {
        std::vector<std::string_view> names;
        for (const Word& word : words) {
            names.push_back(word.name);
        }
        if (tokens_.empty()) {
            names.push_back(status_range);
            return refuse("says nothing", names);
        }
        const std::string_view name = tokens_[0];
        if (const auto found = std::ranges::find(words, name, &Word::name); found != std::end(words)) {
            rule_.misdeed = found->misdeed;
            keys_ = found->keys;
            set_defaults();
            return true;
        }
        const bool digits = name.find_first_not_of("0123456789") == name.npos;
        if (digits && name.size() == 3 && name[0] >= '3' && name[0] <= '6') {
            rule_.misdeed = Misdeed::status;
            rule_.status = static_cast<std::uint16_t>(std::stoi(std::string(name)));
            keys_ = method | user | (rule_.status == 401 || rule_.status == 407 ? 0U : retry_after) |
                    (rule_.status < 400 ? contact : 0U) | (rule_.status == 423 ? min_expires : 0U) |
                    (rule_.status == 401 || rule_.status == 407 ? stale : 0U);
            return true;
        }
        const std::string_view meant = base::nearest(name, names);
        names.push_back(status_range);
        return refuse(fmt::format("there is no {}", name), names, meant);
    }

    void set_defaults() {
        if (rule_.misdeed == Misdeed::silent) {
            rule_.methods = registrar::on_any;  // who is silent answers nothing
        }
        if (rule_.misdeed == Misdeed::short_expires || rule_.misdeed == Misdeed::foreign_contact) {
            rule_.expires_s = 5;
        }
        rule_.every_ns = static_cast<base::Nanoseconds>(Duration(30s).count());
    }

    bool delay() {
        if (tokens_.size() < 2) {
            return refuse("delay needs a time", {"20ms", "5ms-50ms"});
        }
        const std::string_view text = tokens_[1];
        const std::size_t dash = text.find('-');
        return duration(text.substr(0, dash), rule_.delay_min_ns, delay_max) &&
               duration(text.substr(dash == text.npos ? 0 : dash + 1), rule_.delay_max_ns, delay_max) &&
               (rule_.delay_min_ns <= rule_.delay_max_ns || refuse(fmt::format("{} ends before it begins", text)));
    }

    bool limit() {
        const std::string_view text = tokens_.size() < 2 ? std::string_view{} : tokens_[1];
        const Parsed<Rate> rate = parse_rate(text);
        if (!rate.good() || rate.value.max || rate.value.per_second < 1 || rate.value.per_second > 1e8) {
            return refuse("limit needs a number of requests per second", {"500", "2k"});
        }
        rule_.gap_ns = static_cast<base::Nanoseconds>(1e9 / rate.value.per_second);
        return true;
    }

    bool duration(std::string_view text, base::Nanoseconds& out, Duration max = 24h * 45) {
        const Parsed<Duration> parsed = parse_duration(text, Duration{0});
        if (!parsed.good()) {
            return refuse(fmt::format("\"{}\" {}", text, parsed.problem), {"20ms", "30s", "5m"});
        }
        out = static_cast<base::Nanoseconds>(parsed.value.count());
        return parsed.value <= max || refuse(fmt::format("{} is more than {}", text, to_text(max)));
    }

    bool extra(std::string_view token) {
        if (const std::size_t equals = token.find('='); equals != token.npos) {
            return pair(token.substr(0, equals), token.substr(equals + 1));
        }
        if (token.ends_with('%')) {
            return share(token);
        }
        if (token == "user" && (keys_ & user) != 0) {
            rule_.by_user = true;
            return true;
        }
        if (const std::size_t dash = token.find('-');
            dash != token.npos && dash > 0 && token[0] >= '0' && token[0] <= '9') {
            return window(token, dash);
        }
        std::vector<std::string_view> allowed{"SHARE% as in 5%", "FROM-TO as in 10s-20s"};
        if ((keys_ & user) != 0) {
            allowed.push_back("user");
        }
        const std::vector<std::string_view> names = own_keys();
        const std::string_view meant = base::nearest(token, names);
        allowed.insert(allowed.end(), names.begin(), names.end());
        return refuse(fmt::format("\"{}\" is neither a share nor a window nor KEY=VALUE", token), allowed, meant);
    }

    bool share(std::string_view text) {
        const Parsed<double> parsed = parse_share(text);
        if (!parsed.good() || parsed.value <= 0 || parsed.value > 1) {
            return refuse(fmt::format("{} is no share", text), {"more than 0% to 100%"});
        }
        rule_.share = parsed.value >= 1
                          ? Rule::always
                          : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ldexp(parsed.value, 64)));
        return true;
    }

    bool window(std::string_view text, std::size_t dash) {
        const std::string_view to = text.substr(dash + 1);
        return duration(text.substr(0, dash), rule_.from_ns) && (to.empty() || duration(to, rule_.to_ns)) &&
               (rule_.from_ns < rule_.to_ns || refuse(fmt::format("{} ends before it begins", text)));
    }

    [[nodiscard]] std::vector<std::string_view> own_keys() const {
        std::vector<std::string_view> names;
        for (const KeyName& key : key_names) {
            if ((keys_ & key.key) != 0) {
                names.push_back(key.name);
            }
        }
        return names;
    }

    bool pair(std::string_view name, std::string_view value) {
        const auto found = std::ranges::find(key_names, name, &KeyName::name);
        if (found == std::end(key_names) || (keys_ & found->key) == 0) {
            const std::vector<std::string_view> names = own_keys();
            return refuse(fmt::format("{} has no key {}", tokens_[0], name), names, base::nearest(name, names));
        }
        switch (found->key) {
            case method:
                return methods(value);
            case user:
                rule_.user.assign(value);
                return (!value.empty() && value.size() <= registrar::rule_user_chars_max) ||
                       refuse("user is empty or too long", {"a name of up to 64 bytes"});
            case retry_after:
                rule_.has_retry_after = true;
                return seconds(name, value, rule_.retry_after_s, 0);
            case min_expires:
                rule_.has_expires = true;
                return seconds(name, value, rule_.expires_s, 0);
            case expires:
                return seconds(name, value, rule_.expires_s, rule_.misdeed == Misdeed::short_expires ? 1 : 0);
            case contact:
                return uri(value);
            case stale:
                return yes_or_no(value);
            case every:
                return duration(value, rule_.every_ns, 24h) &&
                       (rule_.every_ns >= static_cast<base::Nanoseconds>(ping_interval_min.count()) ||
                        refuse("every is too short", {"1ms to 1d"}));
        }
        return false;
    }

    bool methods(std::string_view value) {
        const auto found = std::ranges::find(method_names, value);
        if (found == std::end(method_names)) {
            return refuse(fmt::format("there is no method {}", value),
                          {std::begin(method_names), std::end(method_names)}, base::nearest(value, method_names));
        }
        rule_.methods = method_bits[found - std::begin(method_names)];
        return true;
    }

    bool seconds(std::string_view name, std::string_view value, std::uint32_t& out, std::uint64_t min) {
        const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
        const Parsed<std::uint64_t> parsed = parse_count(value);
        if (!digits || !parsed.good() || parsed.value < min || parsed.value > seconds_max) {
            return refuse(fmt::format("{} cannot be \"{}\"", name, value),
                          {min == 0 ? "seconds, 0 to 4294967295" : "seconds, 1 to 4294967295"});
        }
        out = static_cast<std::uint32_t>(parsed.value);
        return true;
    }

    bool uri(std::string_view value) {
        const bool clean = check_quotable(value).empty() && value.find_first_of("<>,") == value.npos;
        if (!clean || !value.starts_with("sip:") || value.size() > registrar::rule_contact_chars_max) {
            return refuse("contact is no URI to send to", {"sip:... without ; < > and comma, up to 164 bytes"});
        }
        rule_.contact.assign(value);
        return true;
    }

    bool yes_or_no(std::string_view value) {
        const Parsed<bool> parsed = parse_bool(value);
        rule_.stale = parsed.value;
        return parsed.good() || refuse("stale is neither yes nor no", {"yes", "no"});
    }

    std::vector<std::string_view> tokens_;
    unsigned keys_ = 0;
    Rule rule_;
    Refusal refusal_;
};

std::string describe(const Refusal& refusal, std::uint32_t number) {
    std::string text = fmt::format("cannot be obeyed: rule {}: {}", number, refusal.what);
    if (!refusal.allowed.empty()) {
        text += fmt::format("; allowed: {}", fmt::join(refusal.allowed, ", "));
    }
    return refusal.meant.empty() ? text : fmt::format("{}; did you mean {}?", text, refusal.meant);
}

}  // namespace

Parsed<registrar::RuleSet> parse_misbehaviour(std::string_view text) {
    Parsed<registrar::RuleSet> rules;
    if (const std::string unprintable = check_printable(text); !unprintable.empty()) {
        return {{}, unprintable};
    }
    Pieces pieces(text);
    while (pieces.more()) {
        const std::string_view one = pieces.next();
        const std::uint32_t number = rules.value.count + 1;
        if (number > registrar::rules_max) {
            return {{}, fmt::format("has more than {} rules", registrar::rules_max)};
        }
        RuleReader reader(one);
        std::optional<Refusal> refusal = reader.read();
        if (!refusal && one.size() > registrar::rule_text_chars_max) {
            refusal = Refusal{fmt::format("is longer than {} bytes", registrar::rule_text_chars_max)};
        }
        if (!refusal && reader.rule().misdeed == Misdeed::ping && rules.value.find(Misdeed::ping) != nullptr) {
            refusal = Refusal{"there is a rule for ping already", {"one"}};
        }
        if (refusal) {
            return {{}, describe(*refusal, number)};
        }
        rules.value.rule[rules.value.count++] = reader.rule();
    }
    return rules;
}

std::string check_misbehaviour(std::string_view text) { return parse_misbehaviour(text).problem; }

}  // namespace regstorm::config
