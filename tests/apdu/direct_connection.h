// A connection straight to the software of a simulated card, and a small world to use it in.
#pragma once

#include "apdu/sam/sam.h"
#include "apdu/social_security/card.h"
#include "sim/cards/card_issuer.h"
#include "sim/cards/pulled_connection.h"

#include <functional>

namespace ykt::test {

// Powers the card up. `tamper`, where given, sees every answer with its index and may change it.
class DirectConnection : public hal::CardConnection {
  public:
    using Tamper = std::function<Bytes(std::size_t index, Bytes answer)>;

    explicit DirectConnection(std::shared_ptr<sim::CardSoftware> card, Tamper tamper = {})
        : card_(std::move(card)), tamper_(std::move(tamper)) {
        card_->reset();
    }

    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    Result<Bytes> transmit(ByteView command) override {
        auto answer = card_->answer(command);
        if (!answer)
            return fail(Reason::card_mute);
        const auto index = commands_++;
        return tamper_ ? tamper_(index, std::move(*answer)) : std::move(*answer);
    }
    Result<void> reset() override {
        card_->reset();
        return {};
    }
    Result<void> beginExclusive() override {
        ++exclusive_;
        return {};
    }
    void endExclusive() override { --exclusive_; }

    [[nodiscard]] int exclusive() const { return exclusive_; }

  private:
    std::shared_ptr<sim::CardSoftware> card_;
    Tamper tamper_;
    std::size_t commands_ = 0;
    int exclusive_ = 0;
};

// One issuer and a terminal with its SAM. The people are invented.
struct World {
    World() : issuer(sim::CardIssuer::create().value()), sam(openSam()) {}

    std::unique_ptr<apdu::sam::Sam> openSam() {
        auto connection = std::make_unique<DirectConnection>(issuer.makeSam().value());
        return apdu::sam::Sam::open(std::move(connection)).value();
    }
    std::shared_ptr<sim::CardSoftware> card(const sim::CardSpec& spec) {
        return issuer.personalise(spec).value();
    }

    static sim::CardSpec person() {
        using namespace std::chrono;
        sim::CardSpec spec;
        spec.socialSecurityNumber = sim::simulatedNumber(year{1990} / 5 / 17, 12);
        spec.name = "马模拟";
        return spec;
    }
    static sim::CardSpec person(apdu::social_security::Version version,
                                apdu::social_security::Algorithm algorithm) {
        auto spec = person();
        spec.version = version;
        spec.algorithm = algorithm;
        return spec;
    }

    sim::CardIssuer issuer;
    std::unique_ptr<apdu::sam::Sam> sam;
};

inline Result<apdu::social_security::CardEvidence> readThrough(hal::CardConnection& connection,
                                                               apdu::social_security::ProofSource* source) {
    apdu::Channel channel(connection);
    return apdu::social_security::SocialSecurityCard(channel, source).read();
}

inline Result<apdu::social_security::CardEvidence> readCard(std::shared_ptr<sim::CardSoftware> card,
                                                            apdu::social_security::ProofSource* source) {
    DirectConnection connection(std::move(card));
    return readThrough(connection, source);
}

} // namespace ykt::test
