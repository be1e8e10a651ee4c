// SPDX-License-Identifier: Apache-2.0
// Frames that a device put into the wrong worker's queue reach their owner whole, in order and once; what is lost on
// the way is counted. In suite 'threads', so that the thread sanitizer runs it as well.
#include "regstorm/engine/crossing.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace regstorm::engine {
namespace {

constexpr std::uint64_t salt = 42;

/// A queue of frames that came from somewhere; sends nothing.
class Queue {
  public:
    [[nodiscard]] std::uint32_t rx_burst(std::span<port::Frame> burst) {
        std::uint32_t count = 0;
        while (count < burst.size() && !arriving.empty()) {
            held_.push_back(arriving.front());
            arriving.pop_front();
            burst[count++] = {held_.back().data(), static_cast<std::uint32_t>(held_.back().size()), nullptr, false,
                              true};
        }
        return count;
    }
    void release_rx() { held_.clear(); }
    [[nodiscard]] char* tx_reserve() { return nullptr; }
    void tx_commit(std::uint32_t) {}
    void flush() {}
    [[nodiscard]] base::MacAddress mac() const { return {}; }
    [[nodiscard]] std::uint32_t mtu() const { return 1500; }
    [[nodiscard]] bool tx_udp_checksum_offload() const { return false; }
    [[nodiscard]] port::PortHealth health() { return {}; }

    std::deque<std::string> arriving;

  private:
    std::deque<std::string> held_;
};
static_assert(port::FramePort<CrossPort<Queue>>);

std::string answer_for(std::uint8_t worker, std::uint32_t endpoint, std::uint64_t run = salt) {
    std::array<char, sip::branch_chars> branch;
    sip::encode_branch(branch.data(), {.endpoint = endpoint, .worker = worker}, run);
    return std::string(42, '-') +
           "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=" + std::string(branch.data(), branch.size()) +
           ";rport\r\n";
}

/// Two workers and the lanes between them.
struct Pair {
    Crossing crossing{2};
    Queue queue[2];
    CrossPort<Queue> first{queue[0], crossing, 0, salt};
    CrossPort<Queue> second{queue[1], crossing, 1, salt};
};

std::vector<std::string> receive(CrossPort<Queue>& port) {
    std::array<port::Frame, port::burst_max> burst;
    std::vector<std::string> texts;
    const std::uint32_t count = port.rx_burst(burst);
    for (const port::Frame& frame : std::span(burst).first(count)) {
        EXPECT_TRUE(frame.checksum_ok);
        texts.emplace_back(frame.data, frame.size);
    }
    port.release_rx();
    return texts;
}

TEST(Crossing, AnAnswerInTheWrongQueueReachesTheWorkerThatItsBranchNames) {
    const auto pair = std::make_unique<Pair>();
    pair->queue[0].arriving = {answer_for(0, 7), answer_for(1, 8), answer_for(0, 9)};
    EXPECT_EQ(receive(pair->first), (std::vector{answer_for(0, 7), answer_for(0, 9)}));
    EXPECT_EQ(receive(pair->second), std::vector{answer_for(1, 8)});
    EXPECT_TRUE(receive(pair->second).empty()) << "taken once";
    EXPECT_EQ(pair->first.health().rx_crossed, 1U);
    EXPECT_EQ(pair->second.health().rx_crossed, 0U);
}

TEST(Crossing, WhatNamesNoWorkerOfThisRunStaysWhereItArrived) {
    const auto pair = std::make_unique<Pair>();
    const std::string request = "OPTIONS sip:1@198.18.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.2;branch=z9hG4bK1\r\n";
    pair->queue[0].arriving = {request, answer_for(1, 8, salt + 1), answer_for(2, 8), "", "z9hG4bK"};
    EXPECT_EQ(receive(pair->first).size(), 5U);
    EXPECT_TRUE(receive(pair->second).empty());
}

TEST(Crossing, AnswersAboutNeighboursAreShownToEveryWorker) {
    const auto pair = std::make_unique<Pair>();
    std::string reply(60, '\0');
    reply.replace(12, 10, std::string("\x08\x06\x00\x01\x08\x00\x06\x04\x00\x02", 10));
    std::string question = reply;
    question[21] = 1;
    std::string advertisement(86, '\0');
    advertisement.replace(12, 2, "\x86\xdd");
    advertisement[20] = 58;
    advertisement[54] = '\x88';
    std::string tagged = reply;
    tagged.insert(12, std::string("\x81\x00\x00\x05", 4));
    pair->queue[0].arriving = {reply, question, advertisement, tagged};
    EXPECT_EQ(receive(pair->first), (std::vector{reply, question, advertisement, tagged}));
    EXPECT_EQ(receive(pair->second), (std::vector{reply, advertisement, tagged}));
}

TEST(Crossing, AFullLaneRefusesAndTheGiverCountsTheLoss) {
    const auto pair = std::make_unique<Pair>();
    for (std::uint32_t i = 0; i < CrossLane::frames_max + 3; ++i) {
        pair->queue[0].arriving.push_back(answer_for(1, i));
    }
    while (!pair->queue[0].arriving.empty()) {
        EXPECT_TRUE(receive(pair->first).empty());
    }
    EXPECT_EQ(pair->first.health().rx_crossed, std::uint64_t{CrossLane::frames_max});
    EXPECT_EQ(pair->first.health().rx_dropped, 3U);
    std::uint32_t taken = 0;
    for (std::vector<std::string> got = receive(pair->second); !got.empty(); got = receive(pair->second)) {
        for (const std::string& text : got) {
            EXPECT_EQ(text, answer_for(1, taken++));
        }
    }
    EXPECT_EQ(taken, CrossLane::frames_max);
}

TEST(Crossing, ALaneBetweenTwoThreadsLosesNothing) {
    constexpr std::uint32_t frames = 20'000;
    const auto lane = std::make_unique<CrossLane>();
    std::thread giver([&] {
        for (std::uint32_t i = 0; i < frames;) {
            std::string text = std::to_string(i);
            if (lane->give({.data = text.data(), .size = static_cast<std::uint32_t>(text.size())})) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::array<port::Frame, 16> shown;
    for (std::uint32_t expected = 0; expected < frames;) {
        const std::uint32_t count = lane->show(shown);
        for (const port::Frame& frame : std::span(shown).first(count)) {
            ASSERT_EQ(std::string(frame.data, frame.size), std::to_string(expected++));
        }
        lane->release();
        if (count == 0) {
            std::this_thread::yield();
        }
    }
    giver.join();
}

}  // namespace
}  // namespace regstorm::engine
