// SPDX-License-Identifier: Apache-2.0
// Requests by template. What is the same for every phone of a group is laid out once; what differs is written in
// between: branch, source, user, tag, Call-ID, CSeq, Expires, credentials. Identifiers are functions of the endpoint
// and the run's salt, so nothing is stored per endpoint. CSeq starts at 1,000,000,001: any number below 2^31 may be
// the first (RFC 3261 8.1.1.5), and from there it has ten digits for a billion transactions.
//
// A list of segments, walked with a switch, lost against the fixed sequence in write(): all kinds have the same fields
// in the same places, so only the literals between them need to be data. Rows stand in the order in which desk phones
// send them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::sip {

inline constexpr std::uint32_t cseq_first = 1'000'000'001;

/// "user%06d" compiled: text, a zero-padded number, text. The number is the endpoint's number in the whole run.
class NumberedText {
  public:
    /// Throws std::invalid_argument with find_fault()'s words. "%%" is a percent sign. No % at all: the same text for
    /// everybody.
    explicit NumberedText(std::string_view pattern);
    NumberedText() = default;

    /// What is wrong with a pattern, for the user: more than one %, or one that is not %d or %0Nd with N 1-10. Empty
    /// when it is one.
    [[nodiscard]] static std::string_view find_fault(std::string_view pattern);

    /// Writes it for endpoint `number`; returns one past the last byte, at most chars_max() bytes on.
    char* write(char* out, std::uint32_t number) const noexcept;
    /// How much of the beginning of `text` is what write() makes of `number`; 0: it begins otherwise. Faster than to
    /// write it and compare.
    [[nodiscard]] std::uint32_t begins(std::string_view text, std::uint32_t number) const noexcept;
    [[nodiscard]] std::uint32_t chars_max() const noexcept;
    [[nodiscard]] bool numbered() const noexcept { return width_ != 0; }
    /// Whether write() makes `text` for some number, and for which. Of text without a number: whether it is that.
    [[nodiscard]] bool reads(std::string_view text, std::uint32_t& number) const noexcept;

  private:
    [[nodiscard]] std::string_view compile(std::string_view pattern);

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

/// The text of an address; IPv6 in brackets (RFC 5118 4.5). Not for the poll loop: 100 ns and more.
[[nodiscard]] SourceText source_text(const base::SocketAddress& address);

/// The other side of a dialog that a SUBSCRIBE has made (RFC 6665 4.1.2): its tag and where it wants requests.
struct RemoteDialog {
    std::string_view to_tag{};
    std::string_view target{};  ///< a URI; empty: the AoR
};

/// Longest request URI that write_request_uri() makes, for users and domains of 128 characters.
inline constexpr std::uint32_t request_uri_chars_max = 264;

/// What one request has that another has not.
struct RequestFields {
    std::string_view branch;       ///< 27 characters
    std::string_view source;       ///< sent-by and Contact host:port
    std::string_view user;         ///< of the AoR
    std::string_view credentials;  ///< whole Authorization rows with their CRLF, or empty
    RemoteDialog dialog{};         ///< of SUBSCRIBE only
    std::uint64_t identity = 0;    ///< Call-ID and From tag derive from it: mix64(salt, endpoint, boot)
    std::uint64_t device = 0;      ///< +sip.instance derives from it: mix64(salt, endpoint), the same for every boot
    std::uint32_t cseq = 0;
    std::uint32_t expires_s = 0;
};

/// Call-ID and From tag of an identity: 16 and 8 lower-case hex characters. The parsers' answers are held against
/// these (MAT-6), so they are functions of their own.
inline constexpr std::uint32_t call_id_chars = 16;
inline constexpr std::uint32_t from_tag_chars = 8;
char* write_call_id(char* out, std::uint64_t identity) noexcept;
char* write_from_tag(char* out, std::uint64_t identity) noexcept;

/// "<urn:uuid:...>", a version 4 UUID: the value between the quotes of +sip.instance (RFC 5626 4.1).
inline constexpr std::uint32_t instance_chars = 47;
char* write_instance(char* out, std::uint64_t device) noexcept;

/// "000b82a1b2c3": a MAC address of Grandstream's, for a device that says its own.
inline constexpr std::uint32_t mac_chars = 12;
char* write_mac(char* out, std::uint64_t device) noexcept;

/// "sip:user@source": the URI of our Contact, to the byte, so that answers can be held against it (MSG-11).
char* write_contact_uri(char* out, std::string_view user, std::string_view source) noexcept;
[[nodiscard]] constexpr std::uint32_t contact_uri_chars(std::string_view user, std::string_view source) {
    return static_cast<std::uint32_t>(4 + user.size() + 1 + source.size());
}

enum class RequestKind : std::uint8_t {
    register_,   ///< add or refresh our binding: own Contact, Expires
    remove,      ///< remove our binding: own Contact;expires=0, Expires: 0 (RFC 3261 10.2.2)
    remove_all,  ///< Contact: *, Expires: 0; no instance (MSG-9, MSG-10)
    options,     ///< keep-alive to the registrar; To is its domain (RFC 3261 11.1; KA-1)
    subscribe,   ///< to our own AoR's events (RFC 6665; message-summary: RFC 3842; reg: RFC 3680)
};

/// What is the same for all requests of a group.
struct TemplateSpec {
    RequestKind kind = RequestKind::register_;
    std::string domain{};            ///< R-URI and AoR host, with port if the user gave one
    std::string request_host{};      ///< of the R-URI, when it is another than the AoR's; not of SUBSCRIBE
    std::string user_agent{};        ///< empty: no header
    std::string extra_headers{};     ///< whole rows, each ended by CRLF
    std::string event{};             ///< of SUBSCRIBE
    std::string accept{};            ///< of SUBSCRIBE: the type of the NOTIFYs' bodies
    bool instance = false;           ///< +sip.instance in our Contact
    bool mac_in_agent = false;       ///< the phone's MAC address after the User-Agent
    bool mac_row = false;            ///< in REGISTER, a row with the MAC address
    bool mac_row_elsewhere = false;  ///< and in all other requests
    bool supported_path = true;      ///< Supported: path (MSG-16)
};

/// Where in a request its values stand. What it does not have is said to stand where the same value stands already.
struct RequestPlaces {
    std::uint16_t source = 0;
    std::uint16_t contact_source = 0;
    std::uint16_t branch = 0;
    std::uint16_t from_user = 0;
    std::uint16_t to_user = 0;
    std::uint16_t contact_user = 0;
    std::uint16_t tag = 0;
    std::uint16_t call_id = 0;
    std::uint16_t cseq = 0;
    std::uint16_t instance = 0;  ///< 0: it has none
    std::uint16_t credentials = 0;
};

/// A compiled request. write() costs ~30-50 ns for 500 bytes; it copies, it decides nothing.
class RequestTemplate {
  public:
    explicit RequestTemplate(const TemplateSpec& spec);
    RequestTemplate() = default;  ///< to be assigned before it is used

    /// Writes the request, returns its size. `out` must hold chars_max(fields) bytes, which is a little more.
    [[nodiscard]] std::uint32_t write(char* out, const RequestFields& fields) const noexcept {
        RequestPlaces places;
        return write(out, fields, places);
    }
    [[nodiscard]] std::uint32_t write(char* out, const RequestFields& fields, RequestPlaces& places) const noexcept;
    /// Whether two requests with fields of the same lengths and the same expiry differ in nothing but what
    /// RequestPlaces names.
    [[nodiscard]] bool repeatable() const noexcept { return !subscribe_ && !mac_in_agent_ && !mac_row_; }
    [[nodiscard]] std::uint32_t chars_max(const RequestFields& fields) const noexcept;

    /// The R-URI, which is also the digest-uri: "sip:domain"; of SUBSCRIBE the dialog's target, or "sip:user@domain"
    /// written to `out`, which then holds request_uri_chars_max.
    [[nodiscard]] std::string_view write_request_uri(char* out, std::string_view user,
                                                     const RemoteDialog& dialog) const noexcept;
    /// Whether write_request_uri() looks at the user; otherwise it may be empty.
    [[nodiscard]] bool uri_has_user() const noexcept { return subscribe_; }
    [[nodiscard]] std::string_view method() const noexcept { return method_; }
    /// Whether RequestFields::device is written.
    [[nodiscard]] bool says_device() const noexcept { return instance_ || mac_in_agent_ || mac_row_; }

  private:
    /// The literals, each named by the field that follows it.
    enum Literal : std::uint8_t {
        before_request_uri,  ///< of SUBSCRIBE; in all others the next literal holds it
        before_source,
        before_branch,
        before_from_user,
        before_tag,
        before_to_user,
        before_to_tag,  ///< of SUBSCRIBE
        before_call_id,
        before_cseq,
        before_contact_user,
        before_instance,
        before_credentials,
        before_agent_mac,
        before_mac,
        before_expires,
        before_end,
        literal_count,
    };
    struct Piece {
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
    };

    void add(Literal literal, const std::string& text);
    [[nodiscard]] char* put(char* out, Literal literal) const noexcept;
    [[nodiscard]] char* put_to_tag(char* at, std::string_view tag) const noexcept;

    std::string literals_;  ///< ends in slack, because put() reads in whole steps
    std::array<Piece, literal_count> piece_{};
    std::uint32_t literal_chars_ = 0;
    bool to_has_user_ = true;
    bool own_contact_ = true;
    bool instance_ = false;
    bool expires_ = true;
    bool subscribe_ = false;
    bool mac_in_agent_ = false;
    bool mac_row_ = false;
    std::string domain_;
    std::string request_uri_;
    std::string_view method_;
};

}  // namespace regstorm::sip
