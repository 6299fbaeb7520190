// The transit purse of a card (JT/T 978 electronic purse): selection, files, balance, purchases and their
// proof. Layouts, commands and their certainty: docs/transit-purse.md. Whoever uses a purse holds the card
// exclusively meanwhile (apdu/exclusive.h).
#pragma once

#include "apdu/channel.h"
#include "apdu/sam/purchase.h"
#include "apdu/transit/files.h"

namespace ykt::apdu::transit {

struct PurseEvidence {
    PublicInformation card;           // file 15
    ManagementInformation management; // file 17
};

class TransitPurse {
  public:
    explicit TransitPurse(Channel& channel) : channel_(channel) {}

    // SELECT by partial AID A000000632010105, file 15 (from the FCI where it carries it), file 17: 2 or 3
    // exchanges. Dates are not judged here. Errors: application_missing, application_locked,
    // card_data_malformed, tlv_malformed, and those of Channel::require.
    Result<PurseEvidence> open();

    // Fen that can be spent, overdraft included. One exchange. Errors: those of Channel::require.
    Result<std::uint32_t> balance();

    // 80 50: what the purse commits itself to. Nothing is taken yet. Errors: balance_insufficient (9401),
    // application_locked (9407), card_data_malformed, and those of Channel::require.
    Result<PurchaseStart> initialise(const Purchase& purchase);

    // 80 DC: a record that the card writes together with the debit; composite purchases only. Errors: those
    // of Channel::require.
    Result<void> update(const RecordUpdate& update);

    // 80 54: takes the money. Errors: debit_refused (the card said no: nothing was taken),
    // card_data_malformed (it said neither yes nor no: an answer of another length, a status that tells of
    // changed memory, or GET RESPONSE refused), and those of Channel::transmit, after which only proof()
    // knows whether it was taken.
    Result<DebitProof> debit(const Purchase& purchase, const PurchaseAuthorisation& authorisation);

    // 80 5A: the proof of the purchase that moved the counter to `counterAfter`. nullopt: the card has none.
    // Errors: card_data_malformed, and those of Channel::transmit.
    Result<std::optional<DebitProof>> proof(PurchaseKind kind, std::uint16_t counterAfter);

    // Newest first, at most ten. A record of nothing but 00 or FF was never written. Errors:
    // card_data_malformed, and those of Channel::require.
    Result<std::vector<LogEntry>> log();

    // The newest trip record (file 1E); nullopt: none yet. Errors: as log.
    Result<std::optional<TripRecord>> lastTrip();

    // The bus record of composite purchases (file 1A, record 2702); nullopt: the card has none. Errors: as
    // log.
    Result<std::optional<BusRecord>> busRecord();

    // 84 1E: locks the application by the SAM's MAC. Errors: those of Sam and of Channel::require.
    Result<void> lock(sam::Sam& sam, const PurseEvidence& evidence);

  private:
    Channel& channel_;
};

} // namespace ykt::apdu::transit
