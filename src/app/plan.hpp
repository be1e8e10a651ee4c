// SPDX-License-Identifier: Apache-2.0
// From what the user said to what the parts import: how many endpoints each worker has, what they are called, how
// much memory, which addresses. Everything derived is derived here, once, before anything starts.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/controller.hpp"
#include "regstorm/cluster/share.hpp"
#include "regstorm/config/scenario.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/tap.hpp"
#include "regstorm/net/link_config.hpp"
#include "regstorm/port/port_spec.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::app {

/// What the user asked for cannot be done, in one sentence; exit code 2.
class PlanError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct RunPlan {
    port::PortSpec port;
    std::uint64_t seed = 0;         ///< the one in use, also when the scenario left it to chance
    base::SocketAddress registrar;  ///< where requests go
    bool embedded = false;          ///< the registrar runs in this process
    bool own_registrar = false;     ///< the same, on a kernel socket: at `registrar`
    Schedule schedule;
    std::vector<engine::WorkerPlan> workers;
    std::vector<engine::TapPlan> taps;  ///< per worker, or none
    net::LinkConfig link;               ///< of the generator, for ports that carry frames
    net::LinkConfig registrar_link;     ///< of the embedded registrar
    registrar::RegistrarPlan registrar_plan;
    std::string record_timers{};  ///< file; empty: workers do not record
};

/// Throws PlanError. Resolves the target's name. With a share: only its workers, numbered as the run numbers them.
[[nodiscard]] RunPlan make_plan(const config::Scenario& scenario, const cluster::Share& share = {});

/// How many workers a process that is alone has, or one of several ranks.
[[nodiscard]] std::uint32_t workers_of(const config::Scenario& scenario);

/// Users are numbered from `first` on instead of 0. For runs whose phones are alike.
void number_from(RunPlan& plan, std::uint32_t first);

/// The scenario's seed, or a fresh one when it leaves that to chance.
[[nodiscard]] std::uint64_t seed_of(const config::Scenario& scenario);

/// The embedded registrar as the scenario describes it, with room for `aors` addresses-of-record, behind `lanes` ports.
[[nodiscard]] registrar::RegistrarPlan make_registrar_plan(const config::Scenario& scenario, std::uint32_t aors,
                                                           std::uint64_t seed, std::uint32_t lanes);

/// The link of a port that carries frames, with the scenario's [link] keys.
[[nodiscard]] net::LinkConfig make_link(const config::Scenario& scenario);

}  // namespace regstorm::app
