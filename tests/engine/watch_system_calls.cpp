// SPDX-License-Identifier: Apache-2.0
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ucontext.h>

#include "regstorm/base/check.hpp"
#include "watch.hpp"

namespace regstorm::engine {
namespace {

Watched* trapped = nullptr;

/// In place of the system call: counted, and its caller is told that there is no such call.
void on_system_call(int, siginfo_t* info, [[maybe_unused]] void* context) {
    ++trapped->system_calls;
    trapped->last_system_call = static_cast<std::uint64_t>(info->si_syscall);
#ifdef __x86_64__
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
#endif
}

}  // namespace

void trap_system_calls(Watched& watched) {
    trapped = &watched;
    struct sigaction action {};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGSYS, &action, nullptr) == 0);
    // The handler has to return and the process has to end; nothing else is let through.
    std::array<sock_filter, 5> filter{{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, SYS_rt_sigreturn},
        {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_exit_group},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRAP},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog program{filter.size(), filter.data()};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

Watched watch(const std::function<std::function<std::uint64_t()>()>& prepare) {
    // Shared, because the child cannot say anything once its system calls are trapped.
    void* const memory = mmap(nullptr, sizeof(Watched), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    Watched& shared = *new (memory) Watched;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const std::function<std::uint64_t()> watched = prepare();
        trap_system_calls(shared);
        count_allocations(&shared.allocations);
        shared.result = watched();
        count_allocations(nullptr);
        _exit(0);
    }
    CHECK(waitpid(child, &shared.status, 0) == child);
    const Watched result = shared;
    munmap(memory, sizeof(Watched));
    return result;
}

}  // namespace regstorm::engine
