// SPDX-License-Identifier: Apache-2.0
// Which datagrams belong to one phone that somebody watches. Its own requests and what answers them carry its branch;
// a request that the registrar began is told by the user of our Contact that it is sent to, and our answer to it by
// its Call-ID. Bytes may be a datagram or a frame with headers before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "regstorm/base/units.hpp"

namespace regstorm::engine {

inline constexpr base::EndpointIndex no_phone = ~base::EndpointIndex{0};

class WatchedPhone {
  public:
    explicit WatchedPhone(base::EndpointIndex phone) : phone_(phone) {}

    [[nodiscard]] bool anyone() const { return phone_ != no_phone; }

    /// `named`: the phone whose branch the bytes have, or no_phone.
    [[nodiscard]] bool concerned(std::string_view bytes, bool out, base::EndpointIndex named) {
        if (named != no_phone || !anyone()) {
            const bool ours = named == phone_ && anyone();
            if (ours && out) {
                learn(between(bytes, "\nContact: <sip:", "@"));
            }
            return ours;
        }
        const std::string_view call_id = call_id_of(bytes);
        if (call_id.empty()) {
            return false;  // a keep-alive, ARP, or nonsense
        }
        const std::uint64_t call = std::hash<std::string_view>{}(call_id);
        if (out) {
            return std::ranges::find(calls_, call) != calls_.end();
        }
        const bool for_us =
            user_size_ != 0 && between(bytes, " sip:", "@") == std::string_view(user_.data(), user_size_);
        if (for_us) {
            calls_[next_call_++ % calls_.size()] = call;
        }
        return for_us;
    }

  private:
    static std::string_view between(std::string_view bytes, std::string_view begin, std::string_view end) {
        const std::size_t at = bytes.find(begin);
        if (at == bytes.npos) {
            return {};
        }
        bytes.remove_prefix(at + begin.size());
        return bytes.substr(0, bytes.find(end));
    }

    /// By its long or its short name (RFC 3261 7.3.3), written as anybody likes.
    static std::string_view call_id_of(std::string_view bytes) {
        constexpr auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
        for (const std::string_view name : {std::string_view("\ncall-id"), std::string_view("\ni")}) {
            for (std::string_view rest = bytes; !rest.empty();) {
                // clang 14 cannot compile the search over ranges that libstdc++ 12 has.
                const char* const at = std::search(rest.begin(), rest.end(), name.begin(), name.end(),
                                                   [&](char c, char wanted) { return lower(c) == wanted; });
                rest.remove_prefix(std::min(rest.size(), static_cast<std::size_t>(at - rest.begin()) + name.size()));
                const std::size_t colon = std::min(rest.find_first_not_of(" \t"), rest.size());
                if (colon < rest.size() && rest[colon] == ':') {
                    rest.remove_prefix(colon + 1);
                    const std::size_t begin = std::min(rest.find_first_not_of(" \t"), rest.size());
                    return rest.substr(begin, rest.find_first_of("\r\n", begin) - begin);
                }
            }
        }
        return {};
    }

    void learn(std::string_view user) {
        if (user.size() <= user_.size()) {
            user_size_ = user.size();
            std::ranges::copy(user, user_.begin());
        }
    }

    base::EndpointIndex phone_;
    std::array<char, 128> user_{};
    std::size_t user_size_ = 0;
    std::array<std::uint64_t, 16> calls_{};  ///< of the latest requests to it
    std::size_t next_call_ = 0;
};

}  // namespace regstorm::engine
