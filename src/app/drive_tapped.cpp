// SPDX-License-Identifier: Apache-2.0
#include "app/drive_tapped.hpp"

#include "app/drive_on.hpp"

namespace regstorm::app {
namespace {

using Recorders = std::vector<std::unique_ptr<engine::Recorder>>;

struct TappedUdpRig {
    struct Setup {
        UdpRig::Setup port;
        const Recorders* recorders;
    };
    using Port = engine::TappedPort<port::UdpPort>;

    TappedUdpRig(const Setup& setup, std::uint32_t worker, base::Arena&)
        : udp(setup.port), port(udp, *(*setup.recorders)[worker]) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup&) { return 0; }
    [[nodiscard]] std::string link_failure() const { return {}; }

    port::UdpPort udp;
    Port port;
};

struct TappedEthRig {
    struct Setup {
        EthRig::Setup port;
        const Recorders* recorders;
    };
    using Frames = engine::TappedFrames<port::EthPort>;
    using Port = engine::LinkedPort<Frames>;

    TappedEthRig(const Setup& setup, std::uint32_t worker, base::Arena& arena)
        : frames(setup.port.device->queue(static_cast<std::uint16_t>(worker))),
          tapped(frames, *(*setup.recorders)[worker]),
          port(tapped, setup.port.link, arena) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup& setup) { return EthRig::bytes_for(setup.port); }
    [[nodiscard]] std::string link_failure() const { return port.failure_reason(); }

    DpdkThread thread;
    port::EthPort frames;
    Frames tapped;
    Port port;
};

template <class Rig, class Inner>
Driven drive_with(const RunPlan& plan, const Watch& watch, const Inner& setup) {
    Recorders recorders;
    for (const engine::TapPlan& tap : plan.taps) {
        recorders.push_back(std::make_unique<engine::Recorder>(tap));
    }
    Driven driven = drive_on<Rig>(plan, watch, {setup, &recorders});
    driven.recorders = std::move(recorders);
    return driven;
}

}  // namespace

Driven drive_tapped(const RunPlan& plan, const Watch& watch, const UdpRig::Setup& setup) {
    return drive_with<TappedUdpRig>(plan, watch, setup);
}

Driven drive_tapped(const RunPlan& plan, const Watch& watch, const EthRig::Setup& setup) {
    return drive_with<TappedEthRig>(plan, watch, setup);
}

}  // namespace regstorm::app
