// The simulated world around one terminal: card issuer, code issuer, back office, publisher of bulletins, and
// the holders with their cards and phones. Everything is made at start; nobody in it exists.
#pragma once

#include "hal/clock.h"
#include "sim/back_office/back_office.h"
#include "sim/bulletins.h"
#include "sim/cards/card_issuer.h"
#include "sim/codes/code_issuer.h"
#include "sim/pki.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ykt::demo {

struct Medium {
    std::string name; // for yktctl: "genuine", "fusion"
    std::string what; // for people
};

// A purse on a card, for the account at the end of the day.
struct DemoPurse {
    std::string card;
    std::string serial; // 20 digits, as lists and records name it; its last 16 are the short serial
    std::int64_t balanceAtFirst = 0; // fen
    std::shared_ptr<const sim::VirtualPurse> purse;
};

class World {
  public:
    // Makes `folder` anew: terminal/ is what an installer would put on the device (the bus profile of
    // `profiles`, keys, certificates), terminal/frames what its camera sees, ledger.db the back office's
    // ledger. Errors: config_unreadable, and those of the parts.
    static Result<std::unique_ptr<World>> create(const std::filesystem::path& folder,
                                                 const std::filesystem::path& profiles,
                                                 const hal::Clock& clock);

    [[nodiscard]] std::filesystem::path folder() const { return folder_; }
    [[nodiscard]] std::filesystem::path terminalFolder() const { return folder_ / "terminal"; }
    [[nodiscard]] std::filesystem::path profile() const { return terminalFolder() / "bus.toml"; }

    [[nodiscard]] static std::vector<Medium> cards();
    [[nodiscard]] static std::vector<Medium> codes();
    // Errors: input_malformed (no such card).
    [[nodiscard]] Result<std::shared_ptr<sim::CardSoftware>> card(const std::string& name) const;
    [[nodiscard]] const std::vector<DemoPurse>& purses() const { return purses_; }
    [[nodiscard]] std::shared_ptr<sim::CardSoftware> sam() const { return sam_; }

    // Photographs the code on its holder's phone and puts the frame before the camera; "again" is the last
    // transit code. Errors: input_malformed (no such code), frame_invalid.
    Result<void> showCode(const std::string& name);
    // The same code once more, held a little differently. Errors: frame_invalid.
    Result<void> photographShown();

    // A terminal that starts anew would look at every frame that lies before its camera.
    void takePhonesAway() const;

    sim::BackOffice& backOffice() { return *backOffice_; }

    // What may appear nowhere outside the sealed store: names and numbers of the holders and their media.
    [[nodiscard]] const std::vector<std::string>& personalData() const { return personalData_; }

  private:
    struct Issuers {
        sim::CardIssuer cards;
        sim::CodeIssuer codes;
        sim::BulletinPublisher bulletins;
        sim::Pki pki;
        Secret pseudonymKey; // of the programme
    };
    static Result<Issuers> makeIssuers(WallTime now);

    World(std::filesystem::path folder, const hal::Clock& clock, Issuers issuers)
        : folder_(std::move(folder)), clock_(clock), issuers_(std::move(issuers)) {}

    Result<void> personaliseCards();
    Result<void> startBackOffice();
    Result<void> installTerminal(const std::filesystem::path& profiles);
    Result<void> publishBulletins(const std::filesystem::path& profiles);
    [[nodiscard]] Result<std::string> revocationBody() const;
    std::string legacyMapBody();
    Result<void> publish(const std::string& kind, const std::string& body);
    Result<Bytes> makeCode(const std::string& name);
    Result<Bytes> fusionCodeOf(unsigned holderNumber, qr::FusionForm form);
    Result<Bytes> transitCodeMade(std::chrono::seconds ago);

    std::filesystem::path folder_;
    const hal::Clock& clock_;
    Issuers issuers_;
    std::unique_ptr<sim::BackOffice> backOffice_;
    std::shared_ptr<sim::CardSoftware> sam_;
    std::map<std::string, std::shared_ptr<sim::CardSoftware>> cards_;
    std::vector<DemoPurse> purses_;
    std::vector<std::string> personalData_;
    struct ShownCode {
        std::string name;
        Bytes payload;
    } shown_;
    Bytes lastTransit_;
    std::uint64_t framesShown_ = 0;
    unsigned transitHolders_ = 0;
    unsigned electronicHolders_ = 0;
    const WallTime started_ = clock_.now().wall;
};

} // namespace ykt::demo
