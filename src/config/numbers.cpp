// SPDX-License-Identifier: Apache-2.0
// Numbers with units, exactly: "1.5M" is 1500000 and "0.1ms" is 100us without passing through a double, and what does
// not fit 64 bits is an error, not a wrap.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <span>

#include "regstorm/config/values.hpp"

namespace regstorm::config {
namespace {

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr std::array<Unit, 4> count_units{{{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};

constexpr std::array<Unit, 7> duration_units{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"d", 86'400'000'000'000}}};

/// "1_500.5M" taken apart: number "1500.5", suffix "M".
struct Written {
    std::string number;  ///< digits and at most one point, at least one digit
    std::string_view suffix;
};

constexpr std::size_t digits_max = 18;  // below 2^63 whatever they are

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Parsed<Written> split(std::string_view text) {
    if (text.empty()) {
        return {{}, "is empty"};
    }
    if (text.front() == '-') {
        const bool number = text.size() > 1 && (is_digit(text[1]) || text[1] == '.');
        return {{}, number ? "is negative" : "is not a number"};
    }
    Written written;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        // As in TOML, an underscore may stand between digits.
        if (c == '_' && at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) && is_digit(text[at + 1])) {
            continue;
        }
        if (!is_digit(c) && (c != '.' || point)) {
            break;
        }
        point |= c == '.';
        written.number += c;
    }
    written.suffix = text.substr(at);
    const bool ends_in_digit = !written.number.empty() && is_digit(written.number.back());
    return ends_in_digit ? Parsed<Written>{written, {}} : Parsed<Written>{{}, "is not a number"};
}

const Unit* find_unit(std::span<const Unit> units, std::string_view suffix) {
    for (const Unit& unit : units) {
        if (unit.suffix == suffix) {
            return &unit;
        }
    }
    return nullptr;
}

/// number * factor, when that is a whole number that fits a signed 64-bit one.
Parsed<std::uint64_t> whole(const std::string& number, std::uint64_t factor, const char* not_whole) {
    __extension__ using Exact = unsigned __int128;
    if (number.size() > digits_max) {
        return {0, "has too many digits"};
    }
    Exact digits = 0;
    Exact scale = 1;  // at most 10^18
    bool point = false;
    for (const char c : number) {
        if (c == '.') {
            point = true;
            continue;
        }
        digits = digits * 10 + static_cast<unsigned>(c - '0');
        scale *= point ? 10 : 1;
    }
    const Exact product = digits * factor;
    if (product % scale != 0) {
        return {0, not_whole};
    }
    if (product / scale > static_cast<Exact>(INT64_MAX)) {
        return {0, "is too large"};
    }
    return {static_cast<std::uint64_t>(product / scale), {}};
}

}  // namespace

Parsed<std::uint64_t> parse_count(std::string_view text) {
    const Parsed<Written> written = split(text);
    if (!written.good()) {
        return {0, written.problem};
    }
    const Unit* unit = find_unit(count_units, written.value.suffix);
    if (unit == nullptr) {
        return {0, "is not a count; write 250, 100k, 1.5M or 2G"};
    }
    return whole(written.value.number, unit->factor, "is not a whole number");
}

Parsed<Duration> parse_duration(std::string_view text, Duration bare) {
    const Parsed<Written> written = split(text);
    if (!written.good()) {
        return {{}, written.problem};
    }
    std::uint64_t factor = static_cast<std::uint64_t>(bare.count());
    if (!written.value.suffix.empty()) {
        const Unit* unit = find_unit(duration_units, written.value.suffix);
        if (unit == nullptr) {
            return {{}, fmt::format("has no known unit (\"{}\"); units are us, ms, s, m, h, d", written.value.suffix)};
        }
        factor = unit->factor;
    } else if (factor == 0) {
        if (written.value.number.find_first_not_of("0.") != std::string::npos) {
            return {{}, fmt::format("has no unit; write {0}s or {0}ms", written.value.number)};
        }
        factor = 1;  // nothing is nothing in any unit
    }
    const Parsed<std::uint64_t> ns = whole(written.value.number, factor, "is finer than a nanosecond");
    return {Duration(static_cast<std::int64_t>(ns.value)), ns.problem};
}

Parsed<RetryWait> parse_retry_wait(std::string_view text, Duration bare) {
    if (text == "same" || text == "never") {
        return {{.kind = text == "same" ? RetryWait::Kind::same : RetryWait::Kind::never}, {}};
    }
    const Parsed<Duration> after = parse_duration(text, bare);
    return {{.kind = RetryWait::Kind::after, .after = after.value}, after.problem};
}

// strtod rounds correctly, so what shortest() wrote reads back as the same double.
Parsed<Rate> parse_rate(std::string_view text) {
    if (text == "max") {
        return {Rate{.max = true}, {}};
    }
    const Parsed<Written> written = split(text);
    if (!written.good()) {
        return {{}, written.problem};
    }
    const Unit* unit = find_unit(count_units, written.value.suffix);
    if (unit == nullptr) {
        return {{}, "is not a rate; write 500, 5k, 1M or max (it is per second)"};
    }
    const double number = std::strtod(written.value.number.c_str(), nullptr);
    return {Rate{.per_second = number * static_cast<double>(unit->factor)}, {}};
}

Parsed<double> parse_share(std::string_view text) {
    const Parsed<Written> written = split(text);
    if (!written.good()) {
        return {0, written.problem};
    }
    const double number = std::strtod(written.value.number.c_str(), nullptr);
    if (!written.value.suffix.empty() && written.value.suffix != "%") {
        return {0, "is not a share; write 0.25 or 25%"};
    }
    return {written.value.suffix == "%" ? number / 100 : number, {}};
}

Parsed<bool> parse_bool(std::string_view text) {
    for (const std::string_view yes : {"true", "yes", "on"}) {
        if (text == yes) {
            return {true, {}};
        }
    }
    for (const std::string_view no : {"false", "no", "off"}) {
        if (text == no) {
            return {false, {}};
        }
    }
    return {false, "is neither true nor false"};
}

std::string to_text(Duration duration) {
    const std::uint64_t ns = static_cast<std::uint64_t>(duration.count());
    if (ns == 0) {
        return "0s";
    }
    const Unit* best = &duration_units.front();
    for (const Unit& unit : duration_units) {
        // Days and hours only where they are exact, so 90m stays 90m and 3600s becomes 1h.
        best = ns % unit.factor == 0 ? &unit : best;
    }
    return fmt::format("{}{}", ns / best->factor, best->suffix);
}

std::string to_text(RetryWait wait) {
    switch (wait.kind) {
        case RetryWait::Kind::same:
            return "same";
        case RetryWait::Kind::never:
            return "never";
        case RetryWait::Kind::after:
            break;
    }
    return to_text(wait.after);
}

std::string to_text(Rate rate) { return rate.max ? "max" : shortest(rate.per_second); }

std::string shortest(double value) {
    char text[400];  // the longest double in fixed notation has 309 digits before its point
    const std::to_chars_result done = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
    return {text, done.ptr};
}

std::string short_count(std::uint64_t value) {
    for (const Unit& unit : {count_units[3], count_units[2], count_units[1]}) {
        if (value >= unit.factor && value % (unit.factor / 10) == 0) {
            const std::uint64_t tenths = value / (unit.factor / 10);
            return tenths % 10 == 0 ? fmt::format("{}{}", tenths / 10, unit.suffix)
                                    : fmt::format("{}.{}{}", tenths / 10, tenths % 10, unit.suffix);
        }
    }
    return std::to_string(value);
}

}  // namespace regstorm::config
