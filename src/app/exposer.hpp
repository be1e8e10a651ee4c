// SPDX-License-Identifier: Apache-2.0
// The run as Prometheus sees it: scraped from a thread of its own, from what the controller saw last. The poll loops
// know nothing of it. Built only where prometheus-cpp is there; else exposer_absent.cpp says so.
#pragma once

#include <memory>
#include <string>

#include "app/controller.hpp"

namespace regstorm::app {

class Exposer {
  public:
    /// Listens at once. Throws port::PortError when that address is not to be had, or regstorm was built without.
    explicit Exposer(const std::string& address);
    ~Exposer();
    Exposer(const Exposer&) = delete;
    Exposer& operator=(const Exposer&) = delete;

    void show(const Interval& interval);

  private:
    class Figures;
    std::shared_ptr<Figures> figures_;
    class Listener;
    std::unique_ptr<Listener> listener_;
};

}  // namespace regstorm::app
