// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/hand.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "regstorm/base/check.hpp"
#include "regstorm/cluster/words.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::cluster {
namespace {

/// Until the load begins, so that all ranks begin together; and from then on, as the controller does.
constexpr std::chrono::milliseconds look_every_before{1};
constexpr std::chrono::milliseconds look_every{10};

}  // namespace

void Hand::run(std::span<engine::Mailbox* const> mailboxes, const std::function<int()>& interruptions) {
    const timer::SystemClock clock;
    attach(mailboxes, clock.now_ns());
    while (step(clock.now_ns(), interruptions())) {
        std::this_thread::sleep_for(begun_ ? look_every : look_every_before);
    }
}

void Hand::attach(std::span<engine::Mailbox* const> mailboxes, base::Nanoseconds now_ns) {
    mailboxes_ = mailboxes;
    latest_.resize(mailboxes.size());
    fresh_.resize(mailboxes.size());
    heard_ns_ = now_ns;
}

bool Hand::step(base::Nanoseconds now_ns, int interruptions) {
    connection_.pump();
    while (const std::optional<Message> message = connection_.receive()) {
        heard_ns_ = now_ns;
        take(*message, now_ns);
    }
    const base::Nanoseconds patience_ns = begun_ ? silence_ns_max : opening_ns_max;
    head_lost_ = head_lost_ || (!dismissed_ && (!connection_.open() || now_ns > heard_ns_ + patience_ns));
    if ((dismissed_ || head_lost_) && !quit_) {
        command({engine::CommandKind::quit});
    }
    if (interruptions != interruptions_) {
        interruptions_ = interruptions;
        connection_.send(Kind::interrupted, {reinterpret_cast<const char*>(&interruptions_), sizeof interruptions_});
    }
    if (now_ns >= next_beat_ns_) {
        next_beat_ns_ = now_ns + beat_every_ns;
        connection_.send(Kind::beat);
    }
    pass_on();
    connection_.pump();
    return !quit_ || !std::ranges::all_of(latest_, [](const engine::Snapshot& last) {
        return last.phase == engine::Phase::done || last.phase == engine::Phase::failed;
    });
}

void Hand::take(const Message& message, base::Nanoseconds now_ns) {
    if (message.kind == Kind::bye) {
        dismissed_ = true;
    } else if (engine::Command told; message.kind == Kind::command && message.bytes.size() == sizeof told) {
        std::memcpy(static_cast<void*>(&told), message.bytes.data(), sizeof told);
        told.at_ns += told.kind == engine::CommandKind::start ? now_ns : 0;
        begun_ = begun_ || told.kind == engine::CommandKind::start;
        command(told);
    }
}

void Hand::command(const engine::Command& command) {
    quit_ = quit_ || command.kind == engine::CommandKind::quit;
    for (engine::Mailbox* mailbox : mailboxes_) {
        CHECK(mailbox->command(command));  // a few in a run, as the controller says
    }
}

/// What waits to be written when the network is slow is the newest snapshot only; the last one is always sent.
void Hand::pass_on() {
    for (std::size_t worker = 0; worker < mailboxes_.size(); ++worker) {
        while (mailboxes_[worker]->read(latest_[worker])) {
            fresh_[worker] = true;
        }
        const bool last = latest_[worker].phase >= engine::Phase::done;
        if (fresh_[worker] && (last || connection_.backlog() == 0)) {
            fresh_[worker] = false;
            const auto which = static_cast<std::uint32_t>(worker);
            std::string bytes(reinterpret_cast<const char*>(&which), sizeof which);
            connection_.send(Kind::snapshot, bytes + pack(latest_[worker]));
        }
    }
}

void Hand::report(std::uint32_t which, std::string_view bytes) {
    std::string message(reinterpret_cast<const char*>(&which), sizeof which);
    connection_.send(Kind::report, message.append(bytes));
}

bool Hand::finish() {
    // A socket that is closed with something unread in it takes back what it has sent.
    const timer::SystemClock clock;
    const base::Nanoseconds until_ns = clock.now_ns() + opening_ns_max;
    while (!dismissed_ && !head_lost_) {
        connection_.pump();
        while (const std::optional<Message> message = connection_.receive()) {
            dismissed_ = dismissed_ || message->kind == Kind::bye;
        }
        head_lost_ = !dismissed_ && (!connection_.open() || clock.now_ns() > until_ns);
        std::this_thread::sleep_for(look_every_before);
    }
    return !head_lost_;
}

}  // namespace regstorm::cluster
