// SPDX-License-Identifier: Apache-2.0
// The registration of one AoR as a complete table: every state, every event, one cell. It decides; it sends nothing,
// reads no clock and knows no bytes. The worker turns answers into events (answer.hpp) and actions into datagrams.
//
//            start                 accepted
//     idle --------> registering ------------> registered <---------------+
//                     |  ^    ^ challenged,      |   | due (refresh)      | accepted
//                     |  |    | too_brief        |   v                    |
//              failed |  |    +--- again ---+    |  refreshing ------------+
//                     v  | due              |    |   | failed
//                    waiting <--------------+----+---+
//                     |                          |
//                     | leave                    | leave
//                     v                          v        accepted, failed
//                   stopped                   removing ----------------------> removed
//
// gave_up (the profile says stop after this failure) leads to stopped. `leave` while a request is outstanding is
// remembered and applied when it has ended: an AoR never has two REGISTERs outstanding (RFC 3261 10.2; MSG-7).
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/registration/record.hpp"

namespace regstorm::registration {

enum class Event : std::uint8_t {
    start,       ///< the pacer gives the endpoint its slot
    due,         ///< the deadline of a state without an outstanding request
    accepted,    ///< 2xx
    challenged,  ///< 401/407 that deserves an answer
    too_brief,   ///< 423 that can be obeyed
    failed,      ///< any other end of the attempt; try again later
    gave_up,     ///< the same, and the profile says: not again
    leave,       ///< the run ends for this endpoint
};
inline constexpr std::uint32_t event_count = 8;

enum class Action : std::uint8_t {
    none,
    attempt,        ///< a new attempt: REGISTER, with cached credentials if the profile says so
    authorize,      ///< the same attempt once more, answering the challenge
    raise,          ///< the same attempt once more, with the expiry that 423 asked for
    hold,           ///< the attempt succeeded: arm the refresh
    wait,           ///< the attempt failed: arm the reattempt
    end_failed,     ///< the attempt failed for good
    remove,         ///< un-REGISTER
    remove_again,   ///< the un-REGISTER once more, answering the challenge
    end_removed,    ///< the un-REGISTER was accepted
    end_unremoved,  ///< the un-REGISTER failed: the binding stays until it expires
    end,            ///< nothing to remove: just stop
    defer,          ///< remember `leave` until the outstanding request has ended
    forbidden,      ///< cannot happen; if it does, it is a bug
};

struct Transition {
    State next;
    Action action;
};

namespace detail {

using S = State;
using A = Action;

constexpr Transition bug{S::stopped, A::forbidden};

// clang-format off
inline constexpr std::array<std::array<Transition, event_count>, state_count> transitions{{
//                 start                          due                            accepted                       challenged                        too_brief                    failed                           gave_up                          leave
/* idle        */ {{{S::registering, A::attempt}, bug,                           bug,                           bug,                              bug,                         bug,                             bug,                             {S::stopped, A::end}}},
/* registering */ {{bug,                          bug,                           {S::registered, A::hold},      {S::registering, A::authorize},   {S::registering, A::raise},  {S::waiting, A::wait},           {S::stopped, A::end_failed},     {S::registering, A::defer}}},
/* registered  */ {{bug,                          {S::refreshing, A::attempt},   bug,                           bug,                              bug,                         bug,                             bug,                             {S::removing, A::remove}}},
/* refreshing  */ {{bug,                          bug,                           {S::registered, A::hold},      {S::refreshing, A::authorize},    {S::refreshing, A::raise},   {S::waiting, A::wait},           {S::stopped, A::end_failed},     {S::refreshing, A::defer}}},
/* waiting     */ {{bug,                          {S::registering, A::attempt},  bug,                           bug,                              bug,                         bug,                             bug,                             {S::stopped, A::end}}},
/* removing    */ {{bug,                          bug,                           {S::removed, A::end_removed},  {S::removing, A::remove_again},   {S::removed, A::end_unremoved},{S::removed, A::end_unremoved},{S::removed, A::end_unremoved},  {S::removing, A::none}}},
/* removed     */ {{bug,                          bug,                           bug,                           bug,                              bug,                         bug,                             bug,                             {S::removed, A::none}}},
/* stopped     */ {{bug,                          bug,                           bug,                           bug,                              bug,                         bug,                             bug,                             {S::stopped, A::none}}},
}};
// clang-format on

}  // namespace detail

/// What `event` does in `state`.
[[nodiscard]] constexpr Transition transition(State state, Event event) {
    return detail::transitions[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

/// States in which a request is outstanding; exactly those in which answers and Timer F can arrive.
[[nodiscard]] constexpr bool in_flight(State state) {
    return state == State::registering || state == State::refreshing || state == State::removing;
}

}  // namespace regstorm::registration
