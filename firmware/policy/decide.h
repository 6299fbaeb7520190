// May this holder have this service here and now? Pure functions: no clock, no store, no device.
#pragma once

#include "firmware/policy/catalogue.h"

namespace ykt::firmware::policy {

struct ServiceRequest {
    std::string serviceId;
    std::string scene;         // where the terminal stands: "transport"
    std::uint32_t fareFen = 0; // full fare, before concessions; 0 where nothing is paid
    bool locked = false;       // the operator locked this terminal
    std::string region{};      // where the terminal stands, six digits of GB/T 2260
    std::optional<std::vector<std::string>> regions{}; // admitted here, in the place of the catalogue's
};

// What the lists said. One that was not asked counts as failed: absence of an answer is not absence from the
// list.
struct LookUps {
    Result<bool> revoked = fail(Reason::look_up_failed, "revocation list not asked");
    Result<bool> codeUsed = fail(Reason::look_up_failed, "used codes not asked"); // only for single-use codes
    Result<bool> repeated =
        fail(Reason::look_up_failed, "recent passages not asked"); // only with a repeat interval
};

struct Lists {
    bool online = false;
    // Since the back office last confirmed the revocation list, or since its installation if that is later;
    // none: never.
    std::optional<std::chrono::seconds> age;
    bool over = false; // the revocation list's validity
};

struct Disclosed {
    DisclosedField field = DisclosedField::region;
    PersonalData<std::string> value;
};

struct Decision {
    enum class Verdict { accepted, refused, referred };
    Verdict verdict = Verdict::refused;
    std::optional<Reason> reason;                // none when accepted
    std::string context;                         // of a failed look-up; else empty
    std::uint32_t fareFen = 0;                   // to be paid, after concessions; 0 unless accepted
    std::vector<Disclosed> disclosed;            // empty unless accepted
    std::optional<std::chrono::seconds> listAge; // how stale the lists were
    Text holderText;
    bool staleLists = false; // accepted though the lists were stale, as the service's rule has it
    bool deferred = false;   // accepted on trust: nobody has verified the code yet

    [[nodiscard]] bool accepted() const { return verdict == Verdict::accepted; }
};
std::string_view nameOf(Decision::Verdict verdict);
// What a holder is told who may pass.
const Text& acceptedText();

// What a holder of this class pays of the full fare, rounded down to the fen in the holder's favour.
std::uint32_t fareAfterConcession(const Service& service, identity::HolderClass holderClass,
                                  std::uint32_t fullFareFen);

// The first rule that says no decides, in this order: terminal_locked, catalogue_stale (clock_suspect where a
// suspect clock stands outside its validity), service_not_listed,
// medium_not_allowed, online_only (a code that only an online verifier could prove, and none did, unless the
// service defers such codes), assurance_too_low (not of a deferred code, nor of an emergency code where the
// service takes them), region_not_covered, medium_expired, over_limit, revoked, already_used,
// repeated_too_soon, offline_not_allowed (of a deferred code online too), offline_too_long, clock_suspect. A
// look-up that failed says look_up_failed in its place and never accepts.
Decision decide(const identity::VerifiedIdentity& identity, const ServiceRequest& request,
                const CatalogueState& catalogue, const LookUps& lookUps, const Lists& lists,
                const Instant& now);

// What an accepted decision must claim in the same commit as its record: the code at this service, if it is
// single-use (already_used), and holder and service for the repeat interval, if there is one
// (repeated_too_soon). Ask the store about the same keys for the look-ups.
std::vector<offline_store::Claim> claimsFor(const identity::VerifiedIdentity& identity,
                                            const Service& service, WallTime now);

// What a deferred decision must take in that commit (deferral_limit); empty for all others.
std::vector<offline_store::Quota> quotasFor(const identity::VerifiedIdentity& identity,
                                            const Service& service);

} // namespace ykt::firmware::policy
