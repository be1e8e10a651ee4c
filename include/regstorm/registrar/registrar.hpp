// SPDX-License-Identifier: Apache-2.0
// The embedded registrar: RFC 3261 10.3 with digest, on the same ports and the same codec as the generator. It serves
// the first run, calibration, and tests that need a registrar which does exactly as told. It is no proxy and keeps no
// transactions: a retransmitted REGISTER is answered anew, with the same binding (10.3, step 7).
//
// A burst is handled like the generator's: all requests are parsed and their digests computed together, then answered.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/text.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/registrar/binding_table.hpp"
#include "regstorm/registrar/counters.hpp"
#include "regstorm/registrar/nonce.hpp"
#include "regstorm/registrar/plan.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/sip/response_writer.hpp"

namespace regstorm::registrar {

class Registrar {
  public:
    /// `plan` outlives the registrar. Takes bytes_for(plan) from the arena.
    Registrar(const RegistrarPlan& plan, base::Arena& arena);

    [[nodiscard]] static std::size_t bytes_for(const RegistrarPlan& plan) { return BindingTable::bytes_for(plan); }

    /// Answers what has arrived at `port`; returns how many datagrams that was.
    template <port::PacketPort Port>
    std::uint32_t serve(Port& port, base::Nanoseconds now_ns) {
        port.tick(now_ns);
        const std::uint32_t count = port.rx_burst(burst_);
        for (std::uint32_t i = 0; i < count; ++i) {
            read(i, now_ns);
        }
        check_digests();
        for (std::uint32_t i = 0; i < count; ++i) {
            char* out = port.tx_reserve();
            if (out == nullptr) {
                ++counters_.unsent;
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
        bool expired = false;  ///< the nonce is
        std::uint32_t job = 0;
        std::string_view response;
        std::array<char, 2 * sip::digest_bytes_max> expected;
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
        std::array<Change, contacts_max> change;
    };

    void read(std::uint32_t i, base::Nanoseconds now_ns);
    void read_credentials(std::uint32_t i, base::Nanoseconds now_ns);
    void check_digests();
    [[nodiscard]] std::uint32_t answer(std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t challenge(std::uint32_t i, char* out, bool stale, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t bind(std::uint32_t i, char* out, base::Nanoseconds now_ns);
    [[nodiscard]] Refusal find_refusal(const sip::Request& request, AorSlot* slot);
    [[nodiscard]] bool is_outdated(const sip::Request& request, const Binding& binding) const;
    [[nodiscard]] AorSlot* make_room(std::uint64_t aor, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t* find_binding(AorSlot& slot, std::string_view uri);
    [[nodiscard]] std::uint32_t refuse(std::uint32_t i, char* out, Refusal refusal);
    void apply(const sip::Request& request, AorSlot& slot, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t accept(std::uint32_t i, char* out, const AorSlot* slot, base::Nanoseconds now_ns);
    [[nodiscard]] std::uint32_t reply(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                                      std::string_view rows = {});
    [[nodiscard]] std::uint32_t second_of(base::Nanoseconds now_ns) const {
        return static_cast<std::uint32_t>(now_ns / base::ns_per_s);
    }

    const RegistrarPlan& plan_;
    BindingTable table_;
    RegistrarCounters counters_;

    std::array<port::RxDatagram, port::burst_max> burst_;
    std::array<sip::Request, port::burst_max> requests_;
    std::array<Visit, port::burst_max> visits_;
    std::array<sip::DigestJob, port::burst_max> jobs_;
    std::uint32_t job_count_ = 0;
    Wish wish_;
};

}  // namespace regstorm::registrar
