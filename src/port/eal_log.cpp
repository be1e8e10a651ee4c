// SPDX-License-Identifier: Apache-2.0
#include "eal_log.hpp"

#include <sys/types.h>

#include <algorithm>
#include <cstdarg>
#include <dlfcn.h>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>

namespace regstorm::port {
namespace {

/// Four times the longest failure seen (af_xdp refused by the kernel: libxdp, libbpf and the driver, 1 KiB).
constexpr std::size_t kept_bytes_max = 4096;

struct Capture {
    std::mutex mutex;  // DPDK's own control threads may write too
    std::string text;
    std::uint64_t written = 0;
    bool verbose = false;
    std::FILE* stream = nullptr;
};

Capture& capture() {
    static Capture& instance = *new Capture;  // outlives DPDK's threads, which nobody stops
    return instance;
}

void append(std::string_view text) {
    Capture& log = capture();
    const std::lock_guard lock(log.mutex);
    log.text.append(text);
    log.written += text.size();
    if (log.text.size() > kept_bytes_max) {
        log.text.erase(0, log.text.size() - kept_bytes_max);
    }
    if (log.verbose) {
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
}

ssize_t write_to_capture(void*, const char* bytes, std::size_t size) {
    append({bytes, size});
    return static_cast<ssize_t>(size);
}

/// The signature that libbpf_set_print() and libxdp_set_print() share: 0 warning, 1 information, 2 debug.
int print_to_capture(int level, const char* format, std::va_list arguments) {
    if (level > 1) {
        return 0;
    }
    char line[512];
    const int size = std::vsnprintf(line, sizeof line, format, arguments);
    append(line);
    return size;
}

void redirect(const char* library, const char* setter_name) {
    void* handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
    if (handle == nullptr) {
        return;
    }
    using Printer = int (*)(int, const char*, std::va_list);
    using Setter = Printer (*)(Printer);
    const Setter set_print = reinterpret_cast<Setter>(dlsym(handle, setter_name));
    if (set_print != nullptr) {
        set_print(print_to_capture);
    }
    dlclose(handle);  // only our reference; the driver holds its own
}

}  // namespace

std::FILE* open_log_capture(bool verbose) {
    Capture& log = capture();
    log.verbose = verbose;
    if (log.stream == nullptr) {
        cookie_io_functions_t functions{};
        functions.write = write_to_capture;
        log.stream = fopencookie(nullptr, "w", functions);
        if (log.stream != nullptr) {
            std::setvbuf(log.stream, nullptr, _IOLBF, 1024);
        }
    }
    return log.stream;
}

std::string captured_log() {
    Capture& log = capture();
    if (log.stream != nullptr) {
        std::fflush(log.stream);
    }
    const std::lock_guard lock(log.mutex);
    std::string text = log.text;
    if (text.size() == kept_bytes_max) {
        text.erase(0, text.find('\n') + 1);
    }
    return text;
}

std::uint64_t log_mark() {
    Capture& log = capture();
    const std::lock_guard lock(log.mutex);
    return log.written;
}

std::string first_complaint_since(std::uint64_t mark) {
    Capture& log = capture();
    if (log.stream != nullptr) {
        std::fflush(log.stream);
    }
    const std::lock_guard lock(log.mutex);
    const std::size_t fresh = std::min<std::size_t>(log.written - mark, log.text.size());
    std::istringstream lines(log.text.substr(log.text.size() - fresh));
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && !line.starts_with("libbpf:") && !line.starts_with("libxdp:")) {
            return line;
        }
    }
    return {};
}

std::string last_words(std::size_t lines) {
    std::string text = captured_log();
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    std::size_t from = text.size();
    for (; lines > 0 && from != std::string::npos; --lines) {
        from = from == 0 ? std::string::npos : text.rfind('\n', from - 1);
    }
    text.erase(0, from == std::string::npos ? 0 : from + 1);
    std::ranges::replace(text, '\n', ';');
    return text;
}

void capture_bpf_libraries() {
    redirect("libbpf.so.1", "libbpf_set_print");
    redirect("libxdp.so.1", "libxdp_set_print");
}

}  // namespace regstorm::port
