// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/state_machine.hpp"

#include <gtest/gtest.h>

namespace regstorm::registration {
namespace {

constexpr bool possible(State state, Event event) {
    const bool before_first = state == State::idle || state == State::delayed;
    switch (event) {
        case Event::start:
        case Event::start_clearing:
        case Event::start_silent:
            return before_first;
        case Event::start_later:
            return state == State::idle;
        case Event::due:
            return state == State::registered || state == State::waiting;
        case Event::renew:
            return state != State::idle;
        case Event::leave_bound:
            return state == State::waiting;
        case Event::leave:
        case Event::power_off:
            return true;
        default:
            return in_flight(state);
    }
}

template <class F>
void for_each_cell(F&& check) {
    for (std::uint32_t s = 0; s < state_count; ++s) {
        for (std::uint32_t e = 0; e < event_count; ++e) {
            check(static_cast<State>(s), static_cast<Event>(e));
        }
    }
}

TEST(StateMachine, HasACellForEveryStateAndEventAndForbidsTheImpossibleOnes) {
    for_each_cell([](State state, Event event) {
        EXPECT_EQ(transition(state, event).action != Action::forbidden, possible(state, event))
            << "state " << int(state) << " event " << int(event);
    });
}

bool sends(Action action) {
    return action == Action::attempt || action == Action::authorize || action == Action::raise ||
           action == Action::remove || action == Action::remove_again || action == Action::clear ||
           action == Action::clear_again || action == Action::attempt_cleared || action == Action::redirect;
}

TEST(StateMachine, MSG_7_SendsOnlyWhenNothingElseIsOutstanding) {
    for_each_cell([](State state, Event event) {
        const Transition cell = transition(state, event);
        if (sends(cell.action)) {
            EXPECT_TRUE(in_flight(cell.next)) << int(state) << "/" << int(event);
            const bool answers_outstanding = event == Event::challenged || event == Event::too_brief ||
                                             event == Event::redirected || cell.action == Action::attempt_cleared;
            EXPECT_EQ(in_flight(state), answers_outstanding) << int(state) << "/" << int(event);
        } else if (cell.action != Action::forbidden && in_flight(cell.next)) {
            EXPECT_TRUE(event == Event::leave || event == Event::renew)
                << "only waiting to leave, or what is already being done, keeps a request outstanding";
        }
    });
}

TEST(StateMachine, EveryAttemptThatStartsEndsInExactlyOneOutcome) {
    for (const State state : {State::registering, State::refreshing}) {
        for (std::uint32_t e = 0; e < event_count; ++e) {
            const Transition cell = transition(state, static_cast<Event>(e));
            const bool ended = cell.action == Action::hold || cell.action == Action::wait ||
                               cell.action == Action::end_failed || cell.action == Action::drop;
            EXPECT_EQ(ended, cell.action != Action::forbidden && !in_flight(cell.next)) << int(state) << "/" << e;
        }
    }
}

TEST(StateMachine, REG_18_UnRegisterIsChallengedLikeAnyOther) {
    EXPECT_EQ(transition(State::registered, Event::leave).action, Action::remove);
    EXPECT_EQ(transition(State::removing, Event::challenged).action, Action::remove_again);
    EXPECT_EQ(transition(State::removing, Event::accepted).next, State::removed);
}

TEST(StateMachine, LeavingLeadsToAnEndFromEveryState) {
    for (std::uint32_t s = 0; s < state_count; ++s) {
        const Transition cell = transition(static_cast<State>(s), Event::leave);
        const bool at_end = cell.next == State::stopped || cell.next == State::removed;
        EXPECT_TRUE(at_end || in_flight(cell.next)) << s;
    }
}

TEST(StateMachine, UnRegistersFirstOnlyBeforeTheFirstRegisterOfABoot) {
    EXPECT_EQ(transition(State::idle, Event::start_clearing).action, Action::clear);
    EXPECT_EQ(transition(State::clearing, Event::challenged).action, Action::clear_again) << "REG-18";
    EXPECT_EQ(transition(State::clearing, Event::accepted).action, Action::attempt_cleared);
    EXPECT_EQ(transition(State::clearing, Event::failed).next, State::waiting);
    EXPECT_EQ(transition(State::waiting, Event::due).action, Action::attempt);
}

TEST(StateMachine, APowerCutEndsEverythingAndEveryPhoneCanStartAgain) {
    for (std::uint32_t s = 0; s < state_count; ++s) {
        EXPECT_EQ(transition(static_cast<State>(s), Event::power_off).next, State::idle) << s;
    }
}

TEST(StateMachine, ALostLineRegistersAnewOnlyWhenNothingIsUnderWay) {
    for (std::uint32_t s = 1; s < state_count; ++s) {
        const auto state = static_cast<State>(s);
        const Transition cell = transition(state, Event::renew);
        EXPECT_EQ(cell.action, state == State::registered ? Action::attempt : Action::none) << s;
    }
}

TEST(StateMachine, TheFirstEventIsTheProfilesChoice) {
    Profile profile;
    EXPECT_EQ(first_event(profile), Event::start);
    profile.unregister_first = Unregister::all;
    EXPECT_EQ(first_event(profile), Event::start_clearing);
    profile.registers = false;
    EXPECT_EQ(first_event(profile), Event::start_silent);
}

}  // namespace
}  // namespace regstorm::registration
