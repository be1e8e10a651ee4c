// SPDX-License-Identifier: Apache-2.0
// Requests on their way out. What a request says follows from the endpoint's record alone, so a retransmission is
// written anew and comes out identical; nothing sent is ever stored.
//
// Requests with credentials wait until the burst is over: their digests are then computed together, in SIMD lanes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
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
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/prepared_requests.hpp"
#include "regstorm/sip/request_template.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

inline constexpr std::uint32_t user_chars_max = 128;    ///< longest user name or password; checked by the plan
inline constexpr std::uint32_t domain_chars_max = 128;  ///< longest domain; checked by the plan
/// Brackets, colon, port, which is written with room for any number.
inline constexpr std::uint32_t source_chars_max = base::ip_chars_max + 2 + 1 + sip::decimal_chars_max;
inline constexpr std::uint32_t contact_uri_chars_max = 5 + user_chars_max + source_chars_max;

/// One request, as far as its template does not say it already.
struct Outgoing {
    const sip::RequestTemplate* form = nullptr;
    std::uint64_t identity = 0;  ///< Call-ID and From tag derive from it
    base::EndpointIndex endpoint = 0;
    std::uint32_t credentials = 0;  ///< first row of the store to answer with; 0: none
    std::uint32_t cseq = 0;
    std::uint32_t expires_s = 0;
    std::uint16_t generation = 0;
    std::uint8_t server = server_own;
    sip::TransactionKind kind = sip::TransactionKind::register_;
    sip::RemoteDialog dialog{};  ///< of a request within a dialog; it outlives the flush
};

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
            const base::SocketAddress seen =
                port_.address_of({static_cast<std::uint16_t>(address), plan_.sources.udp_port_first});
            const sip::SourceText text = sip::source_text(seen);
            const std::size_t host_size = text.view().rfind(':');
            addresses_.push_back({text, static_cast<std::uint8_t>(host_size), seen.udp_port});
        }
    }

    /// The run's number of an endpoint: its user's number, whichever worker has it.
    [[nodiscard]] std::uint32_t number_of(base::EndpointIndex index) const { return plan_.first_number + index; }

    /// What Call-ID and tag derive from: a new one for each boot (MSG-3) and each kind of request (KA-1).
    [[nodiscard]] std::uint64_t identity_of(base::EndpointIndex index, sip::TransactionKind kind) const {
        const std::uint64_t boot =
            std::uint64_t{table_[index].boot} << 32 | std::uint64_t{static_cast<std::uint8_t>(kind)} << 40;
        return base::mix64(plan_.salt ^ base::mix64(number_of(index) | boot));
    }
    /// What +sip.instance derives from: the same for every boot (OB-1).
    [[nodiscard]] std::uint64_t device_of(base::EndpointIndex index) const {
        return base::mix64(base::mix64(plan_.salt ^ base::mix64(number_of(index))));
    }
    /// Chance for what an endpoint decides now; the same in every run of the same seed.
    [[nodiscard]] std::uint64_t draw_of(base::EndpointIndex index) const {
        const Record& record = table_[index];
        return base::mix64(device_of(index) + (std::uint64_t{record.boot} << 32 | record.cseq));
    }

    /// "198.18.0.7:5060" as our Via and Contact say it; written to `out` unless it is known already.
    [[nodiscard]] std::string_view text_of(base::Source source, std::array<char, source_chars_max>& out) const {
        const OwnAddress& own = addresses_[source.address];
        if (source.udp_port == own.udp_port) {
            return own.text.view();
        }
        char* const end = sip::copy_text(out.data(), own.before_udp_port());
        return {out.data(), static_cast<std::size_t>(sip::write_decimal_rounded(end, source.udp_port) - out.data())};
    }

    /// Whether `text` is what text_of() says.
    [[nodiscard]] bool is_source(std::string_view text, base::Source source) const {
        const OwnAddress& own = addresses_[source.address];
        if (source.udp_port == own.udp_port) {
            return sip::equal_text(text, own.text.view());
        }
        const std::string_view before = own.before_udp_port();
        const sip::DecimalWord udp_port = sip::decimal_word(source.udp_port);
        if (text.size() != before.size() + static_cast<std::size_t>(udp_port.chars)) {
            return false;
        }
        std::uint64_t end = 0;  // its last eight bytes: a host has seven at least
        std::memcpy(&end, text.data() + text.size() - sizeof end, sizeof end);
        return end >> (8 - udp_port.chars) * 8 == udp_port.text &&
               sip::equal_text(text.substr(0, before.size()), before);
    }

    /// Whether `text` is the URI that our Contact says; `sent_by` is what our Via says, which is known to be ours.
    [[nodiscard]] bool is_contact_uri(std::string_view text, std::string_view sent_by,
                                      base::EndpointIndex index) const {
        constexpr std::string_view scheme = "sip:";
        const Group& group = group_of(index);
        const std::uint32_t number = number_of(index);
        if (!text.starts_with(scheme)) {
            return false;
        }
        const char* const user = text.data() + scheme.size();
        const std::size_t left = text.size() - scheme.size();
        std::size_t chars = 0;
        if (group.users) {
            const std::string_view name = group.users->user(number - group.first_number);
            chars = std::string_view(user, left).starts_with(name) ? name.size() : 0;
        } else {
            chars = group.user.begins({user, left}, number);
        }
        return chars != 0 && chars < left && user[chars] == '@' &&
               sip::equal_text({user + chars + 1, left - chars - 1}, sent_by);
    }

    /// The URI that our Contact says, to the byte.
    [[nodiscard]] std::string_view contact_uri(base::EndpointIndex index,
                                               std::array<char, contact_uri_chars_max>& out) const {
        const Record& record = table_[index];
        std::array<char, source_chars_max> source;
        std::array<char, user_chars_max> user;
        const char* const end =
            sip::write_contact_uri(out.data(), user_of(index, user), text_of(record.source, source));
        return {out.data(), static_cast<std::size_t>(end - out.data())};
    }

    /// Whether a datagram can hold a request of `group` with the credentials of that chain.
    [[nodiscard]] bool fits(std::uint16_t group, std::uint32_t first_row) const {
        const Lengths& lengths = lengths_[group];
        std::size_t chars = lengths.request_chars;
        for (std::uint32_t row = first_row; row != 0; row = credentials_[row].next) {
            const CredentialRow& credentials = credentials_[row];
            chars += lengths.credentials_chars + realms_.text(credentials.realm).size() + credentials.nonce_size +
                     credentials.opaque_size;
        }
        return chars <= port::payload_bytes_max;
    }

    /// The outstanding REGISTER of an endpoint, as its record describes it.
    [[nodiscard]] Outgoing register_of(base::EndpointIndex index) const {
        const Record& record = table_[index];
        return {.form = &template_of(record),
                .identity = identity_of(index, sip::TransactionKind::register_),
                .endpoint = index,
                .credentials = record.authorization == registration::Authorization::bare ? 0 : record.credentials,
                .cseq = record.cseq,
                .expires_s = record.expires_s,
                .generation = record.generation,
                .server = record.server};
    }

    /// Sends it, for the first time or again.
    void send(base::EndpointIndex index) { send(register_of(index)); }
    void send(const Outgoing& outgoing) {
        if (outgoing.credentials == 0) {
            std::array<char, user_chars_max> user;
            write(outgoing, user_of(outgoing.endpoint, user), 0, 0);
            return;
        }
        if (pending_count_ == pending_.size() || job_count_ + sip::realms_max > jobs_.size()) {
            flush();
        }
        queue(outgoing);
    }

    /// Counts one more use of every nonce of a chain (RFC 7616 3.4: nc; AUT-9).
    void use_nonces(std::uint32_t first_row) {
        for (std::uint32_t row = first_row; row != 0; row = credentials_[row].next) {
            ++credentials_[row].nc;
        }
    }

    /// Computes the digests of all waiting requests and writes them.
    void flush() {
        compute_ha1s();
        sip::compute_responses({jobs_.data(), job_count_});
        for (std::uint32_t i = 0; i < pending_count_; ++i) {
            std::array<char, user_chars_max> user;
            write(pending_[i].request, user_of(pending_[i].request.endpoint, user), pending_[i].first_job,
                  pending_[i].end_job);
        }
        pending_count_ = 0;
        job_count_ = 0;
    }

  private:
    static constexpr std::uint32_t pending_max = port::burst_max;
    static constexpr std::uint32_t jobs_max = port::burst_max + sip::realms_max;

    /// One address of ours with its first UDP port, which often is its only one.
    struct OwnAddress {
        sip::SourceText text;
        std::uint8_t host_size;
        std::uint16_t udp_port;

        /// "198.18.0.7:"
        [[nodiscard]] std::string_view before_udp_port() const { return {text.text.data(), host_size + 1U}; }
    };
    struct Pending {
        Outgoing request;
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
        std::array<char, sip::request_uri_chars_max> uri;
        std::uint32_t row;
    };
    /// What an HA1 that is not known yet is computed from, and who keeps it.
    struct Ha1Source {
        std::array<char, user_chars_max> user;
        std::array<char, user_chars_max> password;
        base::EndpointIndex endpoint;
        std::uint8_t realm;
    };

    [[nodiscard]] static Lengths lengths_of(const Group& group) {
        std::array<char, user_chars_max> longest{};
        const std::uint32_t user_chars =
            group.users ? user_chars_max : std::min(group.user.chars_max(), user_chars_max);
        const std::string_view user(longest.data(), user_chars);
        const std::string_view hash(longest.data(), 2 * sip::digest_bytes_max);
        const sip::RequestFields fields{.source = {longest.data(), source_chars_max}, .user = user};
        std::array<char, sip::request_uri_chars_max> uri;
        Lengths lengths{};
        for (const sip::RequestTemplate* const form : group.templates()) {
            const std::string_view request_uri = form->write_request_uri(uri.data(), user, {});
            lengths.request_chars = std::max(lengths.request_chars, form->chars_max(fields));
            lengths.credentials_chars =
                std::max(lengths.credentials_chars,
                         sip::credentials_chars_max({.user = std::max(user, hash, shorter),
                                                     .uri = request_uri,
                                                     .cnonce = hash.substr(0, sizeof(JobText::cnonce)),
                                                     .response = hash}));
        }
        return lengths;
    }
    [[nodiscard]] static bool shorter(std::string_view left, std::string_view right) {
        return left.size() < right.size();
    }

    [[nodiscard]] const sip::RequestTemplate& template_of(const Record& record) const {
        const Group& group = plan_.groups[record.group];
        if (record.server != server_own) [[unlikely]] {
            return template_of(group.elsewhere[record.server - 1U], record.state);
        }
        return template_of(group, record.state);
    }
    template <class Forms>
    [[nodiscard]] static const sip::RequestTemplate& template_of(const Forms& forms, registration::State state) {
        switch (state) {
            case registration::State::removing:
                return forms.remove;
            case registration::State::clearing:
                return forms.clear;
            default:
                return forms.add;
        }
    }

    void queue(const Outgoing& request) {
        Pending& pending = pending_[pending_count_++];
        pending = {request, job_count_, job_count_};
        std::array<char, user_chars_max> user;
        const std::string_view name =
            request.form->uri_has_user() ? user_of(request.endpoint, user) : std::string_view{};
        for (std::uint32_t row = request.credentials; row != 0; row = credentials_[row].next) {
            const CredentialRow& credentials = credentials_[row];
            JobText& text = job_texts_[job_count_];
            text.row = row;
            const std::uint64_t once = base::mix64(request.identity + request.generation);
            base::write_hex<8>(text.cnonce.data(), once);
            const std::string_view cnonce(text.cnonce.data(), text.cnonce.size());
            jobs_[job_count_] = {.algorithm = credentials.algorithm,
                                 .qop = credentials.qop,
                                 .ha1 = kept_ha1(request.endpoint, credentials),
                                 .nonce = credentials.nonce(),
                                 .cnonce = needs_cnonce(credentials) ? cnonce : std::string_view{},
                                 .nc = credentials.nc,
                                 .method = request.form->method(),
                                 .uri = request.form->write_request_uri(text.uri.data(), name, request.dialog),
                                 .response = text.response.data()};
            pending.end_job = ++job_count_;
        }
    }

    [[nodiscard]] const Group& group_of(base::EndpointIndex index) const { return plan_.groups[table_[index].group]; }

    /// Without qop the old form of RFC 2069 has none (AUT-3); a session hashes it in any case.
    [[nodiscard]] static bool needs_cnonce(const CredentialRow& row) {
        return row.qop != sip::Qop::none || row.algorithm == sip::DigestAlgorithm::md5_sess ||
               row.algorithm == sip::DigestAlgorithm::sha256_sess ||
               row.algorithm == sip::DigestAlgorithm::sha512_256_sess;
    }

    /// H(user:realm:password), which the record keeps for the common case: MD5, one realm (AUT-16). Otherwise it is
    /// computed for job_count_, with those of all who wait.
    [[nodiscard]] sip::DigestValue kept_ha1(base::EndpointIndex index, const CredentialRow& credentials) {
        const Record& record = table_[index];
        sip::DigestValue ha1{};
        if (record.ha1_realm == credentials.realm && sip::digest_bytes(credentials.algorithm) == record.ha1.size()) {
            std::memcpy(ha1.data(), record.ha1.data(), record.ha1.size());
            return ha1;
        }
        Ha1Source& source = ha1_sources_[ha1_count_];
        source.endpoint = index;
        source.realm = credentials.realm;
        ha1_jobs_[ha1_count_++] = {.algorithm = credentials.algorithm,
                                   .user = user_of(index, source.user),
                                   .realm = realms_.text(credentials.realm),
                                   .password = password_of(index, source.password),
                                   .ha1 = &jobs_[job_count_].ha1};
        return ha1;
    }
    void compute_ha1s() {
        if (ha1_count_ == 0) [[likely]] {
            return;
        }
        sip::compute_ha1s({ha1_jobs_.data(), ha1_count_});
        for (std::uint32_t i = 0; i < ha1_count_; ++i) {
            Record& record = table_[ha1_sources_[i].endpoint];
            if (sip::digest_bytes(ha1_jobs_[i].algorithm) == record.ha1.size()) {
                std::memcpy(record.ha1.data(), ha1_jobs_[i].ha1->data(), record.ha1.size());
                record.ha1_realm = ha1_sources_[i].realm;
            }
        }
        ha1_count_ = 0;
    }

    /// User of an endpoint: of its group's list, or written to `out` by the group's pattern.
    [[nodiscard]] std::string_view user_of(base::EndpointIndex index, std::array<char, user_chars_max>& out) const {
        const Group& group = group_of(index);
        return group.users ? group.users->user(number_of(index) - group.first_number) : written(group.user, out, index);
    }
    [[nodiscard]] std::string_view password_of(base::EndpointIndex index, std::array<char, user_chars_max>& out) const {
        const Group& group = group_of(index);
        return group.users ? group.users->password(number_of(index) - group.first_number)
                           : written(group.password, out, index);
    }

    [[nodiscard]] std::string_view written(const sip::NumberedText& text, std::array<char, user_chars_max>& out,
                                           base::EndpointIndex index) const {
        return {out.data(), static_cast<std::size_t>(text.write(out.data(), number_of(index)) - out.data())};
    }

    char* write_authorization(char* out, std::string_view name, std::uint32_t job_number) {
        const sip::DigestJob& job = jobs_[job_number];
        const CredentialRow& credentials = credentials_[job_texts_[job_number].row];
        std::array<char, 2 * sip::digest_bytes_max> hashed;
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

    /// With credentials from the jobs of that range.
    void write(const Outgoing& request, std::string_view user, std::uint32_t first_job, std::uint32_t end_job) {
        char* const out = port_.tx_reserve();
        if (out == nullptr) {
            return;  // the port has counted it; Timer E sends it again
        }
        const Record& record = table_[request.endpoint];
        std::array<char, source_chars_max> source;
        const std::uint64_t device = request.form->says_device() ? device_of(request.endpoint) : 0;
        char* end = prepared_.begin(out, *request.form,
                                    {.source = text_of(record.source, source),
                                     .user = user,
                                     .dialog = request.dialog,
                                     .identity = request.identity,
                                     .device = device,
                                     .cseq = request.cseq,
                                     .expires_s = request.expires_s});
        sip::encode_branch(out + prepared_.branch_at(),
                           {.endpoint = request.endpoint,
                            .generation = request.generation,
                            .worker = plan_.worker,
                            .kind = request.kind},
                           plan_.salt);
        for (std::uint32_t job = first_job; job < end_job; ++job) {
            end = write_authorization(end, user, job);
        }
        end = prepared_.end(end);
        port_.tx_commit(static_cast<std::uint32_t>(end - out), record.source,
                        plan_.groups[record.group].server_address(request.server));
        counters_.add(stats::Counter::sent);
    }

    const WorkerPlan& plan_;
    Port& port_;
    EndpointTable& table_;
    CredentialStore& credentials_;
    RealmTable& realms_;
    stats::Counters& counters_;
    std::vector<OwnAddress> addresses_;
    std::vector<Lengths> lengths_;
    sip::PreparedRequests prepared_;

    std::uint32_t pending_count_ = 0;
    std::uint32_t job_count_ = 0;
    std::array<Pending, pending_max> pending_;
    std::array<sip::DigestJob, jobs_max> jobs_;
    std::array<JobText, jobs_max> job_texts_;
    std::uint32_t ha1_count_ = 0;
    std::array<sip::Ha1Job, jobs_max> ha1_jobs_;
    std::array<Ha1Source, jobs_max> ha1_sources_;
};

}  // namespace regstorm::engine
