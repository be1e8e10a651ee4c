// SPDX-License-Identifier: Apache-2.0
// Anybody can send anything to a phone. Random bytes and mutants of true answers rain on a population that registers;
// nothing crashes, every datagram is counted, and every phone still registers unless it was told to wait.
// REGSTORM_HOSTILE sets how many datagrams (default 200,000), REGSTORM_SEED which.
#include <cstdlib>

#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string random_bytes(base::Prng& prng) {
    std::string bytes(prng.below(2001), '\0');
    const bool text = prng.below(2) == 0;
    for (char& byte : bytes) {
        byte = static_cast<char>(text ? " \r\n\t:;,=<>\"SIP/2.0abzv@z9hG4bK"[prng.below(30)] : prng.next());
    }
    return bytes;
}

/// One to four changes: bytes replaced, cut, doubled, moved, or spliced with another message.
std::string mutant(std::string text, const std::string& other, base::Prng& prng) {
    for (std::uint64_t i = 1 + prng.below(4); i > 0 && !text.empty(); --i) {
        const std::size_t at = prng.below(text.size());
        const std::size_t size = 1 + prng.below(std::min<std::size_t>(text.size() - at, 60));
        switch (prng.below(7)) {
            case 0:
                text[at] = static_cast<char>(prng.next());
                break;
            case 1:
                text.erase(at, size);
                break;
            case 2:
                text.insert(at, text.substr(at, size));
                break;
            case 3:
                text.resize(at);
                break;
            case 4:
                text.insert(prng.below(text.size()), other, prng.below(other.size()), size);
                break;
            case 5:
                text[at] = static_cast<char>(text[at] ^ (1 << prng.below(8)));
                break;
            default:
                text.insert(at, size * 20, "0\",;<\r\n 9"[prng.below(9)]);
                break;
        }
    }
    return text;
}

/// True answers of every kind to what phones have just sent: the raw material.
std::string true_answer(const Heard& request, base::Prng& prng) {
    const std::string challenge = "Digest realm=\"r" + std::to_string(prng.below(3)) + "\", nonce=\"" +
                                  std::to_string(prng.next()) + "\", qop=\"auth,auth-int\", opaque=\"o\", algorithm=" +
                                  std::array{"MD5", "SHA-256", "SHA-512-256", "MD5-sess"}[prng.below(4)];
    switch (prng.below(6)) {
        case 0:
            return granting(request, static_cast<std::uint32_t>(prng.below(100)));
        case 1:
            return answer_to(request, 401, {"WWW-Authenticate: " + challenge});
        case 2:
            return answer_to(request, 407, {"Proxy-Authenticate: " + challenge, "Proxy-Authenticate: Basic"});
        case 3:
            return answer_to(request, 423, {"Min-Expires: " + std::to_string(prng.below(1u << 20))});
        case 4:
            return answer_to(request, 200,
                             {"Contact: <sip:a@192.0.2.1>;expires=5, <" + request.contact_uri() + ">;expires=30;q=0.3",
                              "Authentication-Info: nextnonce=\"next\""});
        default:
            return answer_to(request, static_cast<int>(100 + prng.below(600)), {"Retry-After: 5"});
    }
}

/// One population under attack; phones that a mutant has bound for weeks would dull a longer one.
void attack(std::uint64_t datagrams, std::uint64_t seed) {
    SCOPED_TRACE("seed of the round: " + std::to_string(seed));
    constexpr std::uint32_t phones = 50;
    constexpr std::uint64_t volley = 200;
    base::Prng prng(seed);
    bool honest = false;
    WorkerPlan plan = make_plan(phones, 1000);
    plan.credential_rows = phones * 2;
    plan.groups[0].profile.expires_s = 60;
    plan.groups[0].profile.refresh_per_mille = 10;
    plan.groups[0].profile.wait_after_failure(500);
    // A forged Retry-After would be obeyed like a true one, and the phones could not be asked how they are at the end.
    plan.groups[0].profile.retry_after = registration::RetryAfter::ignored;
    Peer peer(
        plan,
        [&](Peer& self, const Heard& request) {
            if (honest) {
                self.say(request, granting(request, 3600));
            }
        },
        seed);
    peer.simulation().phones_port().faults().report_unreachable = false;  // answers to forged requests go anywhere
    std::string other = "SIP/2.0 200 OK\r\n";
    base::Nanoseconds now_ns = 0;
    while (peer.said() < datagrams && !::testing::Test::HasFailure()) {
        // New victims each time: the last that phones have sent.
        now_ns += 200 * millisecond;
        peer.run_until(now_ns);
        peer.forget_all_but(phones);
        for (std::uint64_t i = 0; i < volley; ++i) {
            const Heard& victim = peer.heard()[prng.below(peer.heard().size())];
            const bool random = prng.below(4) == 0;
            const std::string text =
                random ? random_bytes(prng)
                       : mutant(prng.below(20) == 0 ? victim.bytes : true_answer(victim, prng), other, prng);
            if (!random && !text.empty()) {
                other = text;
            }
            peer.say(victim, text, prng.below(100) * millisecond);
        }
    }
    now_ns += 200 * millisecond;
    peer.run_until(now_ns);
    const std::uint64_t malformed = peer.count(Counter::malformed);
    EXPECT_GT(malformed, datagrams / 10);
    EXPECT_GT(peer.count(Counter::final_), datagrams / 1000) << "mutants do get through to the phones";
    EXPECT_GT(peer.count(Counter::requests), datagrams / 1000);
    honest = true;
    peer.run_until(now_ns + 100 * second);
    EXPECT_EQ(peer.count(Counter::received), peer.said());
    EXPECT_EQ(peer.count(Counter::malformed), malformed);
    EXPECT_EQ(peer.in_state(State::registered), phones);
    peer.simulation().worker().phones().wheel().check_invariants();
}

TEST(Hostile, RandomBytesAndMutantsChangeNothingForGood) {
    constexpr std::uint64_t round = 20'000;
    const std::uint64_t datagrams = from_environment("REGSTORM_HOSTILE", 200'000);
    const std::uint64_t seed = from_environment("REGSTORM_SEED", 1);
    for (std::uint64_t thrown = 0; thrown < datagrams && !::testing::Test::HasFailure(); thrown += round) {
        attack(std::min(round, datagrams - thrown), seed + thrown / round);
    }
}

}  // namespace
}  // namespace regstorm::engine
