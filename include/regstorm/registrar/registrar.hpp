// SPDX-License-Identifier: Apache-2.0
// The embedded registrar: RFC 3261 10.3 with digest, on the same ports and the same codec as the generator. It serves
// the first run, calibration, and tests that need a registrar which does exactly as told. It is no proxy and keeps no
// transactions: a retransmitted REGISTER is answered anew, with the same binding (10.3, step 7).
//
// A burst is handled like the generator's: all requests are parsed, their bindings asked for and their digests computed
// together, then answered.
// With rules (registrar/rule.hpp) a second way through is taken that asks them about every request; without, they cost
// one branch per burst.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/text.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/registrar/binding_table.hpp"
#include "regstorm/registrar/counters.hpp"
#include "regstorm/registrar/held_answers.hpp"
#include "regstorm/registrar/misbehaviour.hpp"
#include "regstorm/registrar/nonce.hpp"
#include "regstorm/registrar/pings.hpp"
#include "regstorm/registrar/plan.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/sip/request_shapes.hpp"
#include "regstorm/sip/response_writer.hpp"

namespace regstorm::registrar {

class Registrar {
  public:
    /// `plan` outlives the registrar. Takes bytes_for(plan) from the arena.
    Registrar(const RegistrarPlan& plan, base::Arena& arena);

    [[nodiscard]] static std::size_t bytes_for(const RegistrarPlan& plan) {
        return BindingTable::bytes_for(plan) + base::Arena::bytes_for<Lane>(plan.lanes) +
               plan.lanes * HeldAnswers::bytes_for(plan.held_answers);
    }

    /// Answers what has arrived at `port`; returns how many datagrams that was. Whoever serves several ports gives
    /// each a lane of its own, below plan.lanes.
    template <port::PacketPort Port>
    std::uint32_t serve(Port& port, base::Nanoseconds now_ns, std::uint32_t lane = 0) {
        port.tick(now_ns);
        if (!misbehaviour_.empty()) [[unlikely]] {
            return serve_on_cue(port, now_ns, lane);
        }
        const std::uint32_t count = receive(port, now_ns);
        for (std::uint32_t i = 0; i < count; ++i) {
            char* out = port.tx_reserve();
            if (out == nullptr) {
                count_unsent(i);
                continue;
            }
            if (const std::uint32_t size = answer(i, out, now_ns); size != 0) {
                port.tx_commit(size, burst_[i].source, sip::reply_address(requests_[i], burst_[i].remote));
            }
        }
        port.release_rx();
        port.flush();
        return count;
    }

    [[nodiscard]] const RegistrarCounters& counters() const { return counters_; }
    [[nodiscard]] const BindingTable& bindings() const { return table_; }
    /// Answers that wait for their time.
    [[nodiscard]] std::uint64_t held_now() const {
        std::uint64_t held = 0;
        for (const Lane& lane : lanes_) {
            held += lane.held.count();
        }
        return held;
    }

  private:
    enum class Standing : std::uint8_t {
        ignored,   ///< no request: nothing to answer
        other,     ///< a request, but no REGISTER
        unknown,   ///< no credentials, or for another realm, or with a nonce that is not ours
        to_check,  ///< digest being computed
        known,     ///< may register
        stale,     ///< right password, expired nonce
        wrong,     ///< wrong password
    };
    struct Visit {
        Standing standing = Standing::ignored;
        bool expired = false;    ///< the nonce is
        std::uint64_t aor = 0;   ///< hash of a REGISTER's
        std::string_view nonce;  ///< a good one of ours
        std::string_view response;
        std::array<char, 2 * sip::digest_bytes_max> expected;
        Cue cue;  ///< stays empty without rules
    };
    /// What belongs to one port.
    struct Lane {
        HeldAnswers held;
        PingSweep sweep;
        base::Source source;  ///< where the last datagram arrived: pings leave from there
    };

    /// Contacts of one REGISTER at most; more are answered 400.
    static constexpr std::uint32_t contacts_max = 2 * bindings_per_aor_max;
    /// Why a REGISTER changes nothing.
    enum class Refusal : std::uint8_t { none, too_brief, bad_contact, bad_cseq, long_contact, too_many, full };
    struct Change {
        std::string_view uri;
        std::uint32_t expires_s;  ///< 0: remove
    };
    /// What the REGISTER at hand asks for, between checking it and doing it.
    struct Wish {
        std::uint64_t call_id_hash = 0;
        std::uint32_t added = 0;
        std::uint32_t removed = 0;
        std::uint32_t count = 0;
        bool star = false;      ///< a Contact is *
        bool outdated = false;  ///< it is older than a binding of the same call
        std::array<Change, contacts_max> change;
    };

    /// Takes a burst from `port` and reads it; the digests are computed then.
    template <port::PacketPort Port>
    std::uint32_t receive(Port& port, base::Nanoseconds now_ns) {
        const std::uint32_t count = port.rx_burst(burst_);
        for (std::uint32_t i = 0; i < count; ++i) {
            read(i, now_ns);
        }
        // All at once: one that waits for its page to be found holds up what comes after it, but not the next of these.
        for (std::uint32_t i = 0; i < count; ++i) {
            if (visits_[i].standing >= Standing::unknown) {
                table_.prefetch(visits_[i].aor);
            }
        }
        check_digests();
        for (std::uint32_t i = 0; i < count; ++i) {
            if (visits_[i].standing > Standing::unknown) {
                table_.prefetch_binding(visits_[i].aor);
            }
        }
        return count;
    }

    /// serve() for a registrar with rules: what is due first, then what has arrived, then pings.
    template <port::PacketPort Port>
    std::uint32_t serve_on_cue(Port& port, base::Nanoseconds now_ns, std::uint32_t lane_number) {
        Lane& lane = lanes_[lane_number];
        lane_at_hand_ = static_cast<std::uint8_t>(lane_number);
        send_due(port, lane, now_ns);
        const std::uint32_t count = receive(port, now_ns);
        if (count != 0) {
            misbehaviour_.start(now_ns);
            lane.source = burst_[count - 1].source;
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            // The room comes first: what cannot be answered is not done either.
            if (visits_[i].standing != Standing::ignored && port.tx_reserve() == nullptr) {
                count_unsent(i);
                continue;
            }
            const std::uint32_t size = answer_on_cue(i, scratch_.data(), now_ns);
            if (size != 0) {
                deliver(port, lane, i, size, now_ns);
            }
        }
        port.release_rx();
        if (ping_rule_ != nullptr && misbehaviour_.started()) {
            send_pings(port, lane, now_ns);
        }
        port.flush();
        return count;
    }

    /// Sends the answer in scratch_ as the rules want it: late, twice, behind a 100.
    template <port::PacketPort Port>
    void deliver(Port& port, Lane& lane, std::uint32_t i, std::uint32_t size, base::Nanoseconds now_ns) {
        const Cue& cue = visits_[i].cue;
        const base::SocketAddress remote = sip::reply_address(requests_[i], burst_[i].remote);
        if (felt(cue, Misdeed::early_1xx)) {
            if (char* const out = port.tx_reserve(); out == nullptr) {
                ++counters_.unsent_others;
            } else if (const std::uint32_t trying = write_trying(i, out); trying != 0) {
                port.tx_commit(trying, burst_[i].source, remote);
            }
        }
        if (felt(cue, Misdeed::drop_answer)) {
            return;
        }
        if (felt(cue, Misdeed::garbage)) {
            size = misbehaviour_.write_garbage(scratch_.data(), garbage_bytes_max);
        }
        const bool late = felt(cue, Misdeed::delay);
        for (int copies = felt(cue, Misdeed::duplicate) ? 2 : 1; copies > 0; --copies) {
            if (late) {
                const bool held =
                    lane.held.hold(now_ns + cue.delay_ns, burst_[i].source, remote, {scratch_.data(), size});
                ++(held ? counters_.held : counters_.not_held);
            } else if (char* const out = port.tx_reserve(); out == nullptr) {
                ++counters_.unsent_others;
            } else {
                std::memcpy(out, scratch_.data(), size);
                port.tx_commit(size, burst_[i].source, remote);
            }
        }
    }

    /// Sends held answers whose time has come, as many as the port takes; the others stay first in line.
    template <port::PacketPort Port>
    void send_due(Port& port, Lane& lane, base::Nanoseconds now_ns) {
        for (std::uint32_t i = 0; i < due_per_poll_max && lane.held.is_due(now_ns); ++i) {
            char* const out = port.tx_reserve();
            if (out == nullptr) {
                return;
            }
            const HeldAnswer answer = lane.held.front();
            lane.held.take_front(out);
            port.tx_commit(answer.size, answer.source, answer.remote);
        }
    }

    template <port::PacketPort Port>
    void send_pings(Port& port, Lane& lane, base::Nanoseconds now_ns) {
        const std::uint64_t due = ping_rows_due(*ping_rule_, misbehaviour_.since_first(now_ns), table_.rows());
        std::uint32_t sent = 0;
        for (std::uint32_t i = 0; i < ping_rows_per_poll_max && lane.sweep.rows < due; ++i) {
            char* const out = sent == pings_per_poll_max ? nullptr : port.tx_reserve();
            if (out == nullptr) {
                return;
            }
            base::SocketAddress remote;
            const std::uint32_t size = next_ping(lane, out, remote, port.address_of(lane.source), now_ns);
            if (size != 0) {
                port.tx_commit(size, lane.source, remote);
                ++sent;
            }
        }
    }

    /// Counts the rule that `cue` has for `misdeed`, if any; whether there is one.
    bool felt(const Cue& cue, Misdeed misdeed) {
        const std::uint8_t rule = cue.rule_for(misdeed);
        if (rule == 0) {
            return false;
        }
        ++counters_.by_rule[rule - 1U];
        return true;
    }

    /// The rule that `cue` has for `misdeed`; only when it has one.
    [[nodiscard]] const Rule& rule_of(const Cue& cue, Misdeed misdeed) const {
        return misbehaviour_.rule(cue.rule_for(misdeed));
    }

    void read(std::uint32_t i, base::Nanoseconds now_ns);
    void read_credentials(std::uint32_t i, base::Nanoseconds now_ns);
    void check_digests();
    void count_unsent(std::uint32_t i);
    [[nodiscard]] std::uint32_t answer(std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t answer_on_cue(std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t answer_with(const Rule& rule, std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t write_trying(std::uint32_t i, char* out);
    /// The ping to the lane's next row, if there is one to send; `remote` is where it goes.
    [[nodiscard]] std::uint32_t next_ping(Lane& lane, char* out, base::SocketAddress& remote,
                                          const base::SocketAddress& from, base::Nanoseconds now_ns);
    [[nodiscard]] bool is_ping_answer(std::string_view datagram) const;
    [[nodiscard]] std::uint32_t challenge(std::uint32_t i, char* out, bool stale, base::Nanoseconds now_ns,
                                          std::uint16_t status = 401);
    [[nodiscard]] std::uint32_t bind(std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] Refusal find_refusal(const sip::Request& request, AorSlot* slot);
    [[nodiscard]] Refusal wish_for(const sip::Contact& contact, const sip::Request& request, AorSlot* slot);
    [[nodiscard]] bool listed_before(std::string_view uri) const;
    [[nodiscard]] bool is_outdated(const sip::Request& request, const Binding& binding) const;
    [[nodiscard]] AorSlot* make_room(std::uint64_t aor, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t* find_binding(AorSlot& slot, std::string_view uri);
    [[nodiscard]] std::uint32_t refuse(std::uint32_t i, char* out, Refusal refusal);
    void apply(std::uint32_t i, AorSlot& slot, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t accept(std::uint32_t i, char* out, const AorSlot* slot, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t reply(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                                      std::string_view rows = {});
    [[nodiscard]] std::uint32_t write(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                                      std::string_view rows, std::string_view to_tag);
    [[nodiscard]] std::uint32_t second_of(base::Nanoseconds now_ns) const {
        return static_cast<std::uint32_t>(now_ns / base::ns_per_s);
    }

    /// Held answers sent per poll, so that none of them starves what arrives.
    static constexpr std::uint32_t due_per_poll_max = 256;
    static constexpr std::uint32_t garbage_bytes_max = 512;

    const RegistrarPlan& plan_;
    BindingTable table_;
    Misbehaviour misbehaviour_;
    const Rule* ping_rule_;
    std::span<Lane> lanes_;
    std::uint8_t lane_at_hand_ = 0;
    RegistrarCounters counters_;

    std::array<port::RxDatagram, port::burst_max> burst_;
    sip::RequestShapes shapes_;
    std::array<sip::Request, port::burst_max> requests_;
    std::array<Visit, port::burst_max> visits_;
    std::array<sip::Ha1Job, port::burst_max> ha1_jobs_;
    std::array<sip::DigestJob, port::burst_max> jobs_;
    std::uint32_t job_count_ = 0;
    Wish wish_;
    std::array<char, port::payload_bytes_max> scratch_;  ///< the answer at hand, while rules look at it
};

}  // namespace regstorm::registrar
