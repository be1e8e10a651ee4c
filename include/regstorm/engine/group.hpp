// SPDX-License-Identifier: Apache-2.0
// Phones that are alike: their profile, what they say, and the registrars that they may say it to. Built before the
// run (src/app/group.cpp, population.cpp), then only read.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/engine/user_list.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/request_template.hpp"

namespace regstorm::engine {

/// Values of registration::Record::server (engine/servers.hpp).
inline constexpr std::uint8_t server_own = 0;
inline constexpr std::uint8_t server_secondary = 1;
inline constexpr std::uint8_t server_redirected = 2;  ///< and above: where a 3xx may lead
inline constexpr std::uint8_t servers_max = 16;       ///< four bits of the record

/// A registrar besides a group's own.
struct Server {
    base::SocketAddress address{};       ///< where requests go: its own, or an outbound proxy's
    base::SocketAddress named{};         ///< its own
    std::array<std::string, 2> hosts{};  // cold: what a Contact may call it; compared when a 3xx comes
    sip::RequestTemplate add{};
    sip::RequestTemplate remove{};
    sip::RequestTemplate clear{};

    [[nodiscard]] bool is_named_by(std::string_view uri) const {
        return std::ranges::any_of(
            hosts, [&](std::string_view host) { return !host.empty() && sip::leads_to(uri, host, named.udp_port); });
    }
};

/// Phones that are alike: one row of the group table.
struct Group {
    registration::Profile profile;
    sip::RequestTemplate add;        ///< REGISTER that adds or refreshes the binding
    sip::RequestTemplate remove;     ///< un-REGISTER of our own contact, when the phone leaves
    sip::RequestTemplate clear;      ///< un-REGISTER before the first REGISTER of a boot: our own contact, or all
    sip::RequestTemplate options;    ///< keep-alive
    sip::RequestTemplate subscribe;  ///< to the event that the profile names
    sip::NumberedText user;
    sip::NumberedText password;
    bool has_password = false;                ///< without one, challenges cannot be answered
    std::shared_ptr<const UserList> users{};  ///< in place of both texts: row by row for the phones of the group
    base::SocketAddress registrar{};
    std::string name{};               // cold: for the report, read once
    std::vector<Server> elsewhere{};  ///< by Record::server, which counts them from 1
    bool has_secondary = false;
    std::uint32_t first_number = 0;  ///< its phones are those from this number of the run on
    sip::TemplateSpec spec{};        ///< what the templates were compiled from

    [[nodiscard]] const base::SocketAddress& server_address(std::uint8_t server) const {
        return server == server_own ? registrar : elsewhere[server - 1U].address;
    }

    [[nodiscard]] std::vector<const sip::RequestTemplate*> templates() const {
        std::vector<const sip::RequestTemplate*> all{&add, &remove, &clear, &options, &subscribe};
        for (const Server& server : elsewhere) {
            all.insert(all.end(), {&server.add, &server.remove, &server.clear});
        }
        return all;
    }

    /// Compiles all of them from what they have in common; the profile comes first.
    void compile(const sip::TemplateSpec& wanted) {
        spec = wanted;
        add = make(sip::RequestKind::register_);
        remove = make(sip::RequestKind::remove);
        clear = make(clear_kind());
        options = make(sip::RequestKind::options);
        subscribe = make(sip::RequestKind::subscribe);
    }

    /// The phones' secondary registrar: asked for the same domain as their own. Before any place to be redirected to.
    void set_secondary(const base::SocketAddress& address) {
        has_secondary = true;
        add_server({.address = address}, {});
    }
    /// A registrar that a 3xx may name; the Request-URI is then its own (RFC 3261 8.1.3.4). Beyond servers_max: none.
    void add_redirection(const Server& server, const std::string& request_host) {  // cold: before the run
        if (elsewhere.empty()) {
            add_server({.address = registrar}, {});  // nobody's: there is no secondary
        }
        if (elsewhere.size() + 1 < servers_max) {
            add_server(server, request_host);
        }
    }

  private:
    [[nodiscard]] sip::RequestTemplate make(sip::RequestKind kind) {
        spec.kind = kind;
        return sip::RequestTemplate(spec);
    }
    [[nodiscard]] sip::RequestKind clear_kind() const {
        const bool all = profile.unregister_first == registration::Unregister::all;
        return all ? sip::RequestKind::remove_all : sip::RequestKind::remove;
    }
    void add_server(Server server, const std::string& request_host) {  // cold: before the run
        spec.request_host = request_host;
        server.add = make(sip::RequestKind::register_);
        server.remove = make(sip::RequestKind::remove);
        server.clear = make(clear_kind());
        spec.request_host.clear();
        elsewhere.push_back(std::move(server));
    }
};

}  // namespace regstorm::engine
