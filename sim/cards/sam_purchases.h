// What a PSAM does for purchases from transit purses (LD/T 32 part 9, PBOC): it authorises the debit, and
// checks that the purse did it.
#pragma once

#include "apdu/command.h"
#include "sim/cards/purse_keys.h"

#include <optional>

namespace ykt::sim {

class SamPurchases {
  public:
    // `terminal`: six bytes cn, file 0016.
    SamPurchases(PurseKeys masters, Bytes terminal)
        : masters_(std::move(masters)), terminal_(std::move(terminal)) {}

    // 80 70: random(4) ‖ counter(2) ‖ amount(4) ‖ type(1) ‖ time(7) ‖ key version(1) ‖ algorithm(1) ‖
    // short serial(8) ‖ issuer(8) -> terminal's sequence(4) ‖ MAC1(4).
    apdu::Response begin(const apdu::Command& command);
    // 80 72: MAC2(4).
    apdu::Response confirm(const apdu::Command& command);
    // 80 1A 45 02: short serial(8) ‖ issuer(8), as at 80 70. Makes the key that locks one purse's
    // application.
    apdu::Response deriveMaintenanceKey(const apdu::Command& command);
    // 80 FA 05 00: first block(8) ‖ whole blocks, padded by whoever asks -> MAC(4). The key then is gone.
    apdu::Response maintenanceCode(const apdu::Command& command);

    // Reset, or another directory was selected. The sequence is kept without power.
    void forgetSession();

  private:
    PurseKeys masters_;
    Bytes terminal_;
    std::uint32_t sequence_ = 0;
    std::optional<Bytes> expectedMac2_; // of the purchase that was begun
    std::optional<Secret> maintenanceKey_;
};

} // namespace ykt::sim
