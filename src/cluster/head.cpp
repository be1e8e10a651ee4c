// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/head.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "regstorm/cluster/books.hpp"
#include "regstorm/cluster/words.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::cluster {
namespace {

/// For the last words, to ranks that may be stuck.
constexpr base::Nanoseconds goodbye_ns_max = base::ns_per_s;

template <class T>
bool read(std::string_view bytes, T& value) {
    if (bytes.size() < sizeof value) {
        return false;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return true;
}

}  // namespace

bool Head::Rank::settled() const {
    return gone() || std::ranges::all_of(workers, [](const Worker& worker) { return worker.reported; });
}

Head::Head(RankFacts own, std::vector<Other> others, base::Nanoseconds now_ns) : own_(std::move(own)) {
    for (Other& other : others) {
        Rank& rank = ranks_.emplace_back();
        rank.facts = other.facts;
        rank.connection = std::move(other.connection);
        rank.workers.resize(other.facts.workers);
        rank.heard_ns = now_ns;
    }
}

Head::~Head() { dismiss(); }

void Head::dismiss() {
    for (Rank& rank : ranks_) {
        rank.connection.send(Kind::bye);
        rank.connection.flush(goodbye_ns_max);
        rank.connection = {};
    }
}

std::vector<engine::Mailbox*> Head::mailboxes() const {
    std::vector<engine::Mailbox*> pointers;
    for (const Rank& rank : ranks_) {
        for (const Worker& worker : rank.workers) {
            pointers.push_back(worker.mailbox.get());
        }
    }
    return pointers;
}

void Head::carry(base::Nanoseconds now_ns) {
    const bool beat = now_ns >= next_beat_ns_;
    next_beat_ns_ = beat ? now_ns + beat_every_ns : next_beat_ns_;
    for (Rank& rank : ranks_) {
        for (Worker& worker : rank.workers) {
            forward(rank, worker, &worker == &rank.workers.front(), now_ns);
        }
        if (beat && !rank.gone()) {
            rank.connection.send(Kind::beat);
        }
        listen(rank, now_ns);
        for (Worker& worker : rank.workers) {
            if (worker.fresh) {
                worker.fresh = !worker.mailbox->publish([&](engine::Snapshot& slot) { slot = worker.last; });
            }
        }
    }
}

/// The controller commands all workers alike, so a rank hears it once.
void Head::forward(Rank& rank, Worker& worker, bool first, base::Nanoseconds now_ns) {
    engine::Command command;
    while (worker.mailbox->next_command(command)) {
        if (rank.gone()) {
            stand_in(worker.last, command);
            worker.fresh = true;
        } else if (first) {
            // Clocks of two machines have nothing in common; the delay from here is less than the start's.
            command.at_ns -= std::min(command.at_ns, now_ns);
            rank.told = command;
            rank.connection.send(Kind::command, {reinterpret_cast<const char*>(&command), sizeof command});
        }
    }
}

void Head::listen(Rank& rank, base::Nanoseconds now_ns) {
    rank.connection.pump();
    while (const std::optional<Message> message = rank.connection.receive()) {
        rank.heard_ns = now_ns;
        take(rank, *message, now_ns);
    }
    const base::Nanoseconds patience_ns = rank.begun ? silence_ns_max : opening_ns_max;
    if (!rank.settled() && (!rank.connection.open() || now_ns > rank.heard_ns + patience_ns)) {
        lose(rank);
    }
}

void Head::take(Rank& rank, const Message& message, base::Nanoseconds now_ns) {
    std::uint32_t which = 0;
    const bool named = read(message.bytes, which) && which < rank.workers.size();
    const std::string_view rest = std::string_view(message.bytes).substr(named ? sizeof which : 0);
    if (message.kind == Kind::snapshot && named && unpack(rest, rank.workers[which].last)) {
        rank.workers[which].last.at_ns = now_ns;
        rank.workers[which].fresh = true;
        rank.begun = true;
    } else if (message.kind == Kind::report && named) {
        rank.workers[which].report = rest;
        rank.workers[which].reported = true;
    } else if (message.kind == Kind::interrupted && read(message.bytes, which)) {
        interruptions_ = std::max(interruptions_, static_cast<int>(which));
    } else if (message.kind == Kind::failed) {
        rank.failure = message.bytes;
        for (Worker& worker : rank.workers) {
            worker.last.phase = engine::Phase::failed;
            worker.fresh = true;
        }
    }
}

/// Its workers stay where they were last seen, and do in its place what it was told last.
void Head::lose(Rank& rank) {
    rank.facts.lost = true;
    for (Worker& worker : rank.workers) {
        close_books(worker.last.counters);
        if (rank.told) {
            stand_in(worker.last, *rank.told);
        }
        worker.fresh = true;
    }
}

bool Head::lost() const {
    return std::ranges::any_of(ranks_, [](const Rank& rank) { return rank.facts.lost; });
}

std::vector<Head::Report> Head::collect() {
    const timer::SystemClock clock;
    for (carry(clock.now_ns()); !std::ranges::all_of(ranks_, &Rank::settled); carry(clock.now_ns())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::vector<Report> reports;
    for (const Rank& rank : ranks_) {
        for (const Worker& worker : rank.workers) {
            reports.push_back({rank.facts, worker.report, rank.failure});
        }
    }
    dismiss();
    return reports;
}

std::vector<RankFacts> Head::ranks() const {
    std::vector<RankFacts> all{own_};
    std::ranges::transform(ranks_, std::back_inserter(all), &Rank::facts);
    return all;
}

}  // namespace regstorm::cluster
