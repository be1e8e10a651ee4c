// SPDX-License-Identifier: Apache-2.0
// Requests that reach phones while they register: answered as an idle desk phone would, and never in the way.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

constexpr base::SocketAddress caller{base::IpAddress::from_ipv4(0xc613'0009), 5080};  // 198.19.0.9

std::string request_text(const std::string& method, const std::string& rows = "") {
    return method + " sip:user000000@198.18.0.1:5060 SIP/2.0\r\n" +
           "Via: SIP/2.0/UDP 198.19.0.9:5080;branch=z9hG4bKabc;rport\r\n" +
           "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKdef;received=192.0.2.78\r\n" +
           "From: \"Server, Inc.\" <sip:server@example.test>;tag=ft\r\nTo: <sip:user000000@example.test>\r\n" +
           "Call-ID: call-1\r\nCSeq: 17 " + method + "\r\nMax-Forwards: 70\r\n" + rows + "Content-Length: 0\r\n\r\n";
}

/// One phone that registers, a caller that sends one thing, and what the caller got back.
class Call {
  public:
    explicit Call(const std::string& bytes, int times = 1)
        : peer_(make_plan(1), [](Peer& self, const Heard& request) {
              self.say(request, granting(request, 3600), 200 * millisecond);
          }) {
        peer_.simulation().phones_port().faults().report_unreachable = false;  // the caller only listens
        peer_.simulation().network().add_tap(caller_ear_);
        for (int i = 0; i < times; ++i) {
            const base::Nanoseconds at_ms = 50 + 10 * static_cast<base::Nanoseconds>(i);
            peer_.simulation().network().inject(peer_.simulation().now_ns() + at_ms * millisecond, caller,
                                                phone_address, bytes);
        }
        peer_.run_until(100 * millisecond);
        // The registration is still on its way: the request came in between.
        EXPECT_EQ(peer_.in_state(State::registering), 1U);
        peer_.run_until(second);
        EXPECT_EQ(peer_.count(Counter::succeeded), 1U);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    [[nodiscard]] const std::vector<std::string>& answers() const { return answers_; }
    [[nodiscard]] std::string answer() const { return answers_.size() == 1 ? answers_[0] : std::string(); }
    [[nodiscard]] std::uint64_t count(Counter counter) const { return peer_.count(counter); }

  private:
    struct Ear {
        std::vector<std::string>& answers;
        void operator()(const port::SimSent& sent) const {
            if (sent.to == caller) {
                answers.emplace_back(sent.payload);
            }
        }
    };

    std::vector<std::string> answers_;
    Ear caller_ear_{answers_};
    Peer peer_;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Incoming, INC_1_OptionsIsAnsweredInKind) {
    const Call call(request_text("OPTIONS"));
    const std::string answer = call.answer();
    EXPECT_TRUE(
        answer.starts_with("SIP/2.0 200 OK\r\n"
                           "Via: SIP/2.0/UDP 198.19.0.9:5080;branch=z9hG4bKabc;rport=5080;received=198.19.0.9\r\n"
                           "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKdef;received=192.0.2.78\r\n"))
        << answer;
    EXPECT_TRUE(has(answer, "From: \"Server, Inc.\" <sip:server@example.test>;tag=ft\r\n"));
    EXPECT_TRUE(has(answer, "To: <sip:user000000@example.test>;tag="));
    EXPECT_TRUE(has(answer, "Call-ID: call-1\r\n"));
    EXPECT_TRUE(has(answer, "CSeq: 17 OPTIONS\r\n"));
    EXPECT_TRUE(has(answer, "Allow: ") && has(answer, "Accept: "));
    EXPECT_EQ(call.count(Counter::requests), 1U);
    EXPECT_EQ(call.count(Counter::answered_requests), 1U);
}

TEST(Incoming, INC_2_INC_5_EveryMethodGetsItsAnswer) {
    struct Row {
        const char* method;
        const char* status;
    };
    for (const Row& row : {Row{"NOTIFY", "200"}, Row{"INVITE", "480"}, Row{"BYE", "481"}, Row{"CANCEL", "481"},
                           Row{"REGISTER", "405"}, Row{"SUBSCRIBE", "405"}, Row{"MESSAGE", "405"},
                           Row{"PUBLISH", "405"}, Row{"DANCE", "501"}, Row{"options", "501"}}) {
        SCOPED_TRACE(row.method);
        const Call call(request_text(row.method));
        EXPECT_TRUE(call.answer().starts_with(std::string("SIP/2.0 ") + row.status + " ")) << call.answer();
        EXPECT_TRUE(has(call.answer(), "\r\nAllow: ")) << "RFC 3261 8.2.1";
        EXPECT_TRUE(has(call.answer(), std::string("\r\nCSeq: 17 ") + row.method + "\r\n"));
    }
}

TEST(Incoming, INC_2_NotifiesAreAnsweredByTheirEvent) {
    struct Row {
        const char* rows;
        const char* status;
    };
    for (const Row& row :
         {Row{"", "200"}, Row{"Event: message-summary\r\n", "200"}, Row{"Event: reg;id=7\r\n", "200"},
          Row{"Event: keep-alive\r\n", "200"}, Row{"o: check-sync\r\n", "200"}, Row{"Event: dialog\r\n", "489"}}) {
        const Call call(request_text("NOTIFY", row.rows));
        EXPECT_TRUE(call.answer().starts_with(std::string("SIP/2.0 ") + row.status + " ")) << row.rows << call.answer();
    }
}

TEST(Incoming, INC_2_EachGroupAnswersAsItsOwnProfileSays) {
    struct Ear {
        std::vector<std::string>& answers;
        void operator()(const port::SimSent& sent) const {
            if (sent.to == caller) {
                answers.emplace_back(sent.payload);
            }
        }
    };
    WorkerPlan plan = make_plan(30);
    plan.groups = {make_group(), make_group(), make_group(), make_group()};
    plan.groups[1].first_number = 10;
    plan.groups[1].profile.accept_unsolicited_notify = false;
    plan.groups[2].first_number = 20;
    plan.groups[2].user = sip::NumberedText("door");
    auto spec = plan.groups[2].spec;
    spec.supported_path = false;
    plan.groups[2].compile(spec);
    const auto users = std::make_shared<UserList>();
    ASSERT_TRUE(users->add("anna", "x"));
    plan.groups[3].first_number = 29;
    plan.groups[3].users = users;
    plan.groups[3].profile.accept_unsolicited_notify = false;
    struct Row {
        const char* user;
        const char* status;
        bool path;
    };
    for (const Row& row : {Row{"user000009", "200", true}, Row{"user000010", "481", true}, Row{"door", "200", false},
                           Row{"anna", "481", true}, Row{"nobody", "481", true}, Row{"user000025", "481", true}}) {
        std::vector<std::string> answers;
        Ear ear{answers};
        Peer peer(plan);
        peer.simulation().phones_port().faults().report_unreachable = false;
        peer.simulation().network().add_tap(ear);
        peer.simulation().network().inject(
            peer.simulation().now_ns(), caller, phone_address,
            replaced(request_text("NOTIFY", "Event: message-summary\r\n"), "NOTIFY sip:user000000@",
                     "NOTIFY sip:" + std::string(row.user) + "@"));
        peer.run_until(10 * millisecond);
        ASSERT_EQ(answers.size(), 1U) << row.user;
        EXPECT_TRUE(answers[0].starts_with(std::string("SIP/2.0 ") + row.status + " ")) << row.user << answers[0];
        EXPECT_EQ(has(answers[0], "\r\nSupported: path\r\n"), row.path) << row.user;
    }
}

TEST(Incoming, INC_4_ACallGetsTheSameRefusalEachTimeItIsSentAndNothingMore) {
    const Call call(request_text("INVITE"), 3);
    ASSERT_EQ(call.answers().size(), 3U) << "RFC 3261 8.2.7: who has not got it asks again";
    EXPECT_TRUE(call.answers()[0].starts_with("SIP/2.0 480 "));
    EXPECT_EQ(call.answers()[1], call.answers()[0]);
    EXPECT_EQ(call.answers()[2], call.answers()[0]);
    EXPECT_EQ(call.count(Counter::answered_requests), 3U);
}

TEST(Incoming, INC_5_AckIsNeverAnswered) {
    const Call call(request_text("ACK"));
    EXPECT_TRUE(call.answers().empty());
    EXPECT_EQ(call.count(Counter::requests), 1U);
    EXPECT_EQ(call.count(Counter::answered_requests), 0U);
}

TEST(Incoming, INC_6_ARetransmittedRequestGetsTheSameAnswer) {
    const Call call(request_text("OPTIONS"), 3);
    ASSERT_EQ(call.answers().size(), 3U);
    EXPECT_EQ(call.answers()[1], call.answers()[0]);
    EXPECT_EQ(call.answers()[2], call.answers()[0]);
    const Call other(replaced(request_text("OPTIONS"), "z9hG4bKabc", "z9hG4bKabd"));
    const auto tag = [](const std::string& text) { return text.substr(text.rfind("test>;tag=") + 10, 8); };
    EXPECT_NE(tag(call.answers()[0]), tag(other.answer())) << "another request, another tag";
}

TEST(Incoming, INC_6_WithoutRportTheAnswerGoesToTheSentByPort) {
    const std::string text =
        replaced(replaced(request_text("OPTIONS"), ";rport", ""), "198.19.0.9:5080", "somewhere.example:5080");
    const Call call(text);  // the caller listens on 5080, which is also where it sends from
    EXPECT_TRUE(has(call.answer(), ";branch=z9hG4bKabc;received=198.19.0.9\r\n")) << call.answer();
    const Call elsewhere(replaced(text, ":5080", ":5081"));
    EXPECT_TRUE(elsewhere.answers().empty());
    EXPECT_EQ(elsewhere.count(Counter::answered_requests), 1U);
}

TEST(Incoming, INC_6_ATagThatIsThereIsKept) {
    const Call call(replaced(request_text("BYE"), "user000000@example.test>", "user000000@example.test>;tag=mine"));
    EXPECT_TRUE(has(call.answer(), "To: <sip:user000000@example.test>;tag=mine\r\n")) << call.answer();
}

TEST(Incoming, INC_7_MalformedRequestsAreDroppedAndCounted) {
    const std::string good = request_text("OPTIONS");
    for (const std::string& bytes :
         {replaced(good, "Call-ID: call-1\r\n", ""), replaced(good, "CSeq: 17", "CSeq: 99999999999"),
          replaced(good, "CSeq: 17 OPTIONS\r\n", "CSeq: 17 OPTIONS\r\nCSeq: 18 OPTIONS\r\n"),
          replaced(good, " SIP/2.0\r\n", " SIP/3.0\r\n"), replaced(good, "OPTIONS sip:", "OPTIONS  sip:"),
          good.substr(0, good.size() - 2), good.substr(0, 40), std::string("hello"), std::string(2000, 'x'),
          replaced(good, "Content-Length: 0", "Content-Length: 1000"), std::string("\xff\xfe\xfd\x00\x01", 5)}) {
        const Call call(bytes);
        EXPECT_TRUE(call.answers().empty()) << bytes;
        EXPECT_EQ(call.count(Counter::malformed), 1U) << bytes;
        EXPECT_EQ(call.count(Counter::requests), 0U);
    }
}

TEST(Incoming, INC_7_ARequestThatCannotBeAnsweredIsCountedAndDropped) {
    std::string vias;
    for (int i = 0; i < 20; ++i) {
        vias += "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + std::to_string(i) + "\r\n";
    }
    const Call many(request_text("OPTIONS", vias));
    EXPECT_TRUE(many.answers().empty());
    EXPECT_EQ(many.count(Counter::requests), 1U);
    EXPECT_EQ(many.count(Counter::answered_requests), 0U);
    const Call long_from(replaced(request_text("OPTIONS"), "Server, Inc.", std::string(3500, 's')));
    EXPECT_TRUE(long_from.answers().empty() || long_from.answer().size() <= port::payload_bytes_max);
}

TEST(Incoming, AFloodOfRequestsDoesNotKeepPhonesFromRegistering) {
    const std::uint32_t phones = 200;
    Peer peer(make_plan(phones, 10'000), [](Peer& self, const Heard& request) {
        self.say(request, request.authorized()
                              ? granting(request, 3600)
                              : answer_to(request, 401, {"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""}));
    });
    peer.simulation().phones_port().faults().report_unreachable = false;
    base::Prng prng(1);
    const std::array methods{"OPTIONS", "NOTIFY", "INVITE", "ACK", "BYE", "DANCE"};
    for (int i = 0; i < 5000; ++i) {
        peer.simulation().network().inject(peer.simulation().now_ns() + prng.below(100) * millisecond, caller,
                                           phone_address, request_text(methods[prng.below(methods.size())]));
    }
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::requests), 5000U);
    EXPECT_EQ(peer.in_state(State::registered), phones);
    EXPECT_EQ(peer.count(Counter::retransmitted), 0U);
}

}  // namespace
}  // namespace regstorm::engine
