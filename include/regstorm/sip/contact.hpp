// SPDX-License-Identifier: Apache-2.0
// Contact values of a REGISTER and its answer: one by one out of comma-joined rows, and the one that is ours.
#pragma once

#include <cstdint>
#include <string_view>

#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

struct Contact {
    std::string_view uri;       ///< without <>; "*" for the wildcard
    std::string_view instance;  ///< +sip.instance value without quotes, empty when absent
    std::string_view pub_gruu;  ///< without quotes, escapes left as they came (RFC 5627 4.2)
    std::string_view temp_gruu;
    bool has_expires = false;  ///< a well-formed expires parameter stands there
    bool bad_expires = false;  ///< an expires parameter stands there that is no number (PAR-16)
    bool has_q = false;        ///< a well-formed q parameter stands there
    std::uint32_t expires_s = 0;
    std::uint32_t reg_id = 0;            ///< 0 when absent (RFC 5626 4.2.1: reg-id is never 0)
    std::uint16_t q_thousandths = 1000;  ///< preference, 0-1000
};

/// Walks the Contact values of a message in order, also those in rows past the eighth: these it finds in the
/// datagram again. Linear in the datagram whatever it holds.
class ContactReader {
  public:
    explicit ContactReader(const Message& message) : message_(message) {}
    /// The next value; false at the end or at the first value that cannot be read (then malformed() is true).
    [[nodiscard]] bool next(Contact& out) noexcept;
    [[nodiscard]] bool malformed() const noexcept { return malformed_; }

  private:
    [[nodiscard]] bool next_row() noexcept;
    [[nodiscard]] bool next_unkept_row() noexcept;

    const Message& message_;
    std::uint32_t row_ = 0;      ///< rows taken so far
    std::uint32_t at_ = 0;       ///< where reading goes on
    std::uint32_t row_end_ = 0;  ///< of the current row's value
    bool malformed_ = false;
};

/// SIP URI equality as RFC 3261 19.1.4 defines it: userinfo case-sensitive, host case-insensitive, escapes equal to
/// what they stand for, a default port or transport that is absent does not equal one that is present (PAR-13).
/// IPv6 references are compared as addresses (RFC 5954 4.2). URIs of more than 32 parameters or headers equal only
/// their own copy, so that a hostile one cannot cost quadratic time.
[[nodiscard]] bool same_uri(std::string_view left, std::string_view right) noexcept;

/// Whether a request to `uri` goes to that host and UDP port: a sip URI that names them (5060 unless it says), and asks
/// for no other transport and no detour (maddr). IPv6 in brackets; hosts are compared as same_uri() does.
[[nodiscard]] bool leads_to(std::string_view uri, std::string_view host, std::uint16_t udp_port) noexcept;

enum class Granted : std::uint8_t {
    by_contact,    ///< our own Contact's expires parameter
    by_header,     ///< our Contact without one; the Expires header
    by_request,    ///< neither; what was asked for (REG-2)
    binding_lost,  ///< the answer lists bindings, none of them ours (REG-3)
};

struct GrantedExpiry {
    Granted source = Granted::binding_lost;
    std::uint32_t expires_s = 0;  ///< 0 with binding_lost
};

/// The lifetime granted to *our* binding (RFC 3261 10.2.4), never to another UA's: `own_uri` byte-identical first,
/// then by same_uri, then by instance id (when `own_instance` is not empty), then a lone contact.
[[nodiscard]] GrantedExpiry granted_expiry(const Response& response, std::string_view own_uri,
                                           std::string_view own_instance, std::uint32_t requested_s) noexcept;

}  // namespace regstorm::sip
