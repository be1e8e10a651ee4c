// SPDX-License-Identifier: Apache-2.0
// regstorm-responder: the plainest target for comparing load generators side by side.
//
// Answers every SIP request over kernel UDP, verifies nothing and keeps no state, so that it costs far less than a
// registrar and treats all generators alike. Via is echoed untouched (no received, no rport) and answers go to where
// the request came from; equal ones leave merged (udp_port.hpp), which looks the same to every receiver. It sleeps when
// nothing arrives, so its busy share is honest: when that nears 100 %, or when its socket drops, the figures describe
// this program and not the generator.
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include "regstorm/base/text.hpp"
#include "regstorm/port/udp_port.hpp"

namespace {

using regstorm::base::Nanoseconds;
using regstorm::base::write_text;
using std::string_view;

/// Longer requests are ignored: the answer echoes parts of them and must fit the port's buffer.
constexpr std::size_t request_bytes_max = regstorm::port::payload_bytes_max - 512;
constexpr std::size_t vias_max = 16;

volatile std::sig_atomic_t interrupted = 0;

struct Options {
    std::string listen = "127.0.0.1:5060";
    double duration_s = 0;
    int status = 200;
    bool digest = false;
    bool silent = false;
};

struct Tally {
    std::uint64_t requests = 0;
    std::uint64_t challenged = 0;
    std::uint64_t answered = 0;
    std::uint64_t ignored = 0;  ///< no request, ACK, or too long
};

/// The parts of a request that its answer needs. Headers are whole lines without their line end.
struct Request {
    std::array<string_view, vias_max> vias;
    std::size_t via_count = 0;
    string_view from, to, call_id, cseq, contact;
    string_view expires = "3600";
    bool authorized = false;
};

bool equals(string_view text, string_view lower_case) {
    if (text.size() != lower_case.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower_case[i]) {
            return false;
        }
    }
    return true;
}

string_view trim(string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == string_view::npos ? string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void take_header(Request& request, string_view line) {
    const std::size_t colon = line.find(':');
    const string_view name = trim(line.substr(0, colon));
    if (colon == string_view::npos) {
        return;
    }
    if (equals(name, "via") || equals(name, "v")) {
        if (request.via_count < vias_max) {
            request.vias[request.via_count++] = line;
        }
    } else if (equals(name, "from") || equals(name, "f")) {
        request.from = line;
    } else if (equals(name, "to") || equals(name, "t")) {
        request.to = line;
    } else if (equals(name, "call-id") || equals(name, "i")) {
        request.call_id = line;
    } else if (equals(name, "cseq")) {
        request.cseq = line;
    } else if (equals(name, "contact") || equals(name, "m")) {
        request.contact = line;
    } else if (equals(name, "expires")) {
        request.expires = trim(line.substr(colon + 1)).substr(0, 10);
    } else if (equals(name, "authorization") || equals(name, "proxy-authorization")) {
        request.authorized = true;
    }
}

/// False for what gets no answer.
bool parse(string_view text, Request& request) {
    std::size_t end = text.find("\r\n");
    if (end == string_view::npos || text.size() > request_bytes_max || text.starts_with("SIP/2.0 ") ||
        text.starts_with("ACK ") || !text.substr(0, end).ends_with(" SIP/2.0")) {
        return false;
    }
    for (text.remove_prefix(end + 2); !text.starts_with("\r\n"); text.remove_prefix(end + 2)) {
        end = text.find("\r\n");
        if (end == string_view::npos) {
            return false;
        }
        take_header(request, text.substr(0, end));
    }
    return request.via_count > 0 && !request.from.empty() && !request.to.empty() && !request.call_id.empty() &&
           !request.cseq.empty();
}

char* write_line(char* out, string_view line) { return write_text(write_text(out, line), "\r\n"); }

/// What a registrar would list: nothing after a removal, else the contact with the lifetime that was asked for.
char* write_contact(char* out, const Request& request) {
    const string_view value =
        trim(request.contact.substr(std::min(request.contact.find(':') + 1, request.contact.size())));
    if (value.empty() || value == "*" || request.expires == "0" || value.ends_with(";expires=0")) {
        return out;
    }
    out = write_text(out, request.contact);
    if (value.find(";expires=") == string_view::npos) {
        out = write_text(write_text(out, ";expires="), request.expires);
    }
    return write_text(out, "\r\n");
}

char* write_answer(char* out, const Request& request, int status) {
    char code[3];
    std::to_chars(code, code + 3, status);
    out = write_text(write_text(out, "SIP/2.0 "), {code, 3});
    out = write_line(out, status == 200 ? " OK" : status == 401 ? " Unauthorized" : " Answered");
    for (std::size_t i = 0; i < request.via_count; ++i) {
        out = write_line(out, request.vias[i]);
    }
    out = write_line(out, request.from);
    out = write_text(out, request.to);
    out = write_line(out, request.to.find(";tag=") == string_view::npos ? ";tag=regstorm-responder" : "");
    out = write_line(write_line(out, request.call_id), request.cseq);
    if (status == 401) {
        out = write_line(
            out, "WWW-Authenticate: Digest realm=\"regstorm\", nonce=\"b7c0d15e4a9f\", algorithm=MD5, qop=\"auth\"");
    } else if (status == 200) {
        out = write_contact(out, request);
    }
    return write_line(out, "Content-Length: 0\r\n");
}

void serve(regstorm::port::UdpPort& port, const regstorm::port::RxDatagram& datagram, const Options& options,
           Tally& tally) {
    Request request;
    if (datagram.kind != regstorm::port::RxKind::payload || !parse({datagram.data, datagram.size}, request)) {
        ++tally.ignored;
        return;
    }
    ++tally.requests;
    if (options.silent) {
        return;
    }
    const bool challenge = options.digest && !request.authorized;
    ++(challenge ? tally.challenged : tally.answered);
    char* const out = port.tx_reserve();
    const char* const end = write_answer(out, request, challenge ? 401 : options.status);
    port.tx_commit(static_cast<std::uint32_t>(end - out), datagram.source, datagram.remote);
}

double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void run(const Options& options, const regstorm::base::SocketAddress& listen) {
    regstorm::port::UdpPort port({.bind = listen, .merge_reads = true});
    std::printf("listening on %s\n", to_text(port.address_of(port.source(0))).c_str());
    std::fflush(stdout);
    Tally tally;
    std::array<regstorm::port::RxDatagram, regstorm::port::burst_max> burst;
    const double stop_s = options.duration_s > 0 ? seconds(CLOCK_MONOTONIC) + options.duration_s : 1e18;
    // Rate and busy share count from the first datagram to the last, not while waiting for a generator to start.
    double first_s = 0, last_s = 0, first_cpu_s = 0, last_cpu_s = 0;
    for (double now_s = 0; now_s < stop_s && interrupted == 0;) {
        const std::uint32_t count = port.rx_burst(burst);
        now_s = seconds(CLOCK_MONOTONIC);
        port.tick(static_cast<Nanoseconds>(now_s * 1e9));
        if (count == 0) {
            port.wait(50 * regstorm::base::ns_per_ms);
            continue;
        }
        if (first_s == 0) {
            first_s = now_s;
            first_cpu_s = seconds(CLOCK_THREAD_CPUTIME_ID);
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            serve(port, burst[i], options, tally);
        }
        port.release_rx();
        port.flush();
        last_s = now_s;
        last_cpu_s = seconds(CLOCK_THREAD_CPUTIME_ID);
    }
    const double wall_s = std::max(last_s - first_s, 1e-9);
    const regstorm::port::PortHealth health = port.health();
    std::printf("requests %lu in %.1f s (%.0f/s), answered %lu, challenged %lu, ignored %lu\n", tally.requests, wall_s,
                static_cast<double>(tally.requests) / wall_s, tally.answered, tally.challenged, tally.ignored);
    std::printf("busy %.0f %%, dropped by the full socket %lu, not sent %lu\n",
                100 * (last_cpu_s - first_cpu_s) / wall_s, health.rx_dropped, health.tx_dropped);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Answers SIP requests over UDP as fast as it can: a target for comparing load generators.",
                 "regstorm-responder");
    app.add_option("--listen", options.listen, "ADDR:PORT")->capture_default_str();
    app.add_option("--duration", options.duration_s, "seconds until it ends by itself; 0: at SIGINT or SIGTERM")
        ->check(CLI::Range(0.0, 1e9));
    app.add_option("--status", options.status, "status of the answers")->check(CLI::Range(200, 699));
    app.add_flag("--digest", options.digest, "401 to requests without Authorization; credentials are not verified");
    app.add_flag("--silent", options.silent, "count requests, answer none");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto listen = regstorm::base::parse_socket_address(options.listen, 5060);
    if (!listen) {
        std::fprintf(stderr, "--listen %s: expected ADDR:PORT, as in 127.0.0.1:5060\n", options.listen.c_str());
        return 2;
    }
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    try {
        run(options, *listen);
    } catch (const regstorm::port::UdpError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 4;
    }
    return 0;
}
