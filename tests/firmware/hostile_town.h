// A terminal that hostile cards are presented to, and what must hold after each: the gate opens for what a
// genuine card proved, once, and for nothing else.
#pragma once

#include "firmware/terminal/debit.h"
#include "qr/fusion_code.h"
#include "sim/back_office/purse_book.h"
#include "sim/cards/hostile_card.h"
#include "sim/cards/legacy_card.h"
#include "tests/apdu/direct_connection.h"
#include "tests/environment.h"
#include "tests/firmware/card_lane_fixture.h"
#include "tests/firmware/witness.h"

#include <cstdio>
#include <map>
#include <spdlog/spdlog.h>

namespace ykt::test {

// A genuine card, and what is known of it beforehand.
struct Citizen {
    static constexpr std::uint32_t startFen = 1'000'000'000;

    std::shared_ptr<sim::CardSoftware> card;
    bool registered = true;                 // false: a legacy number that is on no map
    std::map<std::string, std::string> ids; // by the medium's name, as records name them
    std::string subject;                    // of the social security application
    std::string purse;                      // the short serial; empty: it has none
    std::set<std::uint16_t> lies;           // counters that were told in its name and are not its own
    std::int64_t recordedFen = 0;           // debited, as records tell and the issuer believes
    std::int64_t doubtedFen = 0;            // debited, as records tell, by a TAC that the issuer rejects
    std::int64_t admittedFen = 0;           // the gate has opened for

    // What left the purse.
    [[nodiscard]] std::int64_t goneFen() const {
        return purse.empty() ? 0 : std::int64_t{startFen} - sim::purseOf(*card)->state().balanceFen;
    }
};

inline std::filesystem::path memoryFolder() {
    const std::filesystem::path shared = "/dev/shm";
    return std::filesystem::is_directory(shared) ? shared : std::filesystem::temp_directory_path();
}

class CountingGate : public hal::Gate {
  public:
    Result<void> open() override {
        ++openings;
        return {};
    }
    std::atomic<std::size_t> openings = 0;
};

// One presentation as it was drawn.
struct Attack {
    sim::HostileMode mode = sim::HostileMode::mute;
    std::size_t at = 0;
    std::uint64_t seed = 0;
    std::size_t citizen = 0;
    std::size_t other = 0; // in whose card it swaps itself

    [[nodiscard]] std::string text() const {
        return std::string(sim::nameOf(mode)) + " at " + std::to_string(at) + ", seed " +
               std::to_string(seed) + ", citizen " + std::to_string(citizen) + ", other " +
               std::to_string(other);
    }
};

struct HostileTown : TerminalFixture {
    static constexpr unsigned kinds = 4; // of genuine cards
    static constexpr std::uint32_t flatFen = 200;

    HostileTown() : TerminalFixture({}, false) {
        spdlog::set_level(spdlog::level::err);
        gate = &counted;
        store.reset();
        storeOptions.file = memory.path() / "ykt.db";
        openStore();
        put(*samReader, cards.makeSam().value());
        cardSettings.applications = {firmware::config::CardApplication::transit_purse,
                                     firmware::config::CardApplication::social_security,
                                     firmware::config::CardApplication::legacy_uid};
        ride.fare.flatFen = flatFen;
        ride.city = 0x6401;
        for (unsigned number = 0; number < citizenCount; ++number)
            settle(number);
        installLists();
        startTerminal();
    }
    ~HostileTown() { spdlog::set_level(spdlog::level::info); }

    Attack draw(std::mt19937_64& random) const {
        const auto below = [&random](std::size_t limit) {
            return static_cast<std::size_t>(random() % limit);
        };
        Attack attack;
        attack.mode = sim::promptHostileModes.at(below(sim::promptHostileModes.size()));
        attack.citizen = below(citizens.size());
        attack.at = below(commandsOf(attack.citizen) + 1); // the last of these is too late: it stays genuine
        attack.seed = random();
        attack.other = (attack.citizen + 1 + below(citizens.size() - 1)) % citizens.size();
        return attack;
    }

    // The same card again, as another one; often as one that says it was debited.
    Attack again(std::mt19937_64& random, const Attack& torn) const {
        auto attack = draw(random);
        attack.citizen = torn.citizen;
        attack.other = torn.other;
        attack.at = static_cast<std::size_t>(random() % (commandsOf(torn.citizen) + 1));
        if (random() % 3 == 0)
            attack.mode = sim::HostileMode::forged_proof;
        return attack;
    }

    // A presentation: the hostile card, and what it and the genuine ones behind it say.
    struct Hearing {
        std::shared_ptr<Witness> genuine;
        std::shared_ptr<Witness> other;
        std::shared_ptr<Witness> card; // what is presented
    };
    Hearing hearing(const Attack& attack, Milliseconds delay) const {
        Hearing hearing;
        hearing.genuine = std::make_shared<Witness>(citizens[attack.citizen].card);
        hearing.other = std::make_shared<Witness>(citizens[attack.other].card);
        hearing.card = std::make_shared<Witness>(std::make_shared<sim::HostileCard>(
            sim::HostileSpec{attack.mode, attack.seed, attack.at, hearing.genuine, hearing.other, delay}));
        return hearing;
    }

    // `present` puts a card before the lane and returns what came of it.
    template <typename Present>
    firmware::terminal::Outcome endure(const Attack& attack, Present present,
                                       Milliseconds delay = Milliseconds{300}) {
        const auto openings = counted.openings.load();
        const auto heard = hearing(attack, delay);
        const auto outcome = present(heard.card);
        const std::string reason(outcome.reason ? nameOf(*outcome.reason) : "accepted");
        INFO(attack.text() << ": " << reason << " " << outcome.context);
        const bool accepted = outcome.signal == hal::Signal::accepted;
        CHECK(counted.openings - openings == (accepted ? 1 : 0));
        CHECK(outcome.reason.has_value() != accepted);
        ++seen[reason];
        const auto own = heard.genuine->counters();
        std::ranges::set_difference(
            heard.card->counters(), own,
            std::inserter(citizens[attack.citizen].lies, citizens[attack.citizen].lies.end()));
        readRecords();
        if (accepted)
            checkAccepted(attack, heard, outcome);
        for (const auto index : {attack.citizen, attack.other})
            checkMoney(citizens[index]);
        return outcome;
    }

    // The record names who was let through, and the proof that the terminal heard is that card's own.
    void checkAccepted(const Attack& attack, const Hearing& heard,
                       const firmware::terminal::Outcome& outcome) {
        REQUIRE(outcome.receipt);
        const auto record = store->read(outcome.receipt->sequence);
        REQUIRE(record);
        const auto payload = nlohmann::json::parse(record->payload);
        INFO(payload.dump());
        const auto medium = payload.at("medium").get<std::string>();
        auto* const citizen = holderOf(attack, payload);
        REQUIRE(citizen);
        // Names and numbers are not signed: one changed answer can change one of the two (docs/cards.md).
        if (attack.mode != sim::HostileMode::mutated)
            CHECK(payload.at("medium_id") == citizen->ids[medium]);
        if (attack.mode != sim::HostileMode::mutated && medium == "social_security_card")
            CHECK(payload.at("subject") == citizen->subject);
        if (medium == "legacy_card")
            return;
        CHECK(payload.at("assurance") == "authenticated");
        const auto& genuine = citizen == &citizens[attack.citizen] ? *heard.genuine : *heard.other;
        if (medium == "social_security_card")
            CHECK(heard.card->cardProof() == genuine.cardProof());
        else
            checkPaid(attack, *heard.card, genuine, *citizen, record->kind, payload);
    }

    void checkPaid(const Attack& attack, const Witness& heard, const Witness& genuine, Citizen& citizen,
                   const std::string& kind, const nlohmann::json& payload) {
        const auto fare = payload.at("fare_fen").get<std::int64_t>();
        CHECK(payload.at("purse").at("amount_fen") == fare);
        citizen.admittedFen += fare;
        const auto claim = sim::purseClaimOf(kind, payload.dump());
        REQUIRE(claim);
        REQUIRE(*claim);
        // Only the issuer can verify a TAC: one that was changed on the way spoils the record of a debit that
        // was made. When that was torn, the proof that was heard first counts, perhaps at an earlier
        // presentation. That nobody is admitted for a debit that was not made, checkMoney() sees.
        if (payload.at("purse").at("evidence") != "answer")
            return;
        CHECK(heard.mac2() == genuine.mac2());
        CHECK((believed(**claim) || attack.mode == sim::HostileMode::mutated));
    }

    // What the issuer says of the record.
    [[nodiscard]] bool believed(const sim::PurseClaim& claim) const {
        return !claim.hasTac || cards.tacIsRight(claim.purchase).value();
    }

    Citizen* holderOf(const Attack& attack, const nlohmann::json& payload) {
        const auto medium = payload.at("medium").get<std::string>();
        for (const auto index : {attack.citizen, attack.other}) {
            auto& citizen = citizens[index];
            if (medium == "transit_purse" ? payload.at("purse").at("serial") == citizen.purse
                                          : payload.at("medium_id") == citizen.ids[medium] ||
                                                payload.at("subject") == citizen.subject)
                return &citizen;
        }
        return nullptr;
    }

    void readRecords() {
        const auto records = store->list(readUntil + 1, 1000);
        REQUIRE(records);
        for (const auto& summary : *records) {
            readUntil = summary.id.sequence;
            const auto record = store->read(readUntil);
            REQUIRE(record);
            const auto claim = sim::purseClaimOf(record->kind, toText(record->payload));
            REQUIRE(claim);
            if (!*claim || (*claim)->state != sim::PurseLine::State::settled)
                continue;
            const auto serial = toHex((*claim)->purchase.serial);
            const auto payer = std::ranges::find(citizens, serial, &Citizen::purse);
            REQUIRE(payer != citizens.end());
            const bool right = believed(**claim);
            (right ? payer->recordedFen : payer->doubtedFen) += (*claim)->purchase.amountFen;
            // After the window nobody is let through for a proof, so none is asked to prove itself, and
            // anyone can say eight bytes: the back office rejects the record for its TAC.
            if (!right && !nlohmann::json::parse(record->payload).at("admitted").get<bool>())
                ++lateForgeries;
        }
    }

    // What left the purse is recorded or kept as an open intent, nobody is charged for what did not leave,
    // and nobody rides for it twice.
    void checkMoney(const Citizen& citizen) {
        const auto gone = citizen.goneFen();
        INFO(citizen.purse << ": gone " << gone << ", recorded " << citizen.recordedFen << ", doubted "
                           << citizen.doubtedFen << ", admitted " << citizen.admittedFen);
        CHECK(citizen.recordedFen <= gone);
        CHECK(citizen.admittedFen <= gone);
        if (citizen.recordedFen < gone)
            CHECK(gone <= citizen.recordedFen + citizen.doubtedFen + openFen(citizen));
    }

    std::int64_t openFen(const Citizen& citizen) {
        const auto intents = store->openIntents();
        REQUIRE(intents);
        std::int64_t open = 0;
        for (const auto& intent : *intents) {
            const auto decoded = firmware::terminal::decodeIntent(intent.payload);
            REQUIRE(decoded);
            if (toHex(decoded->debit.serial) == citizen.purse)
                open += decoded->debit.purchase.amountFen;
        }
        return open;
    }

    // Everybody comes once more with a card that is nothing but genuine: all are let through at once, and
    // every debit is accounted for.
    template <typename Present>
    void checkReady(const std::string& lane, Present present) {
        CHECK(terminal->lanes().at(lane).trouble == std::nullopt);
        clock.advance(std::chrono::minutes(1)); // past all windows and intervals
        for (auto& citizen : citizens) {
            const auto openings = counted.openings.load();
            const auto outcome = present(citizen.card);
            INFO((outcome.reason ? nameOf(*outcome.reason) : "accepted") << " " << outcome.context);
            CHECK((outcome.signal == hal::Signal::accepted) == citizen.registered);
            CHECK(counted.openings - openings == (citizen.registered ? 1 : 0));
            if (!citizen.purse.empty())
                citizen.admittedFen += outcome.fareFen;
            readRecords();
            checkMoney(citizen);
            CHECK(citizen.goneFen() <= citizen.recordedFen + citizen.doubtedFen);
        }
        checkOpenIntents();
        CHECK(store->verifyChain());
    }

    // What stays open was begun with a counter that is not the card's, from a changed answer: neither its
    // proofs nor its log can tell of that. Upstream knows it as unresolved.
    void checkOpenIntents() {
        const auto intents = store->openIntents();
        REQUIRE(intents);
        for (const auto& intent : *intents) {
            CHECK(intent.reported);
            const auto decoded = firmware::terminal::decodeIntent(intent.payload);
            REQUIRE(decoded);
            const auto payer = std::ranges::find(citizens, toHex(decoded->debit.serial), &Citizen::purse);
            CAPTURE(decoded->debit.counter);
            CHECK((payer == citizens.end() || payer->lies.contains(decoded->debit.counter)));
        }
    }

    void tell() const {
        for (const auto& [what, times] : seen)
            std::printf("  %6zu %s\n", times, what.c_str());
        std::printf("  %6zu forged proofs recorded, and nobody admitted for them\n", lateForgeries);
    }

    TemporaryFolder memory{memoryFolder()}; // that a COMMIT outlasts a power cut is tested elsewhere
    CountingGate counted;
    firmware::config::CardSettings cardSettings;
    firmware::config::RideSettings ride;
    std::vector<Citizen> citizens;
    std::map<std::string, std::size_t> seen; // how often each outcome came
    std::size_t lateForgeries = 0;
    std::uint64_t readUntil = 0; // sequence of the last record that was looked at
    std::shared_ptr<drivers::SimulatedReader> samReader = simulatedReader("sam", hal::SlotKind::sam, clock);

  private:
    static constexpr unsigned citizenCount = 48;

    // Of a whole genuine presentation.
    [[nodiscard]] std::size_t commandsOf(std::size_t citizen) const {
        return citizens[citizen].subject.empty() || !citizens[citizen].purse.empty() ? 4 : 10;
    }

    // Purse beside the social security application, purse alone, social security alone, a legacy number.
    void settle(unsigned number) {
        Citizen citizen;
        const auto kind = number % kinds;
        if (kind == kinds - 1) {
            // One changed byte makes no other registered number: nothing but the number tells who it is.
            const auto digit = static_cast<std::uint8_t>(number);
            const Bytes uid{0x04, digit, digit, digit, 3, 4, 5};
            citizen.card = std::make_shared<sim::LegacyCard>(uid);
            citizen.ids["legacy_card"] = toHex(firmware::identity::legacyDigest(pseudonymKey, uid));
            citizen.registered = number % 8 == 3;
            citizens.push_back(std::move(citizen));
            return;
        }
        auto spec = holder(number);
        spec.interface = sim::CardInterface::contactless;
        spec.algorithm = number % 8 < kinds ? apdu::social_security::Algorithm::sm4
                                            : apdu::social_security::Algorithm::triple_des;
        if (kind == 1)
            spec.place = sim::SocialSecurityPlace::none;
        if (kind != 2) {
            spec.purse = sim::PurseSpec{};
            spec.purse->balanceFen = Citizen::startFen;
            spec.purse->counter = static_cast<std::uint16_t>(1000 * number);
            spec.purse->cardType = number % 3 == 0 ? 2 : 1;
        }
        citizen.card = cards.personalise(spec).value();
        introduce(citizen, spec);
        citizens.push_back(std::move(citizen));
    }

    void introduce(Citizen& citizen, const sim::CardSpec& spec) {
        DirectConnection connection(citizen.card);
        apdu::Channel channel(connection);
        if (spec.purse) {
            const auto evidence = apdu::transit::TransitPurse(channel).open().value();
            citizen.purse = toHex(evidence.card.shortSerial());
            citizen.ids["transit_purse"] = toHex(evidence.card.serial);
        }
        if (spec.place == sim::SocialSecurityPlace::none)
            return;
        const auto evidence = readCard(citizen.card, nullptr).value();
        citizen.ids["social_security_card"] = toHex(evidence.issuer.cardIdentifier);
        citizen.subject =
            toHex(qr::holderReference(pseudonymKey, PersonalData<std::string>{spec.socialSecurityNumber}));
    }

    void installLists() {
        install("revocation", nlohmann::json{{"entries", nlohmann::json::array()}}.dump());
        auto catalogue = nlohmann::json::parse(TerminalFixture::catalogueBody());
        for (auto& service : catalogue["services"])
            if (service["id"] == "bus.ride") {
                service["media"].push_back("legacy_card");
                service["minimum_assurance"] = "presented";
            }
        install("catalogue", catalogue.dump());
        nlohmann::json map{{"cards", nlohmann::json::array()}};
        for (auto& citizen : citizens)
            if (const auto id = citizen.ids.find("legacy_card");
                id != citizen.ids.end() && citizen.registered)
                map["cards"].push_back({{"uid", id->second},
                                        {"holder", std::string(32, 'a')},
                                        {"class", "adult"},
                                        {"region", "640100"},
                                        {"not_after", "2099-12-31"}});
        install("legacy_map", map.dump());
    }
};

} // namespace ykt::test
