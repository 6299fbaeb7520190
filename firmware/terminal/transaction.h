// A decision as a journal entry: its class, kind and payload. docs/back-office-api.md lists the payload's
// fields.
#pragma once

#include "firmware/policy/decide.h"
#include "firmware/terminal/outcome.h"

namespace ykt::firmware::terminal {

struct ListVersions {
    std::uint64_t catalogue = 0; // 0: none installed
    std::uint64_t revocation = 0;
    std::uint64_t regionRules = 0;
    std::uint64_t fareTables = 0;
};

// What an accepted presentation is recorded as. A deferred code's token goes with it, for the back office to
// verify.
offline_store::Entry acceptedEntry(const Presentation& presentation,
                                   const identity::VerifiedIdentity& identity, const policy::Service& service,
                                   const policy::Decision& decision, const ListVersions& versions,
                                   WallTime now);

// What a refusal (or referral, by `signal`) is recorded as; `identity` null where none was established.
// nullopt: not worth flash, because nothing was decided (the terminal failed, the card left, or what was
// shown is no medium of ours).
std::optional<offline_store::Entry> refusedEntry(const Presentation& presentation,
                                                 const identity::VerifiedIdentity* identity,
                                                 const std::string& service, Reason reason,
                                                 hal::Signal signal, const ListVersions& versions);

// The gate did not open for the accepted record `of`.
offline_store::Entry gateFailedEntry(const offline_store::RecordId& of, Reason reason);

// A purse on the revocation list was locked; or why not.
offline_store::Entry purseLockEntry(const Presentation& presentation,
                                    const identity::VerifiedIdentity& identity, const Result<void>& locked);

} // namespace ykt::firmware::terminal
