// A card operating system: files, access conditions, retry counters and the commands of LD/T 32 part 5, good
// enough for any PC/SC tool. What the card is, its personalisation says.
#pragma once

#include "apdu/command.h"
#include "sim/cards/card_software.h"
#include "sim/cards/file_system.h"

namespace ykt::sim {

class VirtualCard : public CardSoftware {
  public:
    VirtualCard(Bytes atr, Directory root, CardInterface interface);
    VirtualCard(const VirtualCard&) = delete;
    VirtualCard& operator=(const VirtualCard&) = delete;

    [[nodiscard]] Bytes atr() const override { return atr_; }
    std::optional<Bytes> answer(ByteView command) override;
    void reset() override;

    // The card's first purse; null: it has none.
    [[nodiscard]] std::shared_ptr<VirtualPurse> purse() const;

  protected:
    // One command whose APDU is well formed, without regard to how the interface carries answers.
    virtual apdu::Response execute(const apdu::Command& command);
    // A directory was selected: what was proved in another one is worth nothing.
    virtual void forgetSession();

    [[nodiscard]] const Directory& directory() const { return *directory_; }

  private:
    using Handler = apdu::Response (VirtualCard::*)(const apdu::Command&);
    struct Entry;

    apdu::Response select(const apdu::Command& command);
    apdu::Response selectByName(const apdu::Command& command);
    apdu::Response selectByFid(const apdu::Command& command);
    apdu::Response enter(Directory& directory, std::uint8_t p2);
    apdu::Response open(ElementaryFile& file, std::uint8_t p2);
    apdu::Response readBinary(const apdu::Command& command);
    apdu::Response readRecord(const apdu::Command& command);
    [[nodiscard]] bool readable(const ElementaryFile& file) const;

    apdu::Response getChallenge(const apdu::Command& command);
    apdu::Response internalAuthenticate(const apdu::Command& command);
    apdu::Response externalAuthenticate(const apdu::Command& command);
    apdu::Response verify(const apdu::Command& command);
    apdu::Response changePin(const apdu::Command& command);
    apdu::Response getData(const apdu::Command& command);

    apdu::Response carried(const apdu::Command& command, apdu::Response response);
    apdu::Response getResponse(const apdu::Command& command);

    Bytes atr_;
    Directory root_;
    CardInterface interface_;
    Directory* directory_;
    ElementaryFile* file_ = nullptr;
    SecurityState session_;
    Bytes pending_; // what GET RESPONSE will fetch
};

} // namespace ykt::sim
