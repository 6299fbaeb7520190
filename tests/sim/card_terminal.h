// What a stranger with a PC/SC tool has: hexadecimal in, hexadecimal out.
#pragma once

#include "base/hex.h"
#include "sim/cards/card_issuer.h"

namespace ykt::test {

class CardTerminal {
  public:
    explicit CardTerminal(std::shared_ptr<sim::CardSoftware> card) : card_(std::move(card)) {
        card_->reset();
    }

    std::string send(std::string_view command) {
        return toHex(card_->answer(fromHex(command).value()).value());
    }
    void reset() { card_->reset(); }
    [[nodiscard]] std::string atr() const { return toHex(card_->atr()); }

  private:
    std::shared_ptr<sim::CardSoftware> card_;
};

inline constexpr auto selectSocialSecurity = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00";

inline sim::CardSpec simulatedPerson(sim::CardInterface interface = sim::CardInterface::contactless) {
    using namespace std::chrono;
    sim::CardSpec spec;
    spec.socialSecurityNumber = sim::simulatedNumber(year{1990} / May / 17, 12);
    spec.name = "马模拟";
    spec.cardNumber8 = "D2143569";
    spec.interface = interface;
    return spec;
}

} // namespace ykt::test
