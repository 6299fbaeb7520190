// A purchase as card, SAM and terminal see it (PBOC electronic purse, JT/T 978; LD/T 32 part 9 for the SAM).
#pragma once

#include "apdu/sam/session.h"

namespace ykt::apdu {

enum class PurchaseKind : std::uint8_t { simple = 0x06, composite = 0x09 }; // the transaction's type

struct Purchase {
    PurchaseKind kind = PurchaseKind::simple;
    std::uint32_t amountFen = 0;
    ByteArray<7> time{};     // YYYYMMDDhhmmss, BCD, in China
    ByteArray<6> terminal{}; // of the SAM, cn
};

// The card's answer to 80 50.
struct PurchaseStart {
    std::uint32_t balanceFen = 0; // before
    std::uint16_t counter = 0;    // before; the debit makes it one more
    std::uint32_t overdraftFen = 0;
    std::uint8_t keyVersion = 0;
    std::uint8_t algorithm = 0;
    ByteArray<4> random{};
};

// The SAM's answer to 80 70.
struct PurchaseAuthorisation {
    ByteArray<4> terminalSequence{};
    ByteArray<4> mac1{};
};

// The card's answer to 80 54.
struct DebitProof {
    ByteArray<4> tac{};  // for the issuer
    ByteArray<4> mac2{}; // for the SAM
};

namespace sam {

// The SAM for the length of one purchase, which no other lane may interrupt: two exchanges, in the
// application that Sam::open selected.
class SamPurchase {
  public:
    // 80 70. `issuer` and `serial` are the card's (eight bytes each). Waits for the SAM. Errors: sam_missing,
    // sam_refused, sam_locked.
    static Result<SamPurchase> begin(Sam& sam, const Purchase& purchase, const PurchaseStart& start,
                                     const ByteArray<8>& issuer, const ByteArray<8>& serial);

    [[nodiscard]] const PurchaseAuthorisation& authorisation() const { return authorisation_; }

    // 80 72. Errors: card_not_genuine (the MAC is wrong), sam_missing, sam_refused, sam_locked.
    Result<void> confirm(const ByteArray<4>& mac2);

  private:
    SamPurchase(SamSession session, const PurchaseAuthorisation& authorisation)
        : session_(std::move(session)), authorisation_(authorisation) {}

    SamSession session_;
    PurchaseAuthorisation authorisation_;
};

} // namespace sam
} // namespace ykt::apdu
