// SPDX-License-Identifier: Apache-2.0
// Charts as plain SVG: for each workload the cost of an operation over the number of timers, both logarithmic, a line
// for each facility, and the worst stall the same way.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "output.hpp"

namespace regstorm::timer_lab {
namespace {

constexpr double width = 460;
constexpr double height = 300;
constexpr double left = 62;
constexpr double right = 12;
constexpr double top = 30;
constexpr double bottom = 40;
constexpr std::array<const char*, 8> colours{"#1f6feb", "#d1495b", "#3a7d44", "#8d5a97",
                                             "#e08e0b", "#0f8b8d", "#6b705c", "#444444"};

struct Point {
    double timers;
    double value;
};
using Lines = std::map<std::string, std::vector<Point>>;

/// Decades that hold all of the values.
struct Axis {
    int low = 0;
    int high = 1;

    static Axis around(double least, double most) {
        const int low = static_cast<int>(std::floor(std::log10(std::max(least, 0.01))));
        return {low, std::max(low + 1, static_cast<int>(std::ceil(std::log10(std::max(most, 0.01)))))};
    }
    [[nodiscard]] double place(double value) const { return (std::log10(std::max(value, 0.01)) - low) / (high - low); }
};

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    return out;
}

std::string decade_text(int power) {
    return power >= 9   ? fmt::format("{:g}G", std::pow(10, power - 9))
           : power >= 6 ? fmt::format("{:g}M", std::pow(10, power - 6))
           : power >= 3 ? fmt::format("{:g}k", std::pow(10, power - 3))
                        : fmt::format("{:g}", std::pow(10, power));
}

double x_at(const Axis& axis, double value) { return left + axis.place(value) * (width - left - right); }
double y_at(const Axis& axis, double value) { return height - bottom - axis.place(value) * (height - top - bottom); }

std::string grid(const Axis& x, const Axis& y) {
    std::string svg;
    for (int decade = x.low; decade <= x.high; ++decade) {
        const double at = x_at(x, std::pow(10, decade));
        svg += fmt::format(
            "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' class='grid'/>"
            "<text x='{0:.1f}' y='{3}' text-anchor='middle'>{4}</text>",
            at, top, height - bottom, height - bottom + 16, decade_text(decade));
    }
    for (int decade = y.low; decade <= y.high; ++decade) {
        const double at = y_at(y, std::pow(10, decade));
        svg += fmt::format(
            "<line x1='{1}' y1='{0:.1f}' x2='{2}' y2='{0:.1f}' class='grid'/>"
            "<text x='{3}' y='{4:.1f}' text-anchor='end'>{5}</text>",
            at, left, width - right, left - 6, at + 4, decade_text(decade));
    }
    return svg;
}

std::string chart(const std::string& title, const Lines& lines, const std::map<std::string, std::size_t>& colour_of) {
    double least_x = HUGE_VAL, most_x = 0, least_y = HUGE_VAL, most_y = 0;
    for (const auto& [name, points] : lines) {
        for (const Point& point : points) {
            least_x = std::min(least_x, point.timers);
            most_x = std::max(most_x, point.timers);
            least_y = std::min(least_y, point.value);
            most_y = std::max(most_y, point.value);
        }
    }
    const Axis x = Axis::around(least_x, most_x);
    const Axis y = Axis::around(least_y, most_y);
    std::string svg = fmt::format(
        "<svg viewBox='0 0 {} {}' role='img'><text x='{}' y='18' class='title'>{}</text>{}"
        "<text x='{}' y='{}' text-anchor='end'>timers</text>",
        width, height, left, escaped(title), grid(x, y), width - right, height - 6);
    for (const auto& [name, points] : lines) {
        const char* const colour = colours[colour_of.at(name) % colours.size()];
        std::string path;
        for (const Point& point : points) {
            const double px = x_at(x, point.timers);
            const double py = y_at(y, point.value);
            path += fmt::format("{:.1f},{:.1f} ", px, py);
            svg += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3' fill='{}'><title>{}: {:.4g}</title></circle>", px,
                               py, colour, escaped(name), point.value);
        }
        svg += fmt::format("<polyline points='{}' fill='none' stroke='{}' stroke-width='2'/>", path, colour);
    }
    return svg + "</svg>";
}

}  // namespace

std::string to_html(const std::vector<Measurement>& measurements) {
    std::map<std::string, std::size_t> colour_of;
    std::vector<std::string> workloads;
    for (const Measurement& found : measurements) {
        colour_of.try_emplace(found.facility, colour_of.size());
        if (std::ranges::find(workloads, found.workload) == workloads.end()) {
            workloads.push_back(found.workload);
        }
    }
    std::string body;
    for (const std::string& workload : workloads) {
        Lines cost;
        Lines stall;
        for (const Measurement& found : measurements) {
            if (found.workload == workload) {
                cost[found.facility].push_back({double(found.timers), found.ns_each()});
                stall[found.facility].push_back({double(found.timers), double(found.stall_ns.max()) / 1000});
            }
        }
        body += fmt::format("<h2>{}</h2><div class='row'>{}{}</div>\n", escaped(workload),
                            chart("ns per operation", cost, colour_of),
                            chart("worst stall, microseconds", stall, colour_of));
    }
    std::string legend;
    for (const auto& [name, colour] : colour_of) {
        legend +=
            fmt::format("<span style='color:{}'>&#9632; {}</span> ", colours[colour % colours.size()], escaped(name));
    }
    return "<!doctype html><html lang='en'><meta charset='utf-8'><title>timer_lab</title><style>"
           "body{font:15px system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}"
           ".row{display:flex;flex-wrap:wrap}svg{width:460px;max-width:100%;font:11px system-ui}"
           ".title{font-size:13px;font-weight:600}.grid{stroke:#ddd}pre{overflow-x:auto;font-size:12px}</style>"
           "<h1>Timers, side by side</h1><p>" +
           legend + "</p>\n" + body + "<pre>" + escaped(text_table(measurements)) + "</pre></html>\n";
}

}  // namespace regstorm::timer_lab
