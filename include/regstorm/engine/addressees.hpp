// SPDX-License-Identifier: Apache-2.0
// Whose phone a request is for: the group decides what NOTIFYs it takes and what its answers say. The user of the
// Request-URI tells, because that is what our Contacts say; nothing is asked when all groups answer alike, which is
// decided once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "regstorm/engine/plan.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::engine {

class Addressees {
  public:
    explicit Addressees(const WorkerPlan& plan)
        : plan_(plan), alike_(std::ranges::all_of(plan.groups, [&](const Group& group) {
              return answers_alike(group, plan.groups.front());
          })) {}

    /// Group of the phone that `request` names. Users of a file are not looked up: whom no pattern makes belongs to the
    /// first group that has one, or else to the first of all.
    [[nodiscard]] const Group& group_of(const sip::Request& request) const {
        return alike_ ? plan_.groups.front() : find(user_of(request.text(request.uri)));
    }

  private:
    [[nodiscard]] static bool answers_alike(const Group& left, const Group& right) {
        return left.profile.accept_unsolicited_notify == right.profile.accept_unsolicited_notify &&
               left.spec.supported_path == right.spec.supported_path;
    }

    /// What stands between the scheme and the @; empty when the URI names a host only.
    [[nodiscard]] static std::string_view user_of(std::string_view uri) {
        const std::size_t at = uri.find('@');
        const std::size_t colon = uri.find(':');
        return at == uri.npos || colon > at ? std::string_view{} : uri.substr(colon + 1, at - colon - 1);
    }

    [[nodiscard]] const Group& find(std::string_view user) const {
        const Group* otherwise = nullptr;
        for (const Group& group : plan_.groups) {
            std::uint32_t number = group.first_number;
            if (group.users) {
                otherwise = otherwise == nullptr ? &group : otherwise;
            } else if (group.user.reads(user, number) && &plan_.groups[plan_.group_of(number)] == &group) {
                return group;
            }
        }
        return otherwise == nullptr ? plan_.groups.front() : *otherwise;
    }

    const WorkerPlan& plan_;
    bool alike_;
};

}  // namespace regstorm::engine
