#include "firmware/policy/decide.h"

#include "crypto/digest.h"
#include "firmware/identity/id_number.h"
#include "firmware/policy/names.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::policy {
namespace {

using identity::VerifiedIdentity;

const Text referredText{"请到人工窗口办理", "Please go to the service desk"};

// An electronic card code and the online form of a fusion code are opaque tokens: until the online verifier
// has raised their assurance they prove nothing.
bool unverifiedCode(const VerifiedIdentity& identity) {
    const bool code = identity.medium == identity::Medium::electronic_card_code ||
                      identity.medium == identity::Medium::fusion_code;
    return code && identity.assurance == identity::Assurance::presented;
}

bool isDeferred(const VerifiedIdentity& identity, const Service& service) {
    return unverifiedCode(identity) && service.offline.unverifiedCodes.rule == UnverifiedCodes::Rule::defer;
}

// A step back that setting a clock right may take.
constexpr std::chrono::seconds clockCorrection{300};

// An emergency code is taken where the service says so, though it proves less than the service asks, and
// nowhere else; no other rule is relaxed.
bool provesEnough(const VerifiedIdentity& identity, const Service& service) {
    if (identity.emergency)
        return service.emergencyCodes && identity.assurance >= identity::Assurance::read;
    return identity.assurance >= service.minimumAssurance;
}

using Check = std::optional<Error>; // none: no objection

Check objectIf(bool condition, Reason reason) {
    return condition ? Check{Error{reason, {}}} : std::nullopt;
}

// Under a clock that is not to be believed it is not the catalogue that has to be mended.
Check checkCatalogue(const CatalogueState& state, const Instant& now) {
    if (!state.catalogue)
        return Error{Reason::catalogue_stale, {}};
    const auto reason = now.trust == TimeTrust::suspect ? Reason::clock_suspect : Reason::catalogue_stale;
    return objectIf(now.wall < state.notBefore || now.wall >= state.notAfter, reason);
}

Check checkIdentity(const VerifiedIdentity& identity, const Service& service,
                    const std::vector<std::string>& regions, std::uint32_t fareFen, WallTime now) {
    if (std::ranges::find(service.media, identity.medium) == service.media.end())
        return Error{Reason::medium_not_allowed, {}};
    const bool deferred = isDeferred(identity, service);
    if (unverifiedCode(identity) && !deferred)
        return Error{Reason::online_only, {}};
    if (!deferred && !provesEnough(identity, service))
        return Error{Reason::assurance_too_low, {}};
    if (!covers(regions, identity.region))
        return Error{Reason::region_not_covered, {}};
    if (const auto valid = checkValidity(identity, now); !valid)
        return Error{valid.error().reason, {}};
    return objectIf(identity.tripLimitFen && fareFen > *identity.tripLimitFen, Reason::over_limit);
}

// A look-up that failed keeps its own context, and is never read as "not listed".
Check checkLookUp(const Result<bool>& listed, Reason reason) {
    if (!listed)
        return Error{Reason::look_up_failed, listed.error().context};
    return objectIf(*listed, reason);
}

Check checkLists(const VerifiedIdentity& identity, const Service& service, const LookUps& lookUps) {
    if (auto no = checkLookUp(lookUps.revoked, Reason::revoked))
        return no;
    if (identity.singleUse)
        if (auto no = checkLookUp(lookUps.codeUsed, Reason::already_used))
            return no;
    if (service.repeatInterval.count() > 0)
        return checkLookUp(lookUps.repeated, Reason::repeated_too_soon);
    return std::nullopt;
}

bool isStale(const OfflineRule& rule, const Lists& lists) {
    return lists.over || !lists.age || *lists.age > rule.longestListAge;
}

// For a deferred code the verifier was out of reach, whatever the courier reaches.
Check checkOffline(const OfflineRule& rule, const Lists& lists, TimeTrust trust, bool deferred) {
    if ((!lists.online || deferred) && !rule.allowed)
        return Error{Reason::offline_not_allowed, {}};
    if (rule.staleLists == StaleLists::refuse && isStale(rule, lists))
        return Error{Reason::offline_too_long, {}};
    if (lists.age && *lists.age < -clockCorrection) // the clock was set back: lists do not grow young
        return Error{Reason::clock_suspect, {}};
    return objectIf(trust > rule.trustNeeded, Reason::clock_suspect);
}

Check checkAll(const VerifiedIdentity& identity, const Service& service, const ServiceRequest& request,
               std::uint32_t fareFen, const LookUps& lookUps, const Lists& lists, const Instant& now) {
    const auto& regions = request.regions ? *request.regions : service.regions;
    if (auto no = checkIdentity(identity, service, regions, fareFen, now.wall))
        return no;
    if (auto no = checkLists(identity, service, lookUps))
        return no;
    return checkOffline(service.offline, lists, now.trust, isDeferred(identity, service));
}

std::optional<std::string> valueOf(DisclosedField field, const VerifiedIdentity& identity) {
    switch (field) {
    case DisclosedField::name:
        return identity.name ? std::optional{identity.name->reveal()} : std::nullopt;
    case DisclosedField::social_security_number_masked:
        return identity.socialSecurityNumber
                   ? std::optional{identity::maskIdNumber(identity.socialSecurityNumber->reveal())}
                   : std::nullopt;
    case DisclosedField::holder_class:
        return std::string(nameOf(identity.holderClass));
    case DisclosedField::region:
        return identity.region.empty() ? std::nullopt : std::optional{identity.region};
    }
    return std::nullopt;
}

std::vector<Disclosed> disclosedOf(const Service& service, const VerifiedIdentity& identity) {
    std::vector<Disclosed> disclosed;
    for (const auto field : service.disclose)
        if (auto value = valueOf(field, identity))
            disclosed.push_back({field, PersonalData<std::string>{std::move(*value)}});
    return disclosed;
}

Decision declined(const Error& no, bool referred, const Lists& lists) {
    const auto& info = describe(no.reason);
    Decision decision;
    decision.verdict = referred ? Decision::Verdict::referred : Decision::Verdict::refused;
    decision.reason = no.reason;
    decision.context = no.context;
    decision.listAge = lists.age;
    decision.holderText =
        referred ? referredText : Text{std::string(info.holderZh), std::string(info.holderEn)};
    return decision;
}

} // namespace

const Text& acceptedText() {
    static const Text text{"验证通过", "Accepted"};
    return text;
}

std::uint32_t fareAfterConcession(const Service& service, identity::HolderClass holderClass,
                                  std::uint32_t fullFareFen) {
    const auto concession = service.concessions.find(holderClass);
    if (concession == service.concessions.end())
        return fullFareFen;
    return static_cast<std::uint32_t>(std::uint64_t{fullFareFen} * concession->second / 100);
}

std::string_view nameOf(Decision::Verdict verdict) {
    constexpr std::array<std::string_view, 3> names{"accepted", "refused", "referred"};
    return names.at(static_cast<std::size_t>(verdict));
}

Decision decide(const VerifiedIdentity& identity, const ServiceRequest& request, const CatalogueState& state,
                const LookUps& lookUps, const Lists& lists, const Instant& now) {
    if (request.locked)
        return declined({Reason::terminal_locked, {}}, false, lists);
    if (const auto no = checkCatalogue(state, now))
        return declined(*no, false, lists);
    const auto* service = state.catalogue->find(request.serviceId);
    if (!service || service->scene != request.scene) // article 6: listed for this scene, not anywhere
        return declined({Reason::service_not_listed, {}}, false, lists);

    const auto fareFen = fareAfterConcession(*service, identity.holderClass, request.fareFen);
    if (const auto no = checkAll(identity, *service, request, fareFen, lookUps, lists, now))
        return declined(*no,
                        no->reason == Reason::online_only &&
                            service->offline.unverifiedCodes.rule == UnverifiedCodes::Rule::refer,
                        lists);

    Decision decision;
    decision.verdict = Decision::Verdict::accepted;
    decision.fareFen = fareFen;
    decision.disclosed = disclosedOf(*service, identity);
    decision.listAge = lists.age;
    decision.holderText = acceptedText();
    decision.staleLists = isStale(service->offline, lists);
    decision.deferred = isDeferred(identity, *service);
    return decision;
}

std::vector<offline_store::Claim> claimsFor(const VerifiedIdentity& identity, const Service& service,
                                            WallTime now) {
    std::vector<offline_store::Claim> claims;
    if (identity.singleUse) {
        const auto use =
            concat({asBytes("ykt-code:"), asBytes(service.id), asBytes(":"), identity.singleUse->key});
        claims.push_back({crypto::sha256(use), identity.singleUse->until, Reason::already_used});
    }
    if (service.repeatInterval.count() > 0) {
        const auto passage =
            concat({asBytes("ykt-passage:"), asBytes(service.id), asBytes(":"), identity.subject});
        claims.push_back({crypto::sha256(passage), now + service.repeatInterval, Reason::repeated_too_soon});
    }
    return claims;
}

std::vector<offline_store::Quota> quotasFor(const VerifiedIdentity& identity, const Service& service) {
    if (!isDeferred(identity, service))
        return {};
    const auto& limits = service.offline.unverifiedCodes;
    const auto ofTerminal = concat({asBytes("ykt-deferral:"), asBytes(service.id), asBytes(":")});
    return {{crypto::sha256(concat({ofTerminal, identity.subject})), limits.perSubject},
            {crypto::sha256(ofTerminal), limits.perTerminal}};
}

} // namespace ykt::firmware::policy
