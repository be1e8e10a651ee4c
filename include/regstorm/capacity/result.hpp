// SPDX-License-Identifier: Apache-2.0
// What a search for the capacity found, with every trial: src/capacity/RESULT.md says what each field means, and a test
// holds the two together. The text for people is made from the same.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "regstorm/capacity/search.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::capacity {

/// What a trial was for.
enum class Stage : std::uint8_t {
    search,
    baseline,         ///< RFC 7502 6.1: the test bed by itself
    registration,     ///< 6.7
    re_registration,  ///< 6.8
};
[[nodiscard]] std::string_view to_text(Stage stage);

struct Trial {
    Stage stage = Stage::search;
    double rate = 0;
    Fate fate = Fate::held;
    double seconds = 0;       ///< of the load
    double whole_s = 0;       ///< with sweep, removals and pause
    bool cut_short = false;   ///< the load ended early: the goal could not be met any more
    std::string broke{};      ///< the criterion that broke first, and how: "rrd_p99 < 50ms: 61.2 ms after 1.5 s"
    std::string limited{};    ///< why the generator was the limit
    std::uint32_t first = 0;  ///< number of the first user
    report::Registrations registrations{};
    report::DelaySummary rrd_us{};
    std::uint64_t retransmitted = 0;
    double send_lag_p99_us = 0;
    double busy = 0;  ///< of the busiest worker
    bool left_clean = true;
    bool swept = false;  ///< users had to be un-registered before it
};

/// Section 5 of RFC 7502, as far as registrations go.
struct Rfc7502Form {
    std::string transport{};
    std::uint64_t attempts = 0;  ///< per trial
    double establishment_threshold_s = 0;
    std::string security{};
    std::string notes{};
    std::optional<double> baseline{};
    double registration_rate = 0;
    std::optional<double> re_registration_rate{};
};

struct CapacityResult {
    std::string version{};
    std::string method{};
    std::string goal{};
    std::string registrar{};
    std::string port{};
    Finding finding{};
    std::string broke_first{};  ///< at the next step
    double seconds = 0;
    std::vector<Trial> trials{};
    std::optional<Rfc7502Form> rfc7502{};
    nlohmann::ordered_json scenario{};
    report::Machine machine{};
};

inline constexpr std::string_view capacity_schema = "regstorm.capacity/1";

[[nodiscard]] nlohmann::ordered_json to_json(const CapacityResult& result);

/// "5,000 per second: held: loss 0%, p99 1.2 ms"
[[nodiscard]] std::string trial_text(const Trial& trial);
/// The page for the terminal.
[[nodiscard]] std::string summary(const CapacityResult& result, const std::string& result_path);

}  // namespace regstorm::capacity
