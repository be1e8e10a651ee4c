// SPDX-License-Identifier: Apache-2.0
// RFC 3261 10.3, steps 5 to 8: what a REGISTER asks for, and whether it gets it.
#include <algorithm>

#include "regstorm/base/check.hpp"
#include "regstorm/registrar/registrar.hpp"

namespace regstorm::registrar {
namespace {

/// What one Contact asks for (RFC 3261 10.3, step 7); PAR-16: an unreadable expires counts as 3600.
std::uint32_t asked_s(const sip::Contact& contact, const sip::Request& request, const RegistrarPlan& plan) {
    if (contact.bad_expires) {
        return 3600;
    }
    if (contact.has_expires) {
        return contact.expires_s;
    }
    return request.has_expires ? request.expires_s : plan.default_expires_s;
}

}  // namespace

/// RFC 3261 10.3, steps 5 to 8: all that is asked for, or nothing.
std::uint32_t Registrar::bind(std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    const sip::Request& request = requests_[i];
    const std::uint64_t aor = visits_[i].aor;
    AorSlot* slot = table_.find(aor, now_ns);
    if (const Refusal refusal = find_refusal(request, slot); refusal != Refusal::none) {
        return refuse(i, out, refusal);
    }
    if (wish_.added > table_.free_bindings() || (slot == nullptr && wish_.added != 0)) {
        slot = make_room(aor, now_ns);
        if (slot == nullptr) {
            return refuse(i, out, Refusal::full);
        }
    }
    if (slot != nullptr) {
        apply(i, *slot, now_ns);
    }
    ++counters_.accepted;
    const std::uint32_t size = accept(i, out, slot, now_ns);
    if (slot != nullptr && slot->first == 0) {
        table_.leave(*slot);
    }
    return size;
}

/// The AoR's place, with bindings to spare for the wish; nullptr when there is no room even without what has expired.
AorSlot* Registrar::make_room(std::uint64_t aor, base::Nanoseconds now_ns) {
    for (int i = 0; i < 2; ++i) {
        AorSlot* slot = table_.find(aor, now_ns);
        if (table_.free_bindings() >= wish_.added && (slot != nullptr || (slot = table_.enter(aor)) != nullptr)) {
            return slot;
        }
        table_.reclaim(now_ns);
    }
    return nullptr;
}

/// First pass over the Contacts: whether all of them can be obeyed, and what that changes.
Registrar::Refusal Registrar::find_refusal(const sip::Request& request, AorSlot* slot) {
    wish_.added = wish_.removed = wish_.count = 0;
    wish_.star = wish_.outdated = false;
    wish_.call_id_hash = hash_text(request.text(request.call_id));
    Refusal refusal = Refusal::none;
    if (request.sole_contact_uri.present()) [[likely]] {
        refusal = wish_for({.uri = request.text(request.sole_contact_uri),
                            .has_expires = request.sole_contact_has_expires,
                            .expires_s = request.sole_contact_expires_s},
                           request, slot);
    } else {
        sip::ContactReader reader(request);
        for (sip::Contact contact; refusal == Refusal::none && reader.next(contact);) {
            refusal = wish_for(contact, request, slot);
        }
        refusal = reader.malformed() ? Refusal::bad_contact : refusal;
    }
    if (refusal != Refusal::none) {
        return refusal;
    }
    if (wish_.star && (wish_.count != 1 || !request.has_expires || request.expires_s != 0)) {
        return Refusal::bad_contact;  // MSG-9
    }
    std::uint32_t bound = 0;
    for (std::uint32_t row = slot == nullptr ? 0 : slot->first; row != 0; row = table_.binding(row).next) {
        wish_.outdated |= wish_.star && is_outdated(request, table_.binding(row));
        ++bound;
    }
    if (wish_.outdated) {
        return Refusal::bad_cseq;
    }
    return bound + wish_.added > bindings_per_aor_max + wish_.removed ? Refusal::full : Refusal::none;
}

/// Adds what one Contact asks for to the wish.
Registrar::Refusal Registrar::wish_for(const sip::Contact& contact, const sip::Request& request, AorSlot* slot) {
    if (wish_.count == contacts_max) {
        return Refusal::too_many;
    }
    wish_.star |= contact.uri == "*";
    const std::uint32_t expires_s = asked_s(contact, request, plan_);
    if (expires_s != 0 && expires_s < plan_.min_expires_s && plan_.too_brief == TooBrief::refuse && !wish_.star) {
        return Refusal::too_brief;
    }
    if (expires_s != 0 && contact.uri.size() > contact_chars_max) {
        return Refusal::long_contact;
    }
    wish_.change[wish_.count] = {contact.uri, expires_s};
    const std::uint32_t* const link = slot == nullptr ? nullptr : find_binding(*slot, contact.uri);
    const bool known = link != nullptr && *link != 0;
    wish_.outdated |= known && is_outdated(request, table_.binding(*link));
    wish_.added += !known && expires_s != 0 ? 1 : 0;
    wish_.removed += known && expires_s == 0 && !listed_before(contact.uri) ? 1 : 0;
    ++wish_.count;
    return Refusal::none;
}

/// The last Contact of the wish stands in it once already: what is removed twice makes room for one.
bool Registrar::listed_before(std::string_view uri) const {
    for (std::uint32_t i = 0; i < wish_.count; ++i) {
        if (sip::same_uri(wish_.change[i].uri, uri)) {
            return true;
        }
    }
    return false;
}

/// RFC 3261 10.3, step 7: a binding of the same call that a later request has made.
bool Registrar::is_outdated(const sip::Request& request, const Binding& binding) const {
    return binding.call_id_hash == wish_.call_id_hash && request.cseq < binding.cseq;
}

/// The link to the binding of `uri`, or the one at the end of the chain.
std::uint32_t* Registrar::find_binding(AorSlot& slot, std::string_view uri) {
    std::uint32_t* link = &slot.first;
    while (*link != 0 && !sip::same_uri(table_.binding(*link).contact(), uri)) {
        link = &table_.binding(*link).next;
    }
    return link;
}

/// Second pass: nothing can fail any more.
void Registrar::apply(std::uint32_t i, AorSlot& slot, base::Nanoseconds now_ns) {
    const sip::Request& request = requests_[i];
    const Cue& cue = visits_[i].cue;
    const std::uint32_t most_s =
        felt(cue, Misdeed::short_expires) ? rule_of(cue, Misdeed::short_expires).expires_s : plan_.max_expires_s;
    for (const Change& change : std::span(wish_.change).first(wish_.count)) {
        if (change.uri == "*") {
            while (slot.first != 0) {
                table_.remove(&slot.first);
            }
            return;
        }
        std::uint32_t* const link = find_binding(slot, change.uri);
        if (change.expires_s == 0) {
            if (*link != 0) {
                table_.remove(link);
            }
            continue;
        }
        const std::uint32_t granted_s = std::min(std::max(change.expires_s, plan_.min_expires_s), most_s);
        Binding* const binding = *link == 0 ? table_.append(slot) : &table_.binding(*link);
        CHECK(binding != nullptr);
        binding->call_id_hash = wish_.call_id_hash;
        binding->cseq = request.cseq;
        binding->expires_at_ns = now_ns + base::Nanoseconds{granted_s} * base::ns_per_s;
        binding->contact_size = static_cast<std::uint8_t>(change.uri.size());
        binding->lane = lane_at_hand_;
        std::memcpy(binding->contact_text.data(), change.uri.data(), change.uri.size());
    }
}

}  // namespace regstorm::registrar
