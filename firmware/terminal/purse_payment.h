// A ride paid from the transit purse: what it costs, the intent, the debit, the settlement.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/terminal/torn_debits.h"

namespace ykt::firmware::terminal {

class PursePayment : public Payment {
  public:
    struct Place {
        const config::RideSettings& ride;
        policy::Position position; // where the vehicle is now
    };
    // What this holder pays of a full fare.
    using Concession = std::function<std::uint32_t(std::uint32_t fullFareFen)>;

    // All outlive the payment. `medium` finds the intent again.
    PursePayment(apdu::transit::TransitPurse& purse, const apdu::transit::PurseEvidence& evidence,
                 std::shared_ptr<apdu::sam::Sam> sam, offline_store::Store& store, TornDebits& tornDebits,
                 const hal::Clock& clock, Place place, Concession conceded, const ByteArray<32>& medium)
        : purse_(purse), evidence_(evidence), sam_(std::move(sam)), store_(store), tornDebits_(tornDebits),
          clock_(clock), place_(place), conceded_(std::move(conceded)), medium_(medium) {}

    // The fare by the profile's rules and by what the card remembers. At most one exchange. Errors: those of
    // policy::fareFor, card_data_malformed, and those of Channel.
    Result<policy::Fare> quote();

    // Errors: balance_insufficient, debit_refused, debit_unfinished (also when the SAM failed after the
    // debit), card_not_genuine (the proof of the debit is wrong: the intent stays open), sam_*, store_*, and
    // those of Channel before the debit.
    Result<Paid> pay(std::uint32_t fareFen, const offline_store::Entry& accepted) override;

    // The intent that a torn debit left open.
    [[nodiscard]] std::optional<std::uint64_t> tornIntent() const { return torn_; }

  private:
    Result<policy::CardMemory> memory();
    [[nodiscard]] bool remembers() const;
    [[nodiscard]] apdu::Purchase purchaseOf(std::uint32_t amountFen) const;
    [[nodiscard]] std::vector<apdu::transit::RecordUpdate>
    updatesFor(const apdu::Purchase& purchase, const apdu::PurchaseStart& start, std::uint32_t fareFen) const;
    [[nodiscard]] apdu::transit::BusRecord busRecord(const apdu::Purchase& purchase,
                                                     std::uint32_t fareFen) const;
    Result<Paid> debit(const Debit& debit, apdu::sam::SamPurchase&& purchase,
                       const apdu::PurchaseStart& start, const offline_store::Entry& accepted);
    tl::unexpected<Error> refused(const offline_store::Intent& intent, const Error& error);
    tl::unexpected<Error> torn(const offline_store::Intent& intent, const Error& cause);

    apdu::transit::TransitPurse& purse_;
    const apdu::transit::PurseEvidence& evidence_;
    std::shared_ptr<apdu::sam::Sam> sam_;
    offline_store::Store& store_;
    TornDebits& tornDebits_;
    const hal::Clock& clock_;
    Place place_;
    Concession conceded_;
    ByteArray<32> medium_;
    policy::Fare fare_;
    std::optional<apdu::transit::BusRecord> onCard_;
    std::optional<std::uint64_t> torn_;
};

} // namespace ykt::firmware::terminal
