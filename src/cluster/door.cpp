// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/door.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace regstorm::cluster {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// For one address of rank 0; it may have some that lead nowhere from here.
constexpr int connect_ms_max = 3000;

/// Of the interfaces that are up; the loopback last.
std::vector<std::string> own_addresses() {
    std::vector<std::string> addresses;
    std::vector<std::string> loopback;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) {
        return {"127.0.0.1"};
    }
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_UP) == 0) {
            continue;
        }
        std::array<char, INET_ADDRSTRLEN> text{};
        const auto* const address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
        inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
        ((one->ifa_flags & IFF_LOOPBACK) != 0 ? loopback : addresses).emplace_back(text.data());
    }
    freeifaddrs(list);
    addresses.insert(addresses.end(), loopback.begin(), loopback.end());
    return addresses;
}

/// A connected socket, or -1.
int connect_to(const std::string& address, std::uint16_t tcp_port) {
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(tcp_port)};
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0 || inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) {
        return -1;
    }
    int error = 0;
    socklen_t length = sizeof error;
    if (connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        pollfd ready{.fd = made, .events = POLLOUT, .revents = 0};
        const bool done = errno == EINPROGRESS && poll(&ready, 1, connect_ms_max) == 1 &&
                          getsockopt(made, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
        if (!done) {
            close(made);
            return -1;
        }
    }
    return made;
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

std::string to_text(const Hello& hello) {
    return nlohmann::json{{"secret", hello.secret},   {"rank", hello.rank},       {"host", hello.host},
                          {"version", hello.version}, {"workers", hello.workers}, {"scenario", hello.scenario},
                          {"problem", hello.problem}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Hello> parse_hello(const std::string& text) {
    const nlohmann::json read = nlohmann::json::parse(text, nullptr, false);
    Hello hello;
    try {
        for (const auto& [key, member] :
             {std::pair{"secret", &hello.secret}, std::pair{"host", &hello.host}, std::pair{"version", &hello.version},
              std::pair{"scenario", &hello.scenario}, std::pair{"problem", &hello.problem}}) {
            *member = read.at(key).get<std::string>();
        }
        hello.rank = read.at("rank").get<std::uint32_t>();
        hello.workers = read.at("workers").get<std::uint32_t>();
    } catch (const nlohmann::json::exception&) {
        return {};
    }
    return hello;
}

Door::Door() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{.sin_family = AF_INET};
    socklen_t length = sizeof any;
    if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 ||
        listen(socket_, SOMAXCONN) != 0 || getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &length) != 0) {
        throw std::runtime_error("no TCP port for the other ranks can be opened");
    }
    tcp_port_ = ntohs(any.sin_port);
    std::random_device random;
    for (int word = 0; word < 4; ++word) {
        secret_ += fmt::format("{:08x}", random());
    }
}

Door::~Door() {
    if (socket_ >= 0) {
        close(socket_);
    }
}

std::string Door::invitation() const {
    return fmt::format("{} {} {} {}", secret_, host_name(), tcp_port_, fmt::join(own_addresses(), " "));
}

std::vector<Guest> Door::wait_for(std::uint32_t ranks, base::Nanoseconds within_ns) {
    const auto until = SteadyClock::now() + std::chrono::nanoseconds(within_ns);
    std::vector<Connection> outside;
    std::vector<Guest> guests;
    while (guests.size() + 1 < ranks && SteadyClock::now() < until) {
        for (int made = accept(socket_, nullptr, nullptr); made >= 0; made = accept(socket_, nullptr, nullptr)) {
            outside.emplace_back(made);
        }
        for (Connection& one : outside) {
            one.pump();
            const std::optional<Message> first = one.receive();
            const std::optional<Hello> hello =
                first && first->kind == Kind::hello ? parse_hello(first->bytes) : std::nullopt;
            if (hello && hello->secret == secret_ && hello->rank != 0 && hello->rank < ranks) {
                guests.push_back({*hello, std::move(one)});
            }
        }
        std::erase_if(outside, [](const Connection& one) { return !one.open(); });
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::ranges::sort(guests, {}, [](const Guest& guest) { return guest.hello.rank; });
    return guests;
}

Connection knock(const std::string& invitation, Hello hello) {
    std::istringstream words(invitation);
    std::string host;
    std::uint16_t tcp_port = 0;
    words >> hello.secret >> host >> tcp_port;
    std::vector<std::string> addresses;
    for (std::string address; words >> address;) {
        addresses.push_back(address);
    }
    // On rank 0's own machine its loopback is certain; on another one it would be somebody else's.
    const auto loopback = [](const std::string& address) { return address.starts_with("127."); };
    if (host == hello.host) {
        std::stable_partition(addresses.begin(), addresses.end(), loopback);
    } else {
        std::erase_if(addresses, loopback);
    }
    for (const std::string& address : addresses) {
        if (const int made = connect_to(address, tcp_port); made >= 0) {
            Connection connection(made);
            connection.send(Kind::hello, to_text(hello));
            connection.pump();
            return connection;
        }
    }
    throw std::runtime_error(fmt::format("rank 0 on {} cannot be reached at TCP port {} of {}: open it in the firewall",
                                         host, tcp_port, fmt::join(addresses, ", ")));
}

}  // namespace regstorm::cluster
