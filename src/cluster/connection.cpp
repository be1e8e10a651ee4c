// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <thread>
#include <utility>

namespace regstorm::cluster {
namespace {

constexpr std::size_t head_bytes = 5;  // length of what follows the kind, the kind
/// The report of a worker with 64 groups is a tenth of it; more can only come from a stranger.
constexpr std::uint32_t message_bytes_max = 64U << 20;

}  // namespace

Connection::Connection(int socket) : socket_(socket) {
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // the start must not wait for an acknowledgement
}

Connection::~Connection() { close(); }

Connection::Connection(Connection&& other) noexcept { *this = std::move(other); }

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(socket_, other.socket_);
    in_.swap(other.in_);
    std::swap(taken_, other.taken_);
    out_.swap(other.out_);
    std::swap(written_, other.written_);
    return *this;
}

void Connection::close() {
    if (socket_ >= 0) {
        ::close(std::exchange(socket_, -1));
    }
}

void Connection::send(Kind kind, std::string_view bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    out_.append(reinterpret_cast<const char*>(&length), sizeof length);
    out_.push_back(static_cast<char>(kind));
    out_.append(bytes);
}

void Connection::pump() {
    if (open() && !(write() && read())) {
        close();
    }
}

bool Connection::write() {
    while (backlog() != 0) {
        const ssize_t sent = ::send(socket_, out_.data() + written_, backlog(), MSG_NOSIGNAL);
        if (sent <= 0) {
            // What the other end said before it left is still there to be read.
            return errno == EAGAIN || errno == EINTR || errno == EPIPE || errno == ECONNRESET;
        }
        written_ += static_cast<std::size_t>(sent);
    }
    out_.clear();
    written_ = 0;
    return true;
}

bool Connection::read() {
    in_.erase(0, std::exchange(taken_, 0));
    std::array<char, 65'536> buffer;
    for (;;) {
        const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        }
        in_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::optional<Message> Connection::receive() {
    const std::string_view rest = std::string_view(in_).substr(taken_);
    if (rest.size() < head_bytes) {
        return {};
    }
    std::uint32_t length = 0;
    std::memcpy(&length, rest.data(), sizeof length);
    if (length > message_bytes_max || static_cast<std::uint8_t>(rest[4]) > static_cast<std::uint8_t>(Kind::bye)) {
        close();
        return {};
    }
    if (rest.size() < head_bytes + length) {
        return {};
    }
    taken_ += head_bytes + length;
    return Message{static_cast<Kind>(rest[4]), std::string(rest.substr(head_bytes, length))};
}

void Connection::flush(base::Nanoseconds within_ns) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(within_ns);
    for (pump(); open() && backlog() != 0 && std::chrono::steady_clock::now() < until; pump()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace regstorm::cluster
