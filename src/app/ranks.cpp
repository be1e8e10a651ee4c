// SPDX-License-Identifier: Apache-2.0
#include "app/ranks.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "app/commands.hpp"
#include "app/drive.hpp"
#include "app/interrupt.hpp"
#include "app/open.hpp"
#include "app/plan.hpp"
#include "app/scenario_input.hpp"
#include "regstorm/cluster/door.hpp"
#include "regstorm/cluster/hand.hpp"
#include "regstorm/cluster/launch.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::app {
namespace {

/// From MPI's meeting to the connection; the other ranks only read their scenario meanwhile.
constexpr base::Nanoseconds meeting_ns_max = 60 * base::ns_per_s;

/// What rank 0 answers to a hello.
struct Go {
    std::uint64_t seed = 0;
    std::uint32_t first_worker = 0;
    std::uint32_t of_workers = 0;
};

/// All that ranks must agree on: not where they stand, nor where rank 0 writes.
std::string common_part(const config::Scenario& scenario) {
    nlohmann::ordered_json common = config::to_json(scenario);
    common.erase("report");
    common["run"].erase("port");
    common["run"].erase("workers");
    return common.dump();
}

/// The first setting that two scenarios do not share, as a sentence.
std::string difference(const std::string& here, const std::string& there) {
    const nlohmann::json ours = nlohmann::json::parse(here).flatten();
    const nlohmann::json theirs = nlohmann::json::parse(there, nullptr, false).flatten();
    for (const auto& [path, value] : ours.items()) {
        if (!theirs.contains(path) || theirs[path] != value) {
            std::string key = path.substr(1);
            std::ranges::replace(key, '/', '.');
            return fmt::format("{} is {} there and {} on rank 0: start all ranks with the same arguments and files",
                               key, theirs.contains(path) ? theirs[path].dump() : "unknown", value.dump());
        }
    }
    return "its scenario has more than rank 0's: start all ranks with the same arguments and files";
}

/// What several ranks cannot do, or nothing.
std::string refusal(const config::Scenario& scenario, std::uint32_t workers) {
    if (!scenario.run.target.given()) {
        return "a run of several ranks needs --target: the built-in registrar lives in one process; start it by itself "
               "with `regstorm registrar`";
    }
    if (!scenario.evidence.capture.empty() || scenario.evidence.trace != 0) {
        return "a run of several ranks has no capture and no trace: a machine sees the datagrams of its own phones "
               "only; run those phones in one process";
    }
    if (!scenario.report.record_timers.empty()) {
        return "a run of several ranks records no timers: run it in one process";
    }
    if (workers > cluster::workers_max || workers > scenario.run.endpoints) {
        return fmt::format("{} workers on all ranks are too many: {} at most, and no more than endpoints ({})", workers,
                           cluster::workers_max, scenario.run.endpoints);
    }
    return {};
}

/// What keeps this guest out, or nothing.
std::string fault_of(const cluster::Hello& hello, const cluster::Hello& here) {
    if (!hello.problem.empty()) {
        return hello.problem;
    }
    if (hello.version != here.version) {
        return "it is another build than rank 0's: install the same program everywhere";
    }
    return hello.scenario == here.scenario ? "" : difference(here.scenario, hello.scenario);
}

cluster::Hello make_hello(std::uint32_t rank, const config::Loaded& loaded) {
    cluster::Hello hello{.rank = rank, .host = cluster::host_name(), .version = version_text()};
    for (const config::Problem& problem : loaded.problems) {
        hello.problem.append(hello.problem.empty() ? "" : "; ").append(config::to_text(problem));
    }
    if (loaded.good()) {
        hello.workers = workers_of(loaded.scenario);
        hello.scenario = common_part(loaded.scenario);
    }
    return hello;
}

/// Prints why there will be no run, and sends the others home.
int refuse(std::vector<cluster::Guest>& guests, const std::string& why, ExitCode code) {
    fmt::print(stderr, "{}\n", why);
    for (cluster::Guest& guest : guests) {
        guest.connection.send(cluster::Kind::bye);
        guest.connection.flush(base::ns_per_s);
    }
    return code;
}

int lead(const config::Request& request, cluster::Door& door, std::uint32_t ranks) {
    const config::Loaded loaded = load_checked(request);
    const cluster::Hello here = make_hello(0, loaded);
    std::vector<cluster::Guest> guests = door.wait_for(ranks, meeting_ns_max);
    if (!loaded.good()) {
        std::string lines;
        for (const config::Problem& problem : loaded.problems) {
            lines += (lines.empty() ? "" : "\n") + config::to_text(problem);
        }
        return refuse(guests, lines, bad_usage);
    }
    std::uint32_t workers = here.workers;
    for (const cluster::Guest& guest : guests) {
        workers += guest.hello.workers;
        if (const std::string fault = fault_of(guest.hello, here); !fault.empty()) {
            return refuse(guests, fmt::format("regstorm: rank {} on {}: {}", guest.hello.rank, guest.hello.host, fault),
                          bad_usage);
        }
    }
    if (guests.size() + 1 != ranks) {
        return refuse(guests, fmt::format("regstorm: only {} of {} ranks came", guests.size() + 1, ranks), cannot_run);
    }
    if (const std::string no = refusal(loaded.scenario, workers); !no.empty()) {
        return refuse(guests, "regstorm: " + no, bad_usage);
    }
    config::Scenario scenario = loaded.scenario;
    scenario.run.seed = seed_of(scenario);
    std::vector<cluster::Head::Other> others;
    std::uint32_t first_worker = here.workers;
    for (cluster::Guest& guest : guests) {
        guest.connection.send(
            cluster::Kind::go,
            nlohmann::json{{"seed", scenario.run.seed}, {"first_worker", first_worker}, {"of_workers", workers}}
                .dump());
        first_worker += guest.hello.workers;
        others.push_back({{guest.hello.rank, guest.hello.host, guest.hello.workers}, std::move(guest.connection)});
    }
    cluster::Head head({0, here.host, here.workers}, std::move(others), timer::SystemClock{}.now_ns());
    return run_share(scenario, {.ranks = ranks, .workers = here.workers, .of_workers = workers}, &head);
}

enum class Answer { go, bye, lost };

Answer wait_for_answer(cluster::Connection& connection, Go& go) {
    const timer::SystemClock clock;
    for (const base::Nanoseconds until_ns = clock.now_ns() + 2 * meeting_ns_max; clock.now_ns() < until_ns;) {
        connection.pump();
        while (const std::optional<cluster::Message> message = connection.receive()) {
            if (message->kind == cluster::Kind::bye) {
                return Answer::bye;
            }
            if (message->kind == cluster::Kind::go) {
                const nlohmann::json read = nlohmann::json::parse(message->bytes);
                go = {read.at("seed"), read.at("first_worker"), read.at("of_workers")};
                return Answer::go;
            }
        }
        if (!connection.open()) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return Answer::lost;
}

/// Says nothing itself but when rank 0 cannot speak for it any more.
int follow(const config::Request& request, const cluster::Launched& launched) {
    const config::Loaded loaded = config::load(request);
    const cluster::Hello hello = make_hello(launched.rank, loaded);
    cluster::Connection connection = cluster::knock(launched.invitation, hello);
    Go go;
    const Answer answer = wait_for_answer(connection, go);
    bool lost = answer == Answer::lost;
    if (answer == Answer::go) {
        watch_interruptions_of_ranks();
        watch_pauses();  // mpirun forwards SIGUSR1 to all; rank 0 obeys it
        cluster::Hand hand(std::move(connection));
        try {
            config::Scenario scenario = loaded.scenario;
            scenario.run.seed = go.seed;
            const RunPlan plan =
                make_plan(scenario, {launched.rank, launched.ranks, go.first_worker, hello.workers, go.of_workers});
            const std::string closed = why_closed(plan.port, scenario, static_cast<std::uint16_t>(hello.workers));
            if (closed.empty()) {
                static_cast<void>(drive(plan, {.interruptions = interruptions, .hand = &hand}));
            } else {
                hand.fail(closed);
            }
        } catch (const std::exception& failure) {
            hand.fail(failure.what());
        }
        lost = !hand.finish();
    }
    if (lost) {
        fmt::print(stderr, "regstorm: rank {} on {}: rank 0 was lost\n", hello.rank, hello.host);
    }
    return lost ? cannot_run : passed;
}

}  // namespace

int run_over_ranks(const config::Request& request) {
    std::optional<cluster::Door> door;
    const cluster::Launched launched = cluster::meet([&door] {
        door.emplace();
        return door->invitation();
    });
    return launched.rank == 0 ? lead(request, *door, launched.ranks) : follow(request, launched);
}

}  // namespace regstorm::app
