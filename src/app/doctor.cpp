// SPDX-License-Identifier: Apache-2.0
// `regstorm doctor`: what this machine brings along, what is missing, what mends it and what that is worth.
#include "regstorm/port/doctor.hpp"

#include <unistd.h>

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "regstorm/report/run_result.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::app {
namespace {

struct Mark {
    std::string_view word;
    std::string_view colour;
};

Mark mark_of(port::Verdict verdict) {
    switch (verdict) {
        case port::Verdict::ok:
            return {"ok", "\033[32m"};
        case port::Verdict::warn:
            return {"warn", "\033[33m"};
        case port::Verdict::bad:
            break;
    }
    return {"bad", "\033[31m"};
}

nlohmann::ordered_json to_json(const report::Machine& machine, const std::vector<port::Check>& checks) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const port::Check& check : checks) {
        rows.push_back({{"name", check.name},
                        {"verdict", mark_of(check.verdict).word},
                        {"finding", check.finding},
                        {"fix", check.fix},
                        {"worth", check.worth}});
    }
    return {{"schema", "regstorm.doctor/1"},
            {"machine", {{"cpu", machine.cpu}, {"cores", machine.cores}, {"kernel", machine.kernel}}},
            {"checks", rows}};
}

}  // namespace

int doctor_command(bool as_json) {
    const report::Machine machine = report::this_machine();
    if (as_json) {
        fmt::print("{}\n", to_json(machine, port::diagnose(port::gather_host_facts()))
                               .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        return passed;
    }
    fmt::print("{}, {} cores, {}\n\n", machine.cpu, machine.cores, machine.kernel);
    const bool colour = report::describe_terminal(STDOUT_FILENO).colour;
    const std::vector<port::Check> checks = port::diagnose(port::gather_host_facts());
    std::size_t widest = 0;
    for (const port::Check& check : checks) {
        widest = std::max(widest, check.name.size());
    }
    for (const port::Check& check : checks) {
        const Mark mark = mark_of(check.verdict);
        fmt::print("{}{:4}{}  {:{}}  {}\n", colour ? mark.colour : "", mark.word, colour ? "\033[0m" : "", check.name,
                   widest, check.finding);
        if (!check.fix.empty()) {
            fmt::print("{:{}}  fix:   {}\n", "", widest + 6, check.fix);
        }
        if (!check.worth.empty() && check.verdict != port::Verdict::ok) {
            fmt::print("{:{}}  worth: {}\n", "", widest + 6, check.worth);
        }
    }
    return passed;
}

}  // namespace regstorm::app
