// A debit as intents and records hold it. docs/back-office-api.md lists the fields of "purse".
#pragma once

#include "apdu/sam/purchase.h"
#include "offline_store/record.h"

namespace ykt::firmware::terminal {

struct Debit {
    ByteArray<8> issuer{};
    ByteArray<8> serial{};
    apdu::Purchase purchase;
    std::uint16_t counter = 0; // of the purse, before; the debit makes it one more
    ByteArray<4> terminalSequence{};
};

// How it is known that the debit was made.
enum class Evidence {
    answer, // the card answered it
    proof,  // the card proved it later (80 5A)
    log,    // it stands in the card's log
};
std::string_view nameOf(Evidence evidence);

// What an intent keeps, so that any later run of the program can settle it.
struct DebitIntent {
    Debit debit;
    offline_store::Entry accepted;     // without claims
    std::optional<ByteArray<4>> tac{}; // that the card gave as its proof since
};
Bytes encodeIntent(const DebitIntent& intent);
// Errors: store_corrupt (not what encodeIntent makes).
Result<DebitIntent> decodeIntent(ByteView payload);

// The record of a debit that was made. `admitted`: the holder was let through for it.
struct Made {
    Evidence evidence = Evidence::answer;
    std::optional<ByteArray<4>> tac;
    bool admitted = true;
};
offline_store::Entry madeEntry(const DebitIntent& intent, const Made& made);
// As madeEntry, for one that upstream knows as unresolved.
offline_store::Entry settledLateEntry(const DebitIntent& intent, const std::optional<Made>& made);
// What upstream is told while only the card knows.
offline_store::Entry unresolvedEntry(const DebitIntent& intent);

} // namespace ykt::firmware::terminal
