// SPDX-License-Identifier: Apache-2.0
#include "app/exposer.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::app {

class Exposer::Figures {};
class Exposer::Listener {};

Exposer::Exposer(const std::string& /*address*/) {
    throw port::PortError({"this regstorm was built without prometheus-cpp",
                           "apt-get install prometheus-cpp-dev, and configure the build again"});
}
Exposer::~Exposer() = default;
void Exposer::show(const Interval& /*interval*/) {}

}  // namespace regstorm::app
