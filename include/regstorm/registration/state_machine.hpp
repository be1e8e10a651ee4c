// SPDX-License-Identifier: Apache-2.0
// The registration of one AoR as a complete table: every state, every event, one cell. It decides; it sends nothing,
// reads no clock and knows no bytes. The worker turns answers into events (answer.hpp) and actions into datagrams.
//
//     idle --start_later--> delayed                            (boot delay)
//     idle, delayed --start_clearing--> clearing               (un-REGISTER before the first REGISTER of a boot)
//     idle, delayed --start_silent--> present                  (SIP Registration off)
//
//            start                 accepted
//     idle --------> registering ------------> registered <---------------+
//     clearing ----^  |  ^    ^ challenged,      |   | due (refresh),     | accepted
//      accepted       |  |    | too_brief,       |   | renew              |
//                     |  |    | redirected       |   |                    |
//              failed |  |    +--- again ---+    |   v                    |
//                     |  |                  |    |  refreshing -----------+
//                     v  | due              |    |   | failed
//                    waiting <--------------+----+---+
//                     |                          |
//                     | leave                    | leave
//                     v                          v        accepted, failed
//                   stopped                   removing ----------------------> removed
//
// gave_up (the profile says stop after this failure) leads to stopped. `leave` while a request is outstanding is
// remembered and applied when it has ended: an AoR never has two REGISTERs outstanding (RFC 3261 10.2; MSG-7).
// power_off ends everything from everywhere, at once and without a word: back to idle.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/record.hpp"

namespace regstorm::registration {

enum class Event : std::uint8_t {
    start,           ///< the phone's first REGISTER is due: the pacer's slot, or the end of its boot delay
    start_clearing,  ///< the same for a phone that un-registers first
    start_later,     ///< power on: the boot delay begins
    start_silent,    ///< power on of a phone that does not register
    due,             ///< the deadline of a state without an outstanding request
    accepted,        ///< 2xx
    challenged,      ///< 401/407 that deserves an answer
    too_brief,       ///< 423 that can be obeyed
    redirected,      ///< 3xx that can be followed
    failed,          ///< any other end of the attempt; try again later
    gave_up,         ///< the same, and the profile says: not again
    renew,           ///< register anew: too many keep-alives were lost, or the load wants an attempt now
    leave,           ///< the run ends for this endpoint
    leave_bound,     ///< the same for one that waits, although its last binding may live
    power_off,       ///< the phone is gone
};
inline constexpr std::uint32_t event_count = 15;

enum class Action : std::uint8_t {
    none,
    exist,            ///< on line without a registration
    delay,            ///< arm the boot delay
    clear,            ///< un-REGISTER before registering
    clear_again,      ///< the same once more, answering the challenge
    attempt_cleared,  ///< the un-REGISTER was accepted: now a new attempt
    wait_uncleared,   ///< the un-REGISTER failed: wait, then register
    end_uncleared,    ///< the un-REGISTER failed for good
    attempt,          ///< a new attempt: REGISTER, with cached credentials if the profile says so
    authorize,        ///< the same attempt once more, answering the challenge
    raise,            ///< the same attempt once more, with the expiry that 423 asked for
    redirect,         ///< the same request once more, to the registrar that the 3xx named
    hold,             ///< the attempt succeeded: arm the refresh
    wait,             ///< the attempt failed: arm the reattempt
    end_failed,       ///< the attempt failed for good
    remove,           ///< un-REGISTER
    remove_again,     ///< the un-REGISTER once more, answering the challenge
    end_removed,      ///< the un-REGISTER was accepted
    end_unremoved,    ///< the un-REGISTER failed: the binding stays until it expires
    end,              ///< nothing to remove: just stop
    defer,            ///< remember `leave` until the outstanding request has ended
    drop,             ///< forget the phone's boot: outstanding request, deadline, credentials
    forbidden,        ///< cannot happen; if it does, it is a bug
};

struct Transition {
    State next;
    Action action;
};

namespace detail {

struct Row {
    State state;
    Event event;
    Transition transition;
};

using S = State;
using E = Event;
using A = Action;

// clang-format off
inline constexpr Row rows[] = {
    {S::idle,        E::start,          {S::registering, A::attempt}},
    {S::idle,        E::start_clearing, {S::clearing,    A::clear}},
    {S::idle,        E::start_later,    {S::delayed,     A::delay}},
    {S::idle,        E::start_silent,   {S::present,     A::exist}},
    {S::idle,        E::leave,          {S::stopped,     A::end}},
    {S::idle,        E::power_off,      {S::idle,        A::none}},

    {S::delayed,     E::start,          {S::registering, A::attempt}},
    {S::delayed,     E::start_clearing, {S::clearing,    A::clear}},
    {S::delayed,     E::start_silent,   {S::present,     A::exist}},
    {S::delayed,     E::renew,          {S::delayed,     A::none}},
    {S::delayed,     E::leave,          {S::stopped,     A::end}},
    {S::delayed,     E::power_off,      {S::idle,        A::drop}},

    {S::present,     E::renew,          {S::present,     A::none}},
    {S::present,     E::leave,          {S::stopped,     A::end}},
    {S::present,     E::power_off,      {S::idle,        A::drop}},

    {S::clearing,    E::accepted,       {S::registering, A::attempt_cleared}},
    {S::clearing,    E::challenged,     {S::clearing,    A::clear_again}},
    {S::clearing,    E::too_brief,      {S::waiting,     A::wait_uncleared}},
    {S::clearing,    E::redirected,     {S::clearing,    A::redirect}},
    {S::clearing,    E::failed,         {S::waiting,     A::wait_uncleared}},
    {S::clearing,    E::gave_up,        {S::stopped,     A::end_uncleared}},
    {S::clearing,    E::renew,          {S::clearing,    A::none}},
    {S::clearing,    E::leave,          {S::clearing,    A::defer}},
    {S::clearing,    E::power_off,      {S::idle,        A::drop}},

    {S::registering, E::accepted,       {S::registered,  A::hold}},
    {S::registering, E::challenged,     {S::registering, A::authorize}},
    {S::registering, E::too_brief,      {S::registering, A::raise}},
    {S::registering, E::redirected,     {S::registering, A::redirect}},
    {S::registering, E::failed,         {S::waiting,     A::wait}},
    {S::registering, E::gave_up,        {S::stopped,     A::end_failed}},
    {S::registering, E::renew,          {S::registering, A::none}},
    {S::registering, E::leave,          {S::registering, A::defer}},
    {S::registering, E::power_off,      {S::idle,        A::drop}},

    {S::registered,  E::due,            {S::refreshing,  A::attempt}},
    {S::registered,  E::renew,          {S::refreshing,  A::attempt}},
    {S::registered,  E::leave,          {S::removing,    A::remove}},
    {S::registered,  E::power_off,      {S::idle,        A::drop}},

    {S::refreshing,  E::accepted,       {S::registered,  A::hold}},
    {S::refreshing,  E::challenged,     {S::refreshing,  A::authorize}},
    {S::refreshing,  E::too_brief,      {S::refreshing,  A::raise}},
    {S::refreshing,  E::redirected,     {S::refreshing,  A::redirect}},
    {S::refreshing,  E::failed,         {S::waiting,     A::wait}},
    {S::refreshing,  E::gave_up,        {S::stopped,     A::end_failed}},
    {S::refreshing,  E::renew,          {S::refreshing,  A::none}},
    {S::refreshing,  E::leave,          {S::refreshing,  A::defer}},
    {S::refreshing,  E::power_off,      {S::idle,        A::drop}},

    {S::waiting,     E::due,            {S::registering, A::attempt}},
    {S::waiting,     E::renew,          {S::waiting,     A::none}},
    {S::waiting,     E::leave,          {S::stopped,     A::end}},
    {S::waiting,     E::leave_bound,    {S::removing,    A::remove}},
    {S::waiting,     E::power_off,      {S::idle,        A::drop}},

    {S::removing,    E::accepted,       {S::removed,     A::end_removed}},
    {S::removing,    E::challenged,     {S::removing,    A::remove_again}},
    {S::removing,    E::too_brief,      {S::removed,     A::end_unremoved}},
    {S::removing,    E::redirected,     {S::removing,    A::redirect}},
    {S::removing,    E::failed,         {S::removed,     A::end_unremoved}},
    {S::removing,    E::gave_up,        {S::removed,     A::end_unremoved}},
    {S::removing,    E::renew,          {S::removing,    A::none}},
    {S::removing,    E::leave,          {S::removing,    A::defer}},
    {S::removing,    E::power_off,      {S::idle,        A::drop}},

    {S::removed,     E::renew,          {S::removed,     A::none}},
    {S::removed,     E::leave,          {S::removed,     A::none}},
    {S::removed,     E::power_off,      {S::idle,        A::drop}},

    {S::stopped,     E::renew,          {S::stopped,     A::none}},
    {S::stopped,     E::leave,          {S::stopped,     A::none}},
    {S::stopped,     E::power_off,      {S::idle,        A::drop}},
};
// clang-format on

/// The rows as a table; a cell that no row names is a bug wherever it is reached.
inline constexpr auto transitions = [] {
    std::array<std::array<Transition, event_count>, state_count> table{};
    for (auto& events : table) {
        events.fill({State::stopped, Action::forbidden});
    }
    for (const Row& row : rows) {
        table[static_cast<std::size_t>(row.state)][static_cast<std::size_t>(row.event)] = row.transition;
    }
    return table;
}();

}  // namespace detail

/// What `event` does in `state`.
[[nodiscard]] constexpr Transition transition(State state, Event event) {
    return detail::transitions[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

/// What power on, or the end of the boot delay, is for a phone of this profile.
[[nodiscard]] constexpr Event first_event(const Profile& profile) {
    if (!profile.registers) {
        return Event::start_silent;
    }
    return profile.unregister_first == Unregister::none ? Event::start : Event::start_clearing;
}

/// How this endpoint leaves: a binding that a failed refresh has left behind is removed, too.
[[nodiscard]] constexpr Event leave_event(const Record& record) {
    return record.state == State::waiting && record.bound ? Event::leave_bound : Event::leave;
}

/// States in which a request is outstanding; exactly those in which answers and Timer F can arrive.
[[nodiscard]] constexpr bool in_flight(State state) {
    return state == State::clearing || state == State::registering || state == State::refreshing ||
           state == State::removing;
}

}  // namespace regstorm::registration
