// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/compare.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <span>

#include "regstorm/report/terminal.hpp"

namespace regstorm::report {
namespace {

using Json = nlohmann::ordered_json;

enum class Kind { count, delay, seconds, share, number };

struct Row {
    std::string_view name;
    const char* part;
    const char* whole;  ///< for shares, what they are of
    Kind kind;
};

constexpr Row rows[] = {
    {"endpoints registered", "/endpoints/registered", nullptr, Kind::count},
    {"registrations", "/registrations/succeeded", nullptr, Kind::count},
    {"per second", "/registrations/per_second", nullptr, Kind::number},
    {"failed", "/registrations/failed", nullptr, Kind::count},
    {"failed share (ira)", "/registrations/failed", "/registrations/attempted", Kind::share},
    {"retransmitted share", "/messages/retransmitted", "/messages/sent", Kind::share},
    {"read late share", "/generator/read_late", "/messages/received", Kind::share},
    {"delay mean", "/rrd_us/mean", nullptr, Kind::delay},
    {"delay p50", "/rrd_us/p50", nullptr, Kind::delay},
    {"delay p90", "/rrd_us/p90", nullptr, Kind::delay},
    {"delay p99", "/rrd_us/p99", nullptr, Kind::delay},
    {"delay p99.9", "/rrd_us/p999", nullptr, Kind::delay},
    {"delay max", "/rrd_us/max", nullptr, Kind::delay},
    {"service p50", "/service_us/all/p50", nullptr, Kind::delay},
    {"service p99", "/service_us/all/p99", nullptr, Kind::delay},
    {"service p99.9", "/service_us/all/p999", nullptr, Kind::delay},
    {"keep-alives lost", "/options/lost", nullptr, Kind::count},
    {"keep-alive p99", "/options_rtt_us/p99", nullptr, Kind::delay},
    {"send lag p99", "/generator/send_lag_us/p99", nullptr, Kind::delay},
    {"missed slots", "/generator/missed_slots", nullptr, Kind::count},
    {"duration", "/duration_s", nullptr, Kind::seconds},
    {"bytes per endpoint", "/bytes_per_endpoint", nullptr, Kind::number},
};

/// Of each rank of a run on several machines, by its place in `ranks`.
constexpr Row rank_rows[] = {
    {"succeeded", "/succeeded", nullptr, Kind::count},
    {"send lag p99", "/send_lag_p99_us", nullptr, Kind::delay},
    {"missed slots", "/missed_slots", nullptr, Kind::count},
};

/// How the phones were made to behave. A result without one of these differs from one with it.
constexpr const char* decisive_groups[] = {"load", "churn", "device", "group"};
constexpr const char* decisive_keys[] = {"run.endpoints", "run.rate", "run.duration", "run.hold"};
constexpr std::size_t value_chars_max = 40;

std::optional<double> number_at(const Json& result, const char* path) {
    const Json::json_pointer pointer(path);
    if (!result.contains(pointer) || !result.at(pointer).is_number()) {
        return std::nullopt;
    }
    return result.at(pointer).get<double>();
}

std::optional<double> value_of(const Json& result, const Row& row) {
    const std::optional<double> part = number_at(result, row.part);
    if (row.whole == nullptr || !part) {
        return part;
    }
    const std::optional<double> whole = number_at(result, row.whole);
    return whole && *whole > 0 ? std::optional(*part / *whole) : std::nullopt;
}

std::string magnitude(Kind kind, double value) {
    switch (kind) {
        case Kind::count:
            return value < 1e15 ? with_separators(static_cast<std::uint64_t>(value)) : fmt::format("{:.6g}", value);
        case Kind::delay:
            return delay_text(value);
        case Kind::seconds:
            return fmt::format("{:.1f} s", value);
        case Kind::share:
            return fmt::format("{:.3g}%", value * 100);
        case Kind::number:
            return fmt::format("{:.6g}", value);
    }
    return {};
}

std::string shown(Kind kind, std::optional<double> value) {
    // A file can say anything; a count below nothing is none of ours.
    return value && *value >= 0 ? magnitude(kind, *value) : "-";
}

/// "+1.2 ms" and "+24%"; shares differ by points, what was nothing has no percentage.
std::string difference(const Row& row, std::optional<double> left, std::optional<double> right) {
    if (!left || !right) {
        return {};
    }
    const double change = *right - *left;
    if (change == 0) {
        return "same";
    }
    const std::string absolute = (change > 0 ? "+" : "-") + magnitude(row.kind, std::abs(change));
    const bool relative = *left != 0 && row.kind != Kind::share;
    return relative ? fmt::format("{:<14} {:+.3g}%", absolute, change / *left * 100)
                    : absolute + (row.kind == Kind::share ? " points" : "");
}

/// A file's own words, on one line and no longer than a column can hold.
std::string plain(const Json& value) {
    std::string text =
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (char& c : text) {
        c = static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
    }
    return text.size() > value_chars_max ? text.substr(0, value_chars_max - 3) + "..." : text;
}

std::string plain_at(const Json& result, const char* path) {
    const Json::json_pointer pointer(path);
    return result.contains(pointer) ? plain(result.at(pointer)) : "-";
}

std::string criteria_text(const Json& result) {
    const auto criteria = result.find("criteria");
    if (criteria == result.end() || !criteria->is_array() || criteria->empty()) {
        return "none";
    }
    std::size_t passed = 0;
    for (const Json& criterion : *criteria) {
        passed += criterion.is_object() && criterion.value("passed", Json(false)) == true ? 1 : 0;
    }
    return fmt::format("{} of {} passed", passed, criteria->size());
}

void compare_values(const std::string& key, const Json& left, const Json& right, std::vector<std::string>& differing) {
    if (left == right) {
        return;
    }
    if (!left.is_object() || !right.is_object()) {
        const auto word = [](const Json& value) { return value.is_null() ? "absent" : plain(value); };
        differing.push_back(fmt::format("{} ({} and {})", key, word(left), word(right)));
        return;
    }
    Json all = left;
    all.update(right);
    for (const auto& [name, value] : all.items()) {
        compare_values(key + "." + name, left.value(name, Json()), right.value(name, Json()), differing);
    }
}

Json part_of(const Json& result, const std::string& path) {
    const Json::json_pointer pointer(path);
    return result.contains(pointer) ? result.at(pointer) : Json();
}

std::size_t rank_count(const Json& result) {
    const auto ranks = result.find("ranks");
    return ranks != result.end() && ranks->is_array() ? ranks->size() : 0;
}

}  // namespace

std::vector<std::string> differing_keys(const Json& left, const Json& right) {
    std::vector<std::string> differing;
    for (const std::string key : decisive_keys) {
        const std::string path = "/scenario/run/" + key.substr(key.find('.') + 1);
        compare_values(key, part_of(left, path), part_of(right, path), differing);
    }
    for (const std::string group : decisive_groups) {
        const std::string path = "/scenario/" + group;
        compare_values(group, part_of(left, path), part_of(right, path), differing);
    }
    return differing;
}

std::string comparison(const Json& left, const Json& right, std::string_view left_name, std::string_view right_name) {
    constexpr std::string_view format = "{:<22} {:>18} {:>18}   {}";
    std::string text;
    const auto line = [&](std::string_view name, std::string_view a, std::string_view b, std::string_view change) {
        std::string made = fmt::format(fmt::runtime(format), name, a, b, change);
        made.erase(made.find_last_not_of(' ') + 1);
        text += made + "\n";
    };
    line("", plain(std::string(left_name)), plain(std::string(right_name)), "difference");
    line("verdict", plain_at(left, "/verdict/status"), plain_at(right, "/verdict/status"), "");
    line("criteria", criteria_text(left), criteria_text(right), "");
    const auto figures = [&](std::span<const Row> of, const std::string& prefix, const Json& one, const Json& other) {
        for (const Row& row : of) {
            const std::optional<double> a = value_of(one, row);
            const std::optional<double> b = value_of(other, row);
            const bool empty = a.value_or(0) == 0 && b.value_or(0) == 0;
            if (!empty || row.kind == Kind::count) {
                line(prefix + std::string(row.name), shown(row.kind, a), shown(row.kind, b), difference(row, a, b));
            }
        }
    };
    figures(rows, "", left, right);
    for (std::size_t i = 0; i < std::max(rank_count(left), rank_count(right)); ++i) {
        const Json one = part_of(left, fmt::format("/ranks/{}", i));
        const Json other = part_of(right, fmt::format("/ranks/{}", i));
        line(fmt::format("rank {}", i), plain_at(one, "/status"), plain_at(other, "/status"), "");
        figures(rank_rows, "  ", one, other);
    }
    return text;
}

}  // namespace regstorm::report
