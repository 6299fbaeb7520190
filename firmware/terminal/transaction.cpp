#include "firmware/terminal/transaction.h"

#include "base/hex.h"
#include "firmware/terminal/payload.h"

namespace ykt::firmware::terminal {
namespace {

using nlohmann::json;
using offline_store::Entry;
using offline_store::RecordClass;

json commonPayload(const Presentation& presentation, const std::string& service, std::string_view verdict,
                   const ListVersions& versions) {
    json payload{{"service", service},
                 {"lane", presentation.lane},
                 {"verdict", verdict},
                 {"lists", {{"catalogue", versions.catalogue}, {"revocation", versions.revocation}}}};
    if (versions.regionRules > 0)
        payload["lists"]["region_rules"] = versions.regionRules;
    if (versions.fareTables > 0)
        payload["lists"]["fare_tables"] = versions.fareTables;
    if (presentation.medium)
        payload["medium"] = identity::nameOf(*presentation.medium);
    return payload;
}

void describeHolder(json& payload, const identity::VerifiedIdentity& identity) {
    payload["medium"] = identity::nameOf(identity.medium);
    payload["medium_id"] = identity.mediumId.reveal();
    payload["subject"] = toHex(identity.subject);
    payload["assurance"] = identity::nameOf(identity.assurance);
    payload["holder_class"] = identity::nameOf(identity.holderClass);
    payload["region"] = identity.region;
}

json describeUnverified(const identity::UnverifiedCode& code) {
    json deferred{{"token", code.token.reveal()}};
    if (code.question)
        deferred["request_id"] = toHex(*code.question);
    return deferred;
}

bool isForgery(Reason reason) {
    switch (reason) {
    case Reason::card_not_genuine:
    case Reason::bad_certificate:
    case Reason::bad_issuer_signature:
    case Reason::bad_user_signature:
    case Reason::revoked:
        return true;
    default:
        return false;
    }
}

bool worthRecording(Reason reason) {
    const auto& info = describe(reason);
    const bool notOurs = reason == Reason::format_unknown || reason == Reason::symbol_not_found ||
                         reason == Reason::several_symbols || reason == Reason::symbol_in_parts ||
                         reason == Reason::application_missing;
    // Nothing was decided yet: the holder is asked for something, or an intent keeps what only the card
    // knows.
    const bool unfinished = reason == Reason::pin_needed || reason == Reason::pin_entry_timeout ||
                            reason == Reason::debit_unfinished || reason == Reason::debit_refused;
    return info.origin != Origin::terminal && info.layer != Layer::wire && !notOurs && !unfinished;
}

} // namespace

Entry acceptedEntry(const Presentation& presentation, const identity::VerifiedIdentity& identity,
                    const policy::Service& service, const policy::Decision& decision,
                    const ListVersions& versions, WallTime now) {
    auto payload = commonPayload(presentation, service.id, "accepted", versions);
    describeHolder(payload, identity);
    payload["fare_fen"] = decision.fareFen;
    if (decision.listAge)
        payload["lists"]["age_s"] = decision.listAge->count();
    if (decision.staleLists)
        payload["lists"]["stale"] = true;
    for (const auto& field : decision.disclosed)
        payload["disclosed"][std::string(policy::nameOf(field.field))] = field.value.reveal();
    if (decision.deferred && identity.unverified)
        payload["deferred"] = describeUnverified(*identity.unverified);
    const bool counted = identity.medium == identity::Medium::legacy_card; // article 7: until they are gone
    return {service.recordClass,
            service.id,
            sealedSoon(payload),
            policy::claimsFor(identity, service, now),
            counted ? std::string(identity::nameOf(identity.medium)) : std::string(),
            policy::quotasFor(identity, service)};
}

std::optional<Entry> refusedEntry(const Presentation& presentation,
                                  const identity::VerifiedIdentity* identity, const std::string& service,
                                  Reason reason, hal::Signal signal, const ListVersions& versions) {
    if (!worthRecording(reason))
        return std::nullopt;
    auto payload = commonPayload(presentation, service, hal::nameOf(signal), versions);
    if (identity)
        describeHolder(payload, *identity);
    payload["reason"] = nameOf(reason);
    payload["said_by"] = nameOf(describe(reason).origin);
    return Entry{isForgery(reason) ? RecordClass::security_event : RecordClass::access,
                 "refusal",
                 sealedSoon(payload),
                 {},
                 {}};
}

Entry gateFailedEntry(const offline_store::RecordId& of, Reason reason) {
    const json payload{{"record", of.text()}, {"reason", nameOf(reason)}};
    return {RecordClass::security_event, "gate_failed", sealedSoon(payload), {}, {}};
}

Entry purseLockEntry(const Presentation& presentation, const identity::VerifiedIdentity& identity,
                     const Result<void>& locked) {
    json payload{{"lane", presentation.lane}, {"locked", locked.has_value()}};
    describeHolder(payload, identity);
    if (!locked)
        payload["reason"] = nameOf(locked.error().reason);
    return {RecordClass::security_event, "purse_locked", sealedSoon(payload), {}, {}};
}

} // namespace ykt::firmware::terminal
