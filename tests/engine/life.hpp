// SPDX-License-Identifier: Apache-2.0
// Phones and the embedded registrar together on the simulated network: whole lives in virtual time.
#pragma once

#include <memory>

#include "regstorm/registrar/registrar.hpp"
#include "simulation.hpp"

namespace regstorm::engine {

inline registrar::RegistrarPlan make_registrar_plan(std::uint32_t aors) {
    return {.aors = aors, .bindings = aors, .realm = "example.test", .password = "secret", .secret = 99};
}

/// The simulation with the embedded registrar at its other end.
struct Life {
    explicit Life(const WorkerPlan& plan, std::uint64_t seed = 1, registrar::RegistrarPlan wanted = {})
        : simulation(plan, seed),
          registrar_plan(wanted.aors == 0 ? make_registrar_plan(plan.endpoints) : wanted),
          arena(registrar::Registrar::bytes_for(registrar_plan)),
          registrar(std::make_unique<registrar::Registrar>(registrar_plan, arena)) {
        simulation.command(CommandKind::start);
    }

    void run_until(base::Nanoseconds end_ns) {
        simulation.run_until(end_ns, [this](port::SimPort& port) { registrar->serve(port, simulation.now_ns()); });
    }
    [[nodiscard]] std::uint64_t bindings() const { return registrar->bindings().count_live(simulation.now_ns()); }
    [[nodiscard]] std::uint64_t count(stats::Counter counter) const {
        return simulation.snapshot().counters.of(counter);
    }
    [[nodiscard]] std::uint32_t in_state(registration::State state) const {
        return simulation.snapshot().census[static_cast<std::size_t>(state)];
    }

    Simulation simulation;
    registrar::RegistrarPlan registrar_plan;
    base::Arena arena;
    std::unique_ptr<registrar::Registrar> registrar;
};

}  // namespace regstorm::engine
