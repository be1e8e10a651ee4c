// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <sstream>

#include "regstorm/base/prng.hpp"
#include "regstorm/cluster/door.hpp"
#include "regstorm/cluster/words.hpp"
#include "regstorm/stats/histogram.hpp"

namespace regstorm::cluster {
namespace {

struct Pair {
    Pair() {
        std::array<int, 2> sockets{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
        left = Connection(sockets[0]);
        right = Connection(sockets[1]);
    }
    Connection left;
    Connection right;
};

/// What arrives until the other end has nothing more.
std::string next(Connection& from, Connection& to) {
    for (int turn = 0; turn < 1000; ++turn) {
        from.pump();
        to.pump();
        if (const std::optional<Message> message = to.receive()) {
            return message->bytes;
        }
    }
    return "nothing";
}

TEST(Connection, DeliversMessagesInOrderWhateverTheirSize) {
    Pair pair;
    const std::string large(3'000'000, 'x');
    pair.left.send(Kind::snapshot, "first");
    pair.left.send(Kind::snapshot, large);
    pair.left.send(Kind::snapshot, "last");
    EXPECT_EQ(next(pair.left, pair.right), "first");
    EXPECT_EQ(next(pair.left, pair.right), large);
    EXPECT_EQ(next(pair.left, pair.right), "last");
    EXPECT_EQ(pair.left.backlog(), 0U);
}

TEST(Connection, WhatWasSaidBeforeTheEndIsStillHeard) {
    Pair pair;
    pair.left.send(Kind::failed, "why");
    pair.left.pump();
    pair.left = Connection();
    pair.right.pump();
    EXPECT_FALSE(pair.right.open());
    const std::optional<Message> last = pair.right.receive();
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(last->bytes, "why");
}

TEST(Connection, AStrangersBytesCloseIt) {
    std::array<int, 2> sockets{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
    Connection connection(sockets[0]);
    ASSERT_EQ(write(sockets[1], "GET / HTTP/1.1\r\n", 16), 16);
    connection.pump();
    EXPECT_FALSE(connection.receive().has_value());
    EXPECT_FALSE(connection.open());
    close(sockets[1]);
}

TEST(Words, AHistogramComesBackAsItWas) {
    stats::Histogram delays;
    base::Prng prng(5);
    for (int i = 0; i < 10'000; ++i) {
        delays.record(prng.below(100'000'000));
    }
    const std::string packed = pack(delays);
    EXPECT_LT(packed.size(), sizeof delays / 2);
    stats::Histogram back;
    back.record(7);  // overwritten
    ASSERT_TRUE(unpack(packed, back));
    EXPECT_TRUE(std::equal(back.counts().begin(), back.counts().end(), delays.counts().begin()));
    EXPECT_EQ(back.max(), delays.max());
    EXPECT_EQ(back.min(), delays.min());
    EXPECT_EQ(back.sum(), delays.sum());
}

TEST(Words, BytesOfAnotherLengthAreRefused) {
    const std::array<std::uint64_t, 4> words{0, 0, 5, 0};
    const std::string packed = pack(words);
    std::array<std::uint64_t, 4> back{};
    EXPECT_TRUE(unpack(packed, back));
    EXPECT_EQ(back, words);
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_FALSE(unpack(std::string_view(packed).substr(0, size), back)) << size;
    }
    std::array<std::uint64_t, 3> shorter{};
    EXPECT_FALSE(unpack(packed, shorter));
    std::array<std::uint64_t, 5> longer{};
    EXPECT_FALSE(unpack(packed, longer));
}

TEST(Hello, ComesBackAsItWas) {
    const Hello hello{.secret = "s", .rank = 3, .host = "h", .version = "v", .workers = 2, .scenario = "{}"};
    const std::optional<Hello> back = parse_hello(to_text(hello));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(to_text(*back), to_text(hello));
    for (const char* text : {"", "{", "[]", R"({"rank":1})", R"({"rank":"x"})"}) {
        EXPECT_FALSE(parse_hello(text).has_value()) << text;
    }
}

TEST(Door, LetsInThoseWhoWereInvitedAndNobodyElse) {
    Door door;
    const std::string invitation = door.invitation();
    std::istringstream words(invitation);
    std::string secret;
    std::string rest;
    words >> secret;
    std::getline(words, rest);
    const Hello invited{.rank = 1, .host = host_name(), .workers = 4};
    // The stranger comes first.
    Connection stranger = knock("0123" + rest, {.rank = 1, .host = host_name()});
    Connection guest = knock(invitation, invited);
    const std::vector<Guest> guests = door.wait_for(2, 30 * base::ns_per_s);
    ASSERT_EQ(guests.size(), 1U);
    EXPECT_EQ(guests.front().hello.rank, 1U);
    EXPECT_EQ(guests.front().hello.workers, 4U);
}

TEST(Door, ARankThatCannotReachItSaysWhere) {
    std::string invitation;
    {
        const Door door;
        invitation = door.invitation();
    }
    try {
        static_cast<void>(knock(invitation, {.rank = 1, .host = host_name()}));
        FAIL() << "nobody listens";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("rank 0 on " + host_name()), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace regstorm::cluster
