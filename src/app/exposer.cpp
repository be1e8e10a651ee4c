// SPDX-License-Identifier: Apache-2.0
#include "app/exposer.hpp"

#include <array>
#include <fmt/format.h>
#include <limits>
#include <mutex>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <string_view>

#include "app/commands.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using stats::Counter;

/// Upper bounds of the delay buckets, in seconds: 1, 2, 5 steps from 100 us to Timer F.
constexpr double bounds_s[] = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                               0.1,    0.2,    0.5,    1,     2,     5,     10,   20,   32};

MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
    return {.name = fmt::format("regstorm_{}", name), .help = std::string(help), .type = type, .metric = {}};
}

ClientMetric counted(std::uint64_t value, std::string_view label = {}, std::string_view of = {}) {
    ClientMetric metric;
    metric.counter.value = static_cast<double>(value);
    if (!label.empty()) {
        metric.label.push_back({.name = std::string(label), .value = std::string(of)});
    }
    return metric;
}

MetricFamily counter(std::string_view name, std::string_view help, std::uint64_t value) {
    MetricFamily made = family(name, help, MetricType::Counter);
    made.metric.push_back(counted(value));
    return made;
}

MetricFamily delays(std::string_view name, std::string_view help, const stats::Histogram& histogram) {
    MetricFamily made = family(name, help, MetricType::Histogram);
    ClientMetric metric;
    for (const double bound_s : bounds_s) {
        metric.histogram.bucket.push_back({.cumulative_count = 0, .upper_bound = bound_s});
    }
    metric.histogram.bucket.push_back({.cumulative_count = 0, .upper_bound = std::numeric_limits<double>::infinity()});
    histogram.for_each_bucket([&](base::Nanoseconds, base::Nanoseconds highest_ns, std::uint64_t count) {
        for (ClientMetric::Bucket& bucket : metric.histogram.bucket) {
            bucket.cumulative_count +=
                static_cast<double>(highest_ns) / base::ns_per_s <= bucket.upper_bound ? count : 0;
        }
        metric.histogram.sample_count += count;
    });
    metric.histogram.sample_sum = histogram.sum() / base::ns_per_s;
    made.metric.push_back(std::move(metric));
    return made;
}

MetricFamily population(const engine::Census& census) {
    // In the order of registration::State.
    constexpr std::array<std::string_view, registration::state_count> names{
        "idle",       "delayed", "present",  "clearing", "registering", "registered",
        "refreshing", "waiting", "removing", "removed",  "stopped"};
    MetricFamily made = family("endpoints", "Simulated phones by state.", MetricType::Gauge);
    for (std::size_t state = 0; state < names.size(); ++state) {
        ClientMetric metric;
        metric.gauge.value = census[state];
        metric.label.push_back({.name = "state", .value = std::string(names[state])});
        made.metric.push_back(std::move(metric));
    }
    return made;
}

MetricFamily failures(const stats::Counters& counters) {
    MetricFamily made = family("registrations_failed_total", "Attempts that ended without a 2xx, by status or cause.",
                               MetricType::Counter);
    for (std::size_t i = 0; i < counters.failed_by.size(); ++i) {
        if (counters.failed_by[i] != 0) {
            made.metric.push_back(counted(counters.failed_by[i], "cause", std::to_string(i + stats::status_first)));
        }
    }
    constexpr std::string_view prefix = "failed_";
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        const stats::CounterRow& row = stats::counter_rows[i];
        if (row.sum == stats::Sum::failed) {
            made.metric.push_back(counted(counters.value[i], "cause", row.name.substr(prefix.size())));
        }
    }
    return made;
}

MetricFamily responses(const stats::Counters& counters) {
    MetricFamily made = family("responses_total", "Final responses received, by status.", MetricType::Counter);
    for (std::size_t i = 0; i < counters.responses.size(); ++i) {
        if (counters.responses[i] != 0) {
            made.metric.push_back(counted(counters.responses[i], "code", std::to_string(i + stats::status_first)));
        }
    }
    return made;
}

MetricFamily losses(const port::PortHealth& port) {
    MetricFamily made = family("generator_datagrams_dropped_total", "Datagrams lost inside the generator's machine.",
                               MetricType::Counter);
    made.metric.push_back(counted(port.rx_dropped, "direction", "in"));
    made.metric.push_back(counted(port.tx_dropped, "direction", "out"));
    return made;
}

MetricFamily build() {
    MetricFamily made = family("build_info", "Which regstorm this is; always 1.", MetricType::Gauge);
    ClientMetric metric;
    metric.gauge.value = 1;
    metric.label.push_back({.name = "version", .value = std::string(version())});
    made.metric.push_back(std::move(metric));
    return made;
}

}  // namespace

class Exposer::Figures : public prometheus::Collectable {
  public:
    void show(const Total& total) {
        const std::scoped_lock lock(mutex_);
        total_ = total;
    }

    [[nodiscard]] std::vector<MetricFamily> Collect() const override {
        const std::scoped_lock lock(mutex_);
        const stats::Counters& counters = total_.counters;
        const auto of = [&](Counter which) { return counters.of(which); };
        return {
            build(),
            population(total_.census),
            counter("registrations_attempted_total", "Attempts started: initial, refresh and reattempt alike.",
                    of(Counter::attempted)),
            counter("registrations_succeeded_total", "Attempts that ended in a 2xx.", of(Counter::succeeded)),
            failures(counters),
            counter("removals_succeeded_total", "Un-registrations that ended in a 2xx.",
                    of(Counter::removals_succeeded)),
            counter("removals_failed_total", "Un-registrations that ended otherwise.", of(Counter::removals_failed)),
            counter("datagrams_sent_total", "Datagrams sent, retransmissions included.", of(Counter::sent)),
            counter("datagrams_retransmitted_total", "Requests sent again by Timer E.", of(Counter::retransmitted)),
            counter("datagrams_received_total", "Datagrams received, of every kind.", of(Counter::received)),
            responses(counters),
            delays("registration_delay_seconds", "From the intended time of an attempt to its 2xx.", total_.rrd),
            delays("options_round_trip_seconds", "From an OPTIONS keep-alive to its answer.", total_.keep_alive_rtt),
            delays("send_lag_seconds", "How late attempts were started.", total_.send_lag),
            counter("missed_slots_total", "Attempts started more than 10 ms late.", of(Counter::missed_slots)),
            counter("datagrams_read_late_total", "Datagrams that may have waited unread for more than 10 ms.",
                    of(Counter::read_late)),
            losses(total_.port)};
    }

  private:
    mutable std::mutex mutex_;
    Total total_;
};

class Exposer::Listener {
  public:
    explicit Listener(const std::string& address) : exposer(address, 1) {}
    prometheus::Exposer exposer;
};

Exposer::Exposer(const std::string& address) : figures_(std::make_shared<Figures>()) {
    try {
        listener_ = std::make_unique<Listener>(address);
    } catch (const std::exception& error) {
        throw port::PortError({fmt::format("nobody can listen at {} for Prometheus: {}", address, error.what()),
                               "take another --prometheus ADDRESS:PORT"});
    }
    listener_->exposer.RegisterCollectable(figures_);
}

Exposer::~Exposer() = default;

void Exposer::show(const Interval& interval) { figures_->show(interval.total); }

}  // namespace regstorm::app
