// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>

namespace regstorm::report {

Terminal describe_terminal(int fd) {
    Terminal terminal;
    terminal.interactive = isatty(fd) == 1;
    const char* no_colour = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool refused =
        (no_colour != nullptr && *no_colour != '\0') || (term != nullptr && std::string_view(term) == "dumb");
    terminal.colour = terminal.interactive && !refused;
    winsize size{};
    if (terminal.interactive && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) {
        terminal.columns = size.ws_col;
    }
    return terminal;
}

std::string with_separators(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (std::size_t at = 0; at < digits.size(); ++at) {
        if (at != 0 && (digits.size() - at) % 3 == 0) {
            text += ',';
        }
        text += digits[at];
    }
    return text;
}

std::string delay_text(double us) {
    if (!std::isfinite(us)) {
        return "-";
    }
    // The bounds are where rounding to three digits would show 1000 of the smaller unit.
    if (us < 0.9995) {
        return fmt::format("{:.0f} ns", us * 1e3);
    }
    if (us < 999.5) {
        return fmt::format("{:.3g} us", us);
    }
    if (us < 999.5e3) {
        return fmt::format("{:.3g} ms", us / 1e3);
    }
    return us < 999.5e6 ? fmt::format("{:.3g} s", us / 1e6) : fmt::format("{:.0f} s", us / 1e6);
}

std::string span_text(double seconds) {
    if (seconds < 9.95) {
        return fmt::format("{:.1f} s", seconds);
    }
    const std::uint64_t whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 60) {
        return fmt::format("{} s", whole);
    }
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace regstorm::report
