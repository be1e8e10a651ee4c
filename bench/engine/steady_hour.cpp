// SPDX-License-Identifier: Apache-2.0
// An hour, or a week, of registered phones on a virtual clock: each refreshes about once an hour, challenged every
// time, and sends OPTIONS every 30 s. Shows what a run of minutes cannot: that nothing grows, that no timer is lost at
// a rank of the wheel that is reached once in hours, and that nothing is sent twice.
//
//   build/release/bench/steady_hour [PHONES [MINUTES]]      10,000,000 phones and 60 virtual minutes, unless it says
//
// Exit code 1: something was lost, refused or sent again, or the process grew.
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "worker_rig.hpp"

namespace regstorm::engine {
namespace {

using stats::Counter;

constexpr base::Nanoseconds minute_ns = 60 * base::ns_per_s;
constexpr int rows = 12;

/// Resident memory, in kB.
std::uint64_t resident_kb() {
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    CHECK(resident != 0);
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// `otherwise` when there is no such argument; 0 when it is no number.
std::uint32_t argument(int argc, char** argv, int at, std::uint32_t otherwise) {
    std::uint32_t value = 0;
    const char* const end = at < argc ? argv[at] + std::strlen(argv[at]) : nullptr;
    const bool good = at < argc && std::from_chars(argv[at], end, value).ptr == end;
    return at < argc ? (good ? value : 0) : otherwise;
}

void print_row(base::Nanoseconds virtual_ns, double real_s, stats::Counters& counters, std::uint64_t kb) {
    std::printf("%7.1f min  %8.1f s  %13llu  %13llu  %13llu  %12llu kB\n",
                static_cast<double>(virtual_ns) / static_cast<double>(minute_ns), real_s,
                static_cast<unsigned long long>(counters.of(Counter::succeeded)),
                static_cast<unsigned long long>(counters.of(Counter::challenged)),
                static_cast<unsigned long long>(counters.of(Counter::keep_alives_answered)),
                static_cast<unsigned long long>(kb));
    std::fflush(stdout);
}

int keep(std::uint32_t phones, std::uint32_t minutes) {
    const auto began = std::chrono::steady_clock::now();
    const auto real_s = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
    Rig rig(phones, {.challenge = true, .keep_alive = true, .expires_s = 3600, .start_s = 30});
    std::printf("%u phones, %.0f bytes each; registered, and each kept alive once, after %.1f s\n", phones,
                static_cast<double>(rig.bytes()) / phones, real_s());
    std::printf("    virtual        real  registrations     challenges    keep-alives      resident\n");
    const base::Nanoseconds from_ns = rig.now_ns();
    const std::uint64_t first_kb = resident_kb();
    print_row(0, real_s(), rig.counters(), first_kb);
    for (int row = 1; row <= rows; ++row) {
        while (rig.now_ns() < from_ns + minutes * minute_ns / rows * row) {
            rig.turn();
        }
        print_row(rig.now_ns() - from_ns, real_s(), rig.counters(), resident_kb());
    }
    const auto grown_kb = static_cast<std::int64_t>(resident_kb()) - static_cast<std::int64_t>(first_kb);
    std::printf("%s; grown by %lld kB\n", rig.clean() ? "nothing lost, refused or sent again" : "NOT CLEAN",
                static_cast<long long>(grown_kb));
    // What the C library's output and the clock's page take when first used.
    constexpr std::int64_t first_use_kb = 256;
    return rig.clean() && grown_kb <= first_use_kb ? 0 : 1;
}

}  // namespace
}  // namespace regstorm::engine

int main(int argc, char** argv) {
    const std::uint32_t phones = regstorm::engine::argument(argc, argv, 1, 10'000'000);
    const std::uint32_t minutes = regstorm::engine::argument(argc, argv, 2, 60);
    if (phones == 0 || minutes == 0 || argc > 3) {
        std::fprintf(stderr, "usage: steady_hour [PHONES [MINUTES]]\n");
        return 2;
    }
    return regstorm::engine::keep(phones, minutes);
}
