// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/eal.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <optional>

#include "eal_log.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {
namespace {

/// What DPDK itself needs beside the ports: device data, the log, fragmentation of its heap. Measured: 9 MiB.
constexpr std::uint64_t eal_bytes = 32 * base::mib;

/// Asks the kernel to set the pages aside and gives them back. Tells more than the count of free pages: limits of a
/// cgroup and pages promised to others are in the answer. Pages of 1 GiB serve as well, for large needs.
bool huge_pages_available(std::uint64_t bytes) {
    constexpr std::uint64_t gib = 1024 * base::mib;
    constexpr int shift_2_mib = 21 << MAP_HUGE_SHIFT;
    constexpr int shift_1_gib = 30 << MAP_HUGE_SHIFT;
    for (const auto& [page_bytes, flag] :
         {std::pair{base::huge_page_bytes, shift_2_mib}, std::pair{gib, shift_1_gib}}) {
        const std::uint64_t size = (bytes + page_bytes - 1) / page_bytes * page_bytes;
        void* pages =
            mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | flag, -1, 0);
        if (pages != MAP_FAILED) {
            munmap(pages, size);
            return true;
        }
    }
    return false;
}

/// One lcore that may float over every CPU this process is allowed: DPDK pins its caller to what it is given, and
/// the controller must not be pinned. Workers are pinned by the engine and register later.
std::string lcores_argument() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    CHECK(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    std::string cpus;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) {
            cpus += fmt::format("{}{}", cpus.empty() ? "" : ",", cpu);
        }
    }
    return fmt::format("--lcores=0@({})", cpus);
}

std::vector<std::string> eal_arguments(const EalOptions& options, MemoryMode memory) {
    std::vector<std::string> arguments{"regstorm", lcores_argument(), "--no-telemetry",
                                       fmt::format("--file-prefix=regstorm-{}", getpid())};
    if (memory == MemoryMode::huge_pages) {
        arguments.emplace_back("--in-memory");
    } else {
        // DPDK's heap cannot grow without huge pages. Generous, because a page that is not touched costs nothing.
        const std::uint64_t heap_bytes = eal_bytes + options.memory_bytes;
        arguments.insert(arguments.end(), {"--no-huge", "--no-shconf", "-m", std::to_string(heap_bytes / base::mib)});
    }
    if (options.pci_addresses.empty()) {
        // No device reads physical addresses, so none are looked up.
        arguments.insert(arguments.end(), {"--no-pci", "--iova-mode=va"});
    }
    for (const std::string& address : options.pci_addresses) {
        arguments.insert(arguments.end(), {"-a", address});
    }
    return arguments;
}

/// DPDK wants a directory to meet its secondary processes in; we have none, and a directory under /tmp that the
/// first user owns only confuses the second. A path where none can be made is reported to the log and forgotten.
class NoRuntimeDirectory {
  public:
    NoRuntimeDirectory() {
        const char* now = std::getenv(name);
        if (now != nullptr) {
            before_ = now;
        }
        setenv(name, "/dev/null", 1);
    }
    ~NoRuntimeDirectory() { before_ ? setenv(name, before_->c_str(), 1) : unsetenv(name); }
    NoRuntimeDirectory(const NoRuntimeDirectory&) = delete;
    NoRuntimeDirectory& operator=(const NoRuntimeDirectory&) = delete;

  private:
    static constexpr const char* name = "RUNTIME_DIRECTORY";
    std::optional<std::string> before_;
};

void init_eal(const EalOptions& options, MemoryMode memory) {
    rte_openlog_stream(open_log_capture(options.verbose));
    // DPDK keeps pointers into argv, and permutes it.
    static std::vector<std::string> arguments = eal_arguments(options, memory);
    static std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    const int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    const NoRuntimeDirectory no_directory;
    if (rte_eal_init(argc, argv.data()) < 0) {
        throw PortError({fmt::format("DPDK does not start: {}", rte_strerror(rte_errno)),
                         memory == MemoryMode::huge_pages ? "free huge pages, or run without them"
                                                          : "see the messages of DPDK with --verbose"},
                        captured_log());
    }
    capture_bpf_libraries();
}

void check_same(const EalOptions& first, const EalOptions& now) {
    for (const std::string& address : now.pci_addresses) {
        bool known = false;
        for (const std::string& other : first.pci_addresses) {
            known = known || other == address;
        }
        if (!known) {
            throw PortError({fmt::format("PCI device {} was not named when DPDK started", address),
                             "name every pci: port of the run at once"});
        }
    }
}

}  // namespace

const EalState& start_eal(const EalOptions& options) {
    static std::optional<EalState> state;
    static std::optional<EalOptions> first;
    if (state) {
        check_same(*first, options);
        return *state;
    }
    if (first) {
        throw PortError({"DPDK failed to start before, and starts only once per process", "start the program again"});
    }
    first = options;
    const auto before = std::chrono::steady_clock::now();
    const bool huge = !options.ordinary_pages && huge_pages_available(options.memory_bytes + eal_bytes);
    if (!huge && !options.pci_addresses.empty()) {
        const std::uint64_t pages =
            (options.memory_bytes + eal_bytes + base::huge_page_bytes - 1) / base::huge_page_bytes;
        throw PortError({fmt::format("a pci: port needs {} free huge pages of 2 MiB", pages),
                         fmt::format("sysctl -w vm.nr_hugepages={}", pages)});
    }
    const MemoryMode memory = huge ? MemoryMode::huge_pages : MemoryMode::ordinary_pages;
    init_eal(options, memory);
    const auto elapsed = std::chrono::steady_clock::now() - before;
    state = EalState{
        memory, static_cast<base::Nanoseconds>(std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count())};
    return *state;
}

bool register_worker_thread() { return rte_thread_register() == 0; }

void unregister_worker_thread() { rte_thread_unregister(); }

std::string eal_log_tail() { return captured_log(); }

}  // namespace regstorm::port
