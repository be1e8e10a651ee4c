// SPDX-License-Identifier: Apache-2.0
// Requests on their way out. What a request says follows from the endpoint's record alone, so a retransmission is
// written anew and comes out identical; nothing sent is ever stored.
//
// Requests with credentials wait until the burst is over: their digests are then computed together, in SIMD lanes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "regstorm/base/check.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/base/text.hpp"
#include "regstorm/engine/credential_store.hpp"
#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/request_template.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

inline constexpr std::uint32_t user_chars_max = 128;    ///< longest user name or password; checked by the plan
inline constexpr std::uint32_t domain_chars_max = 128;  ///< longest domain; checked by the plan
inline constexpr std::uint32_t source_chars_max = base::ip_chars_max + 2 + 6;  ///< brackets, colon, port
inline constexpr std::uint32_t contact_uri_chars_max = 5 + user_chars_max + source_chars_max;

template <port::PacketPort Port>
class Sender {
    using Record = registration::Record;

  public:
    Sender(const WorkerPlan& plan, Port& port, EndpointTable& table, CredentialStore& credentials, RealmTable& realms,
           stats::Counters& counters)
        : plan_(plan), port_(port), table_(table), credentials_(credentials), realms_(realms), counters_(counters) {}

    /// Learns what the port's addresses look like to peers, and how long requests can get. Once, when the port is
    /// ready; allocates.
    void learn_sources() {
        for (const Group& group : plan_.groups) {
            lengths_.push_back(lengths_of(group));
        }
        for (std::uint32_t address = 0; address < plan_.sources.addresses; ++address) {
            const base::SocketAddress seen = port_.address_of({static_cast<std::uint16_t>(address), 0});
            hosts_.push_back(host_text(seen.ip));
        }
    }

    /// The run's number of an endpoint: its user's number, whichever worker has it.
    [[nodiscard]] std::uint32_t number_of(base::EndpointIndex index) const { return plan_.first_number + index; }

    /// What Call-ID and tag derive from.
    [[nodiscard]] std::uint64_t identity_of(base::EndpointIndex index) const {
        return base::mix64(plan_.salt ^ base::mix64(number_of(index)));
    }

    /// "198.18.0.7:5060" as our Via and Contact say it; `out` needs source_chars_max characters.
    [[nodiscard]] char* write_source(char* out, base::Source source) const {
        out = base::write_text(out, hosts_[source.address].view());
        *out++ = ':';
        return base::write_decimal(out, source.udp_port);
    }

    /// The URI that our Contact says, to the byte.
    [[nodiscard]] std::string_view contact_uri(base::EndpointIndex index,
                                               std::array<char, contact_uri_chars_max>& out) const {
        const Record& record = table_[index];
        std::array<char, source_chars_max> source;
        std::array<char, user_chars_max> user;
        const char* const end = sip::write_contact_uri(
            out.data(), written(plan_.groups[record.group].user, user, index), written_source(source, record.source));
        return {out.data(), static_cast<std::size_t>(end - out.data())};
    }

    /// Whether a datagram can hold a request with all the credentials that the endpoint now has.
    [[nodiscard]] bool fits(const Record& record) const {
        const Lengths& lengths = lengths_[record.group];
        std::size_t chars = lengths.request_chars;
        for (std::uint32_t row = record.credentials; row != 0; row = credentials_[row].next) {
            const CredentialRow& credentials = credentials_[row];
            chars += lengths.credentials_chars + realms_.text(credentials.realm).size() + credentials.nonce_size +
                     credentials.opaque_size;
        }
        return chars <= port::payload_bytes_max;
    }

    /// Sends the outstanding request of an endpoint as its record describes it, for the first time or again.
    void send(base::EndpointIndex index) {
        if (table_[index].authorization == registration::Authorization::bare) {
            write(index, {});
            return;
        }
        if (pending_count_ == pending_.size() || job_count_ + sip::realms_max > jobs_.size()) {
            flush();
        }
        queue(index);
    }

    /// Computes the digests of all waiting requests and writes them.
    void flush() {
        sip::compute_responses({jobs_.data(), job_count_});
        for (std::uint32_t i = 0; i < pending_count_; ++i) {
            std::array<char, credentials_chars> text;
            char* end = text.data();
            for (std::uint32_t job = pending_[i].first_job; job < pending_[i].end_job; ++job) {
                end = write_authorization(end, pending_[i].endpoint, job);
            }
            write(pending_[i].endpoint, {text.data(), static_cast<std::size_t>(end - text.data())});
        }
        pending_count_ = 0;
        job_count_ = 0;
    }

  private:
    static constexpr std::uint32_t pending_max = port::burst_max;
    static constexpr std::uint32_t jobs_max = port::burst_max + sip::realms_max;
    /// Authorization rows of one request; fits() keeps them below the datagram that they are for.
    static constexpr std::uint32_t credentials_chars = port::payload_bytes_max;

    struct Pending {
        base::EndpointIndex endpoint;
        std::uint32_t first_job;
        std::uint32_t end_job;
    };
    /// Upper bounds for a group: of a request without credentials, and of one row of them without realm, nonce, opaque.
    struct Lengths {
        std::uint32_t request_chars;
        std::uint32_t credentials_chars;
    };
    struct JobText {
        std::array<char, 8> cnonce;
        std::array<char, 2 * sip::digest_bytes_max> response;
        std::uint32_t row;
    };

    static sip::SourceText host_text(const base::IpAddress& ip) {
        const bool ipv6 = ip.family == base::Family::ipv6;
        sip::SourceText host;
        char* end = base::write_text(host.text.data(), ipv6 ? "[" : "");
        end = base::write_text(base::write_ip(end, ip), ipv6 ? "]" : "");
        host.size = static_cast<std::uint8_t>(end - host.text.data());
        return host;
    }

    [[nodiscard]] static Lengths lengths_of(const Group& group) {
        std::array<char, user_chars_max> longest{};
        const std::string_view user(longest.data(), std::min(group.user.chars_max(), user_chars_max));
        const std::string_view hash(longest.data(), 2 * sip::digest_bytes_max);
        const sip::RequestFields fields{.source = {longest.data(), source_chars_max}, .user = user};
        return {.request_chars = std::max(group.add.chars_max(fields), group.remove.chars_max(fields)),
                .credentials_chars = sip::credentials_chars_max(
                    {.user = std::max(user, hash, shorter),
                     .uri = std::max(group.add.request_uri(), group.remove.request_uri(), shorter),
                     .cnonce = hash.substr(0, sizeof(JobText::cnonce)),
                     .response = hash})};
    }
    [[nodiscard]] static bool shorter(std::string_view left, std::string_view right) {
        return left.size() < right.size();
    }

    [[nodiscard]] const sip::RequestTemplate& template_of(const Record& record) const {
        const Group& group = plan_.groups[record.group];
        return record.state == registration::State::removing ? group.remove : group.add;
    }

    void queue(base::EndpointIndex index) {
        const Record& record = table_[index];
        Pending& pending = pending_[pending_count_++];
        pending = {index, job_count_, job_count_};
        for (std::uint32_t row = record.credentials; row != 0; row = credentials_[row].next) {
            const CredentialRow& credentials = credentials_[row];
            JobText& text = job_texts_[job_count_];
            text.row = row;
            const std::uint64_t once = base::mix64(identity_of(index) + record.generation);
            base::write_hex<8>(text.cnonce.data(), once);
            const std::string_view cnonce(text.cnonce.data(), text.cnonce.size());
            jobs_[job_count_] = {.algorithm = credentials.algorithm,
                                 .qop = credentials.qop,
                                 .ha1 = ha1_of(index, credentials),
                                 .nonce = credentials.nonce(),
                                 .cnonce = needs_cnonce(credentials) ? cnonce : std::string_view{},
                                 .nc = credentials.nc,
                                 .method = "REGISTER",
                                 .uri = template_of(record).request_uri(),
                                 .response = text.response.data()};
            pending.end_job = ++job_count_;
        }
    }

    /// Without qop the old form of RFC 2069 has none (AUT-3); a session hashes it in any case.
    [[nodiscard]] static bool needs_cnonce(const CredentialRow& row) {
        return row.qop != sip::Qop::none || row.algorithm == sip::DigestAlgorithm::md5_sess ||
               row.algorithm == sip::DigestAlgorithm::sha256_sess ||
               row.algorithm == sip::DigestAlgorithm::sha512_256_sess;
    }

    /// H(user:realm:password), kept in the record for the common case: MD5, one realm (AUT-16).
    [[nodiscard]] sip::DigestValue ha1_of(base::EndpointIndex index, const CredentialRow& credentials) {
        Record& record = table_[index];
        const bool md5 = sip::digest_bytes(credentials.algorithm) == record.ha1.size();
        sip::DigestValue ha1{};
        if (md5 && record.ha1_realm == credentials.realm) {
            std::memcpy(ha1.data(), record.ha1.data(), record.ha1.size());
            return ha1;
        }
        const Group& group = plan_.groups[record.group];
        std::array<char, user_chars_max> user;
        std::array<char, user_chars_max> password;
        ha1 = sip::compute_ha1(credentials.algorithm, written(group.user, user, index), realms_.text(credentials.realm),
                               written(group.password, password, index));
        if (md5) {
            std::memcpy(record.ha1.data(), ha1.data(), record.ha1.size());
            record.ha1_realm = credentials.realm;
        }
        return ha1;
    }

    [[nodiscard]] std::string_view written(const sip::NumberedText& text, std::array<char, user_chars_max>& out,
                                           base::EndpointIndex index) const {
        return {out.data(), static_cast<std::size_t>(text.write(out.data(), number_of(index)) - out.data())};
    }

    [[nodiscard]] std::string_view written_source(std::array<char, source_chars_max>& out, base::Source source) const {
        return {out.data(), static_cast<std::size_t>(write_source(out.data(), source) - out.data())};
    }

    char* write_authorization(char* out, base::EndpointIndex index, std::uint32_t job_number) {
        const sip::DigestJob& job = jobs_[job_number];
        const CredentialRow& credentials = credentials_[job_texts_[job_number].row];
        std::array<char, user_chars_max> user;
        std::array<char, 2 * sip::digest_bytes_max> hashed;
        std::string_view name = written(plan_.groups[table_[index].group].user, user, index);
        if (credentials.userhash) [[unlikely]] {
            const char* const end =
                sip::write_userhash(hashed.data(), job.algorithm, name, realms_.text(credentials.realm));
            name = {hashed.data(), static_cast<std::size_t>(end - hashed.data())};
        }
        return sip::write_credentials(out, {.user = name,
                                            .realm = realms_.text(credentials.realm),
                                            .nonce = job.nonce,
                                            .uri = job.uri,
                                            .opaque = credentials.opaque(),
                                            .cnonce = job.cnonce,
                                            .response = {job.response, 2 * sip::digest_bytes(job.algorithm)},
                                            .nc = job.nc,
                                            .algorithm = job.algorithm,
                                            .qop = job.qop,
                                            .algorithm_named = credentials.algorithm_named,
                                            .has_opaque = credentials.has_opaque,
                                            .userhash = credentials.userhash,
                                            .proxy = credentials.proxy});
    }

    void write(base::EndpointIndex index, std::string_view authorization) {
        char* out = port_.tx_reserve();
        if (out == nullptr) {
            return;  // the port has counted it; Timer E sends it again
        }
        const Record& record = table_[index];
        std::array<char, sip::branch_chars> branch;
        sip::encode_branch(branch.data(), {.endpoint = index, .generation = record.generation, .worker = plan_.worker},
                           plan_.salt);
        std::array<char, source_chars_max> source;
        std::array<char, user_chars_max> user;
        const std::uint32_t size =
            template_of(record).write(out, {.branch = {branch.data(), branch.size()},
                                            .source = written_source(source, record.source),
                                            .user = written(plan_.groups[record.group].user, user, index),
                                            .credentials = authorization,
                                            .identity = identity_of(index),
                                            .device = base::mix64(identity_of(index)),
                                            .cseq = record.cseq,
                                            .expires_s = record.expires_s});
        port_.tx_commit(size, record.source, plan_.registrar);
        counters_.add(stats::Counter::sent);
    }

    const WorkerPlan& plan_;
    Port& port_;
    EndpointTable& table_;
    CredentialStore& credentials_;
    RealmTable& realms_;
    stats::Counters& counters_;
    std::vector<sip::SourceText> hosts_;
    std::vector<Lengths> lengths_;

    std::uint32_t pending_count_ = 0;
    std::uint32_t job_count_ = 0;
    std::array<Pending, pending_max> pending_;
    std::array<sip::DigestJob, jobs_max> jobs_;
    std::array<JobText, jobs_max> job_texts_;
};

}  // namespace regstorm::engine
