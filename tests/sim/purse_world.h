// A purse and a PSAM, asked command by command in hexadecimal, and the issuer that made both.
#pragma once

#include "card_terminal.h"

namespace ykt::test {

inline constexpr auto selectPurse = "00A4040008A00000063201010500";
inline constexpr auto selectSamApplication = "00A4040006D1560000059000";
inline constexpr auto purchaseTime = "20261124083015";

inline std::string hexOf(std::uint64_t value, std::size_t size) {
    Bytes out;
    appendBigEndian(out, value, size);
    return toHex(out);
}

// The data of an answer; its status must be 9000.
inline std::string dataOf(const std::string& answer) {
    return answer.ends_with("9000") ? answer.substr(0, answer.size() - 4) : "status " + answer;
}

struct PurseWorld {
    explicit PurseWorld(const sim::PurseSpec& spec = {},
                        sim::SocialSecurityPlace place = sim::SocialSecurityPlace::none)
        : software(make(spec, place)), purse(sim::purseOf(*software)), card(software),
          sam(issuer.makeSam().value()) {
        card.send(selectPurse);
        sam.send(selectSamApplication);
        file15 = dataOf(card.send("00B095001E"));
    }

    std::shared_ptr<sim::CardSoftware> make(const sim::PurseSpec& spec, sim::SocialSecurityPlace place) {
        auto whole = simulatedPerson();
        whole.place = place;
        whole.purse = spec;
        return issuer.personalise(whole).value();
    }

    [[nodiscard]] std::string issuerNumber() const { return file15.substr(0, 16); }
    [[nodiscard]] std::string shortSerial() const { return file15.substr(24, 16); }

    // 80 50; `form` 01 simple, 03 composite.
    std::string initialise(std::uint32_t fen, const std::string& form = "01") {
        return card.send("8050" + form + "020B01" + hexOf(fen, 4) + terminal + "0F");
    }
    // 80 70, from the card's answer to 80 50: terminal's sequence ‖ MAC1.
    std::string authorise(const std::string& start, std::uint32_t fen, const std::string& type = "06") {
        return dataOf(sam.send("8070000024" + start.substr(22, 8) + start.substr(8, 4) + hexOf(fen, 4) +
                               type + purchaseTime + start.substr(18, 4) + shortSerial() + issuerNumber() +
                               "08"));
    }
    // 80 54.
    std::string debit(const std::string& authorisation) {
        return card.send("805401000F" + authorisation.substr(0, 8) + purchaseTime + authorisation.substr(8) +
                         "08");
    }
    std::string pay(std::uint32_t fen) { return debit(authorise(dataOf(initialise(fen)), fen)); }
    std::string balance() { return card.send("805C000204"); }
    void powerLoss() {
        card.reset();
        card.send(selectPurse);
    }

    const std::string terminal = "649999000001";
    sim::CardIssuer issuer = sim::CardIssuer::create().value();
    std::shared_ptr<sim::CardSoftware> software;
    std::shared_ptr<const sim::VirtualPurse> purse;
    CardTerminal card;
    CardTerminal sam;
    std::string file15;
};

} // namespace ykt::test
