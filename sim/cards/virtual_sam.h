// The simulated PSAM (LD/T 32 part 9): master keys that it diversifies inside and never gives out.
#pragma once

#include "sim/cards/sam_purchases.h"
#include "sim/cards/virtual_card.h"

namespace ykt::sim {

enum class SamLock {
    none,
    keys,        // whatever needs a key is answered 6983
    application, // SELECT of the application is answered 9303
};

// A master key by its reference; the algorithm is that of the process factor's length.
struct SamKey {
    std::uint8_t usage = 0;
    std::uint8_t id = 0;
    crypto::BlockCipher cipher = crypto::BlockCipher::sm4;
    Secret key;
};

class VirtualSam : public VirtualCard {
  public:
    // Its ATR offers T=1, which carries whole answers as ISO 14443-4 does.
    VirtualSam(Bytes atr, Directory root, std::vector<SamKey> keys, SamPurchases purchases,
               SamLock lock = SamLock::none)
        : VirtualCard(std::move(atr), std::move(root), CardInterface::contactless), keys_(std::move(keys)),
          purchases_(std::move(purchases)), lock_(lock) {}

  protected:
    apdu::Response execute(const apdu::Command& command) override;
    void forgetSession() override;

  private:
    struct Session {
        crypto::BlockCipher cipher;
        Secret key;
    };

    // BF DE usage kid: city factor ‖ card factor ‖ process factor of 8 (DES) or 16 bytes (SM4).
    apdu::Response deliverSessionKey(const apdu::Command& command);
    // 80 FA 00 00: whole blocks, enciphered with the session key, which then is gone.
    apdu::Response cipherData(const apdu::Command& command);

    // What needs the application and a key in it. nullopt: another command.
    std::optional<apdu::Response> withKeys(const apdu::Command& command);

    std::vector<SamKey> keys_;
    std::optional<Session> session_;
    SamPurchases purchases_;
    SamLock lock_;
};

} // namespace ykt::sim
