// SPDX-License-Identifier: Apache-2.0
// Any bytes as a WWW-Authenticate and as an Authorization value: what is read lies inside them, and credentials that
// were read can be written and read again.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/sip/digest.hpp"

namespace {

using namespace regstorm::sip;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void require_inside(std::string_view whole, std::string_view part) {
    require(part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

void check_challenge(std::string_view value) {
    Challenge challenge;
    if (parse_challenge(value, challenge) != ChallengeError::none) {
        return;
    }
    for (const std::string_view part : {challenge.realm, challenge.nonce, challenge.opaque}) {
        require_inside(value, part);
    }
    require(challenge.has_opaque || challenge.opaque.empty());
}

/// What a user name looks like once it was written: read it comes as it stands, written it is escaped.
std::string escaped(std::string_view user) {
    std::string out;
    for (const char c : user) {
        out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    return out;
}

void check_credentials(std::string_view value) {
    Credentials credentials;
    if (!parse_credentials(value, credentials)) {
        return;
    }
    for (const std::string_view part : {credentials.user, credentials.realm, credentials.nonce, credentials.uri,
                                        credentials.opaque, credentials.cnonce, credentials.response}) {
        require_inside(value, part);
    }
    std::vector<char> row(credentials_chars_max(credentials));
    const char* const end = write_credentials(row.data(), credentials);
    const std::string_view written{row.data(), static_cast<std::size_t>(end - row.data())};
    require(written.size() <= row.size() && written.ends_with("\r\n"));
    const std::size_t colon = written.find(": ");
    Credentials again;
    require(parse_credentials(written.substr(colon + 2, written.size() - colon - 4), again));
    require(again.user == escaped(credentials.user) && again.realm == credentials.realm &&
            again.nonce == credentials.nonce && again.uri == credentials.uri && again.response == credentials.response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value{reinterpret_cast<const char*>(data), size};
    check_challenge(value);
    check_credentials(value);
    return 0;
}
