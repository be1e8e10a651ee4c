// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/state_machine.hpp"

#include <gtest/gtest.h>

namespace regstorm::registration {
namespace {

constexpr bool possible(State state, Event event) {
    switch (event) {
        case Event::start:
            return state == State::idle;
        case Event::due:
            return state == State::registered || state == State::waiting;
        case Event::leave:
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
           action == Action::remove || action == Action::remove_again;
}

TEST(StateMachine, MSG_7_SendsOnlyWhenNothingElseIsOutstanding) {
    for_each_cell([](State state, Event event) {
        const Transition cell = transition(state, event);
        if (sends(cell.action)) {
            EXPECT_TRUE(in_flight(cell.next)) << int(state) << "/" << int(event);
            const bool answers_outstanding = event == Event::challenged || event == Event::too_brief;
            EXPECT_EQ(in_flight(state), answers_outstanding) << int(state) << "/" << int(event);
        } else if (cell.action != Action::forbidden && in_flight(cell.next)) {
            EXPECT_EQ(event, Event::leave) << "only waiting to leave keeps a request outstanding";
        }
    });
}

TEST(StateMachine, EveryAttemptThatStartsEndsInExactlyOneOutcome) {
    for (const State state : {State::registering, State::refreshing}) {
        for (std::uint32_t e = 0; e < event_count; ++e) {
            const Transition cell = transition(state, static_cast<Event>(e));
            const bool ended =
                cell.action == Action::hold || cell.action == Action::wait || cell.action == Action::end_failed;
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

}  // namespace
}  // namespace regstorm::registration
