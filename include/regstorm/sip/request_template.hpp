// SPDX-License-Identifier: Apache-2.0
// Requests by template. What is the same for every phone of a group is laid out once; what differs is written in
// between: branch, source, user, tag, Call-ID, CSeq, Expires, credentials. Identifiers are functions of the endpoint
// and the run's salt, so nothing is stored per endpoint. CSeq starts at 1,000,000,001: any number below 2^31 may be
// the first (RFC 3261 8.1.1.5), and from there it has ten digits for a billion transactions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/base/units.hpp"

namespace regstorm::sip {

inline constexpr std::uint32_t cseq_first = 1'000'000'001;
inline constexpr std::uint32_t cseq_max = 0x7fff'ffff;

/// "user%06d" compiled: text, a zero-padded number, text. The number is the endpoint's number in the whole run.
class NumberedText {
  public:
    /// Throws std::invalid_argument, with a sentence for the user, when the pattern has more than one %, or one that
    /// is not %d or %0Nd with N 1-10. "%%" is a percent sign. No % at all: the same text for everybody.
    explicit NumberedText(std::string_view pattern);
    NumberedText() = default;

    /// Writes it for endpoint `number`; returns one past the last byte, at most chars_max() bytes on.
    char* write(char* out, std::uint32_t number) const noexcept;
    [[nodiscard]] std::uint32_t chars_max() const noexcept;
    [[nodiscard]] bool numbered() const noexcept { return width_ != 0; }

  private:
    std::string before_;
    std::string after_;
    std::uint8_t width_ = 0;  ///< 0: no number; 1: %d
};

/// "198.18.0.1:5060" as Via and Contact say it, ready to copy.
struct SourceText {
    std::array<char, 56> text{};
    std::uint8_t size = 0;

    [[nodiscard]] std::string_view view() const { return {text.data(), size}; }
};

/// What one request has that another has not.
struct RequestFields {
    std::string_view branch;       ///< 27 characters
    std::string_view source;       ///< sent-by and Contact host:port
    std::string_view user;         ///< of the AoR
    std::string_view credentials;  ///< whole Authorization rows with their CRLF, or empty
    std::uint64_t identity = 0;    ///< Call-ID and From tag derive from it: mix64(salt, endpoint, boot)
    std::uint32_t cseq = 0;
    std::uint32_t expires_s = 0;
};

/// Call-ID and From tag of an identity: 16 and 8 lower-case hex characters. The parsers' answers are held against
/// these (MAT-6), so they are functions of their own.
inline constexpr std::uint32_t call_id_chars = 16;
inline constexpr std::uint32_t from_tag_chars = 8;
char* write_call_id(char* out, std::uint64_t identity) noexcept;
char* write_from_tag(char* out, std::uint64_t identity) noexcept;

enum class RequestKind : std::uint8_t {
    register_,   ///< add or refresh our binding: own Contact, Expires
    remove,      ///< remove our binding: own Contact;expires=0, Expires: 0 (RFC 3261 10.2.2)
    remove_all,  ///< Contact: *, Expires: 0; no instance (MSG-9, MSG-10)
};

/// What is the same for all requests of a group.
struct TemplateSpec {
    RequestKind kind = RequestKind::register_;
    std::string domain;          ///< R-URI and AoR host, with port if the user gave one
    std::string user_agent;      ///< empty: no header
    std::string instance;        ///< +sip.instance URN pattern; empty: none
    std::string extra_headers;   ///< whole rows, each ended by CRLF
    bool supported_path = true;  ///< Supported: path (MSG-16)
};

/// A compiled request. write() costs ~30-50 ns for 500 bytes; it copies, it decides nothing.
class RequestTemplate {
  public:
    explicit RequestTemplate(const TemplateSpec& spec);

    /// Writes the request, returns its size. `out` must hold chars_max(fields) bytes.
    [[nodiscard]] std::uint32_t write(char* out, const RequestFields& fields) const noexcept;
    [[nodiscard]] std::uint32_t chars_max(const RequestFields& fields) const noexcept;

    /// "sip:domain": the R-URI and so the digest-uri of every REGISTER made here.
    [[nodiscard]] std::string_view request_uri() const noexcept { return request_uri_; }

  private:
    enum class Part : std::uint8_t { literal, branch, source, user, from_tag, call_id, cseq, expires, credentials };
    struct Segment {
        Part part;
        std::uint32_t offset = 0;  ///< of a literal in literals_
        std::uint32_t size = 0;
    };

    std::string literals_;
    std::string request_uri_;
    std::vector<Segment> segments_;
};

}  // namespace regstorm::sip
