// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/answer.hpp"

#include <gtest/gtest.h>

namespace regstorm::registration {
namespace {

Profile grandstream() {
    Profile profile;
    profile.wait_after_failure(20'000);
    return profile;
}

Record sent(Authorization authorization) {
    Record record;
    record.state = State::registering;
    record.transaction = Transaction::trying;
    record.expires_s = 3600;
    record.authorization = authorization;
    return record;
}

TEST(Answer, PAR_2_Any2xxAcceptsAndAnyOtherFinalIsAnEvent) {
    const Profile profile = grandstream();
    const Record record = sent(Authorization::bare);
    for (std::uint16_t status = 200; status < 700; ++status) {
        const Event event = classify(Answer{status}, record, profile);
        EXPECT_EQ(event, status < 300 ? Event::accepted : Event::failed) << status;
    }
}

TEST(Answer, AUT_10_ARefusedCachedNonceIsStaleEvenIfTheServerDoesNotSaySo) {
    const Profile profile = grandstream();
    const Answer challenge{401, ChallengeFact::answerable};
    EXPECT_EQ(classify(challenge, sent(Authorization::bare), profile), Event::challenged);
    EXPECT_EQ(classify(challenge, sent(Authorization::cached), profile), Event::challenged);
    EXPECT_EQ(classify(challenge, sent(Authorization::fresh), profile), Event::failed)
        << "AUT-12: never again with credentials that were just rejected";
}

TEST(Answer, AUT_11_AnEndlessChainOfStaleNoncesIsEnded) {
    const Profile profile = grandstream();
    Record record = sent(Authorization::fresh);
    int answered = 0;
    while (classify(Answer{401, ChallengeFact::stale}, record, profile) == Event::challenged) {
        ++record.stale_answers;
        ++record.challenges;
        ASSERT_LT(++answered, 10);
    }
    EXPECT_EQ(answered, 3);
}

TEST(Answer, AUT_7_ASecondRealmIsAnsweredButNotForEver) {
    const Profile profile = grandstream();
    Record record = sent(Authorization::fresh);
    EXPECT_EQ(classify(Answer{407, ChallengeFact::other_realm}, record, profile), Event::challenged);
    record.challenges = challenges_max;
    EXPECT_EQ(classify(Answer{407, ChallengeFact::other_realm}, record, profile), Event::failed);
}

TEST(Answer, AChallengeWithoutAnythingWeCanAnswerIsAFailure) {
    EXPECT_EQ(classify(Answer{401, ChallengeFact::none}, sent(Authorization::bare), grandstream()), Event::failed);
}

TEST(Answer, REG_7_423IsObeyedOnceAndOnlyWhenItAsksForMore) {
    const Profile profile = grandstream();
    Record record = sent(Authorization::bare);
    EXPECT_EQ(classify(Answer{423, {}, 7200}, record, profile), Event::too_brief);
    EXPECT_EQ(classify(Answer{423, {}, 3600}, record, profile), Event::failed);
    EXPECT_EQ(classify(Answer{423, {}, 0}, record, profile), Event::failed) << "no Min-Expires";
    record.raised_now = true;
    EXPECT_EQ(classify(Answer{423, {}, 7200}, record, profile), Event::failed);
}

TEST(Answer, AProfileCanGiveUpOnOneClassOfFailureOnly) {
    Profile profile = grandstream();
    profile.wait_ms[static_cast<std::size_t>(FailureClass::forbidden)] = wait_never;
    EXPECT_EQ(classify(Answer{403}, sent(Authorization::fresh), profile), Event::gave_up);
    EXPECT_EQ(classify(Answer{404}, sent(Authorization::fresh), profile), Event::failed);
    EXPECT_EQ(failure_event(profile, FailureClass::timeout), Event::failed);
}

TEST(Answer, FailureClassesFollowTheStatus) {
    EXPECT_EQ(failure_class(302), FailureClass::redirected);
    EXPECT_EQ(failure_class(401), FailureClass::credentials);
    EXPECT_EQ(failure_class(407), FailureClass::credentials);
    EXPECT_EQ(failure_class(403), FailureClass::forbidden);
    EXPECT_EQ(failure_class(404), FailureClass::not_found);
    EXPECT_EQ(failure_class(423), FailureClass::too_brief);
    EXPECT_EQ(failure_class(480), FailureClass::unavailable);
    EXPECT_EQ(failure_class(486), FailureClass::other);
    EXPECT_EQ(failure_class(503), FailureClass::unavailable);
    EXPECT_EQ(failure_class(603), FailureClass::global);
}

}  // namespace
}  // namespace regstorm::registration
