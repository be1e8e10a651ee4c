// SPDX-License-Identifier: Apache-2.0
// Millions of rows load in seconds: the file is read at once and cut in place.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "app/group.hpp"
#include "app/plan.hpp"
#include "regstorm/engine/sender.hpp"

namespace regstorm::app {
namespace {

/// Takes one value off the front of `line`, without its quotes; doubled quotes within stay as one. False when a quote
/// is not closed.
bool take_value(std::string_view& line, std::string& value) {
    value.clear();
    if (!line.starts_with('"')) {
        const std::size_t comma = line.find(',');
        value = line.substr(0, comma);
        line = comma == line.npos ? std::string_view{} : line.substr(comma + 1);
        return true;
    }
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] != '"') {
            value += line[i];
        } else if (line.substr(i + 1).starts_with('"')) {
            value += line[i++];
        } else {
            line = line.substr(std::min(line.size(), i + 1));
            line = line.starts_with(',') ? line.substr(1) : line;
            return true;
        }
    }
    return false;
}

/// A user part as it may stand in a URI (RFC 3261 25.1), or any password without control characters.
bool sound(std::string_view text, bool user) {
    constexpr std::string_view user_chars = "-_.!~*'()&=+$,;?/%";
    for (const char c : text) {
        const bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (user ? !alnum && user_chars.find(c) == user_chars.npos : static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

std::string read_whole(const std::string& path) {
    struct stat status {};
    std::ifstream file(path, std::ios::binary);
    if (stat(path.c_str(), &status) != 0 || !file) {
        throw PlanError("auth.users: " + path + ": " + std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throw PlanError("auth.users: " + path + " is no file");
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

std::shared_ptr<const engine::UserList> read_users(const std::string& path) {
    const std::string text = read_whole(path);
    auto users = std::make_shared<engine::UserList>();
    std::string user;
    std::string password;
    std::uint64_t number = 0;
    const auto fail = [&](const std::string& what) {
        throw PlanError("auth.users: " + path + ":" + std::to_string(number) + ": " + what);
    };
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        line = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
        ++number;
        if (line.empty() || (number == 1 && line.starts_with("user"))) {
            const bool heading = line == "user" || line.starts_with("user,") || line.starts_with("username,");
            if (line.empty() || heading) {
                continue;
            }
        }
        if (!take_value(line, user) || !take_value(line, password)) {
            fail("a quote is not closed");
        }
        if (user.empty() || user.size() > engine::user_chars_max || !sound(user, true)) {
            fail("\"" + user.substr(0, engine::user_chars_max) + "\" is no user; allowed: 1 to " +
                 std::to_string(engine::user_chars_max) + " characters of a SIP URI's user part");
        }
        if (password.size() > engine::user_chars_max || !sound(password, false)) {
            fail("the password is too long or holds control characters; allowed: up to " +
                 std::to_string(engine::user_chars_max) + " characters");
        }
        if (!users->add(user, password)) {
            fail("users and passwords are more than 4 GiB");
        }
    }
    return users;
}

}  // namespace regstorm::app
