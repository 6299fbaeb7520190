// The transit purse of a simulated card (JT/T 978 electronic purse, 3DES): what it remembers without power,
// and the commands that move money. Files and their reading are the card operating system's.
#pragma once

#include "apdu/command.h"
#include "sim/cards/file_system.h"
#include "sim/cards/purse_keys.h"

#include <mutex>

namespace ykt::sim {

enum class PurseLock { open, reversible, for_good };

struct PurseState {
    std::int64_t balanceFen = 0; // below zero: so much of the overdraft is used
    std::uint32_t overdraftFen = 0;
    std::uint16_t counter = 0; // purchases so far
    PurseLock lock = PurseLock::open;
};

class VirtualPurse {
  public:
    VirtualPurse(PurseState state, PurseKeys keys) : state_(state), keys_(std::move(keys)) {}

    // Any thread may ask, also while the card is used.
    [[nodiscard]] PurseState state() const;

    // nullopt: not a command of a purse, which ends a purchase that was begun. `application` is the purse's
    // directory: a debit writes its records there.
    std::optional<apdu::Response> execute(const apdu::Command& command, Directory& application,
                                          SecurityState& session);
    // Reset, or another directory was selected.
    void forgetPurchase() { purchase_.reset(); }

  private:
    struct Update {
        std::uint8_t sfi = 0;
        std::uint8_t recordId = 0;
        Bytes content;
    };
    struct Purchase { // volatile: begun by 80 50, done by 80 54
        std::uint8_t type = 0;
        std::uint32_t amountFen = 0;
        Bytes terminal;
        Bytes random;
        std::vector<Update> updates;
    };
    struct Proof { // of the last purchase; kept without power
        std::uint8_t type = 0;
        std::uint16_t counter = 0; // after the purchase
        Bytes tac;
        Bytes mac2;
    };

    apdu::Response balance(const apdu::Command& command) const;                           // 80 5C
    apdu::Response initialise(const apdu::Command& command);                              // 80 50
    apdu::Response update(const apdu::Command& command, Directory& application);          // 80 DC
    apdu::Response debit(const apdu::Command& command, Directory& application);           // 80 54
    apdu::Response proof(const apdu::Command& command) const;                             // 80 5A
    apdu::Response lockApplication(const apdu::Command& command, SecurityState& session); // 84 1E
    Result<Proof> proofOf(const Purchase& purchase, ByteView sequence, ByteView time, ByteView mac1) const;
    void commit(const Purchase& purchase, Proof proof, ByteView time, Directory& application);

    mutable std::mutex mutex_; // guards state_, which other threads read
    PurseState state_;
    PurseKeys keys_;
    std::optional<Purchase> purchase_;
    std::optional<Proof> proof_;
};

} // namespace ykt::sim
