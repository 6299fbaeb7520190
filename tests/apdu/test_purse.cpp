#include "apdu/transit/purse.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu;
using namespace ykt::apdu::transit;
using test::ScriptedConnection;

namespace {

const std::string file15 = "0999640100FFFFFF0102009999640000123456782024030120340228"
                           "0100";
const std::string file17 = "00000156640064010001"
                           "01" +
                           std::string(98, '0');
// FCI with the file in 9F0C, and with nothing of the issuer's.
const std::string fciWithFile = "6F31"
                                "8408A000000632010105"
                                "A525"
                                "9F080102"
                                "9F0C1E" +
                                file15;
const std::string fciWithout = "6F10"
                               "8408A000000632010105"
                               "A504"
                               "9F080102";
const std::string ok = "9000";

// A purse over a card that answers from a list.
struct Scripted {
    explicit Scripted(std::vector<std::string> answers) : connection(std::move(answers)) {}
    explicit Scripted(ScriptedConnection::Script script) : connection(std::move(script)) {}

    ScriptedConnection connection;
    Channel channel{connection};
    TransitPurse purse{channel};
};

template <typename T>
Reason reasonOf(const Result<T>& result) {
    REQUIRE_FALSE(result.has_value());
    return result.error().reason;
}

Reason openingFails(std::vector<std::string> answers) {
    return reasonOf(Scripted(std::move(answers)).purse.open());
}

Purchase purchase(PurchaseKind kind = PurchaseKind::composite) {
    return {kind, 200, {0x20, 0x26, 0x11, 0x24, 0x07, 0x58, 0x59}, {0x64, 0x99, 0x99, 0x00, 0x00, 0x01}};
}

constexpr PurchaseAuthorisation authorisation{{0, 0, 0, 7}, {0xA1, 0xA2, 0xA3, 0xA4}};

Result<DebitProof> debited(std::vector<std::string> answers) {
    return Scripted(std::move(answers)).purse.debit(purchase(), authorisation);
}

Result<std::optional<DebitProof>> proved(std::vector<std::string> answers) {
    return Scripted(std::move(answers)).purse.proof(PurchaseKind::composite, 0x0102);
}

} // namespace

TEST_CASE("A purse whose FCI carries file 15 is opened in two exchanges, another in three") {
    Scripted with({fciWithFile + ok, file17 + ok});
    const auto evidence = with.purse.open().value();
    CHECK(evidence.card.cardNumber().reveal() == "0999964000012345678");
    CHECK(evidence.management.city == 0x6401);
    CHECK(with.connection.sent == std::vector<std::string>{"00a4040008a00000063201010500", "00b097003c"});

    for (const auto& fci : {fciWithout, std::string()}) {
        Scripted without({fci + ok, file15 + ok, file17 + ok});
        CHECK(without.purse.open().value().card.shortSerial() == evidence.card.shortSerial());
        CHECK(without.connection.sent[1] == "00b095001e");
        CHECK(without.channel.exchanges() == 3);
    }
}

TEST_CASE("A longer instance AID is the purse's too, and 9F0C of another length is not file 15") {
    const std::string fci = "6F1F"
                            "8410A00000063201010510009156000014A1"
                            "A50B"
                            "9F080102"
                            "9F0C0401020304";
    CHECK(Scripted({fci + ok, file15 + ok, file17 + ok}).purse.open().has_value());
}

TEST_CASE("A card without purse, a locked one and one of another application say so") {
    CHECK(openingFails({"6A82"}) == Reason::application_missing);
    CHECK(openingFails({"6283"}) == Reason::application_locked);
    CHECK(openingFails({"9303"}) == Reason::application_locked);
    CHECK(openingFails({"6F0A8408A0000006320101069000"}) == Reason::application_missing);
    CHECK(openingFails({"6F048402A0009000"}) == Reason::application_missing); // a name too short
    CHECK(openingFails({"6A86"}) == Reason::status_unexpected);
    CHECK(openingFails({}) == Reason::card_mute);
}

TEST_CASE("What a hostile card answers to SELECT and to the files' reading is an error of its kind") {
    CHECK(openingFails({"6F0AA5089F08010288020000" + ok}) == Reason::tlv_malformed); // no name
    CHECK(openingFails({"8408A000000632010105" + ok}) == Reason::tlv_malformed);     // no FCI
    CHECK(openingFails({"6F" + ok}) == Reason::tlv_malformed);
    CHECK(openingFails({"6F7F8408" + ok}) == Reason::tlv_malformed);
    CHECK(openingFails({fciWithout + ok, "6A82"}) == Reason::file_missing);
    CHECK(openingFails({fciWithout + ok, "6982"}) == Reason::access_denied);
    CHECK(openingFails({fciWithout + ok, "01" + ok}) == Reason::card_data_malformed);
    CHECK(openingFails({fciWithFile + ok, "6A82"}) == Reason::file_missing);
    CHECK(openingFails({fciWithFile + ok, "01" + ok}) == Reason::card_data_malformed);
    CHECK(openingFails({fciWithFile + ok}) == Reason::card_mute);
}

TEST_CASE("A balance is 31 bits of what the card answers") {
    const auto balanceOf = [](const std::string& answer) {
        Scripted card({answer});
        auto balance = card.purse.balance();
        CHECK(card.connection.sent == std::vector<std::string>{"805c000204"});
        return balance;
    };
    CHECK(balanceOf("000013889000").value() == 5000);
    CHECK(balanceOf("800013889000").value() == 5000);
    CHECK(balanceOf("FFFFFFFF9000").value() == 0x7FFFFFFF);
    CHECK(reasonOf(balanceOf("0013889000")) == Reason::card_data_malformed);
    CHECK(reasonOf(balanceOf("9000")) == Reason::card_data_malformed);
    CHECK(reasonOf(balanceOf("9407")) == Reason::application_locked);
    CHECK(reasonOf(balanceOf("6985")) == Reason::status_unexpected);
}

TEST_CASE("A purchase begins with what the purse commits itself to") {
    Scripted card({"80001388"
                   "0102"
                   "000304"
                   "05"
                   "06"
                   "A1A2A3A4" +
                   ok});
    const auto start = card.purse.initialise(purchase()).value();
    CHECK(card.connection.sent == std::vector<std::string>{"805003020b01000000c86499990000010f"});
    CHECK(start.balanceFen == 5000);
    CHECK(start.counter == 0x0102);
    CHECK(start.overdraftFen == 0x0304);
    CHECK(start.keyVersion == 5);
    CHECK(start.algorithm == 6);
    CHECK(toHex(start.random) == "a1a2a3a4");

    Scripted simple({"80001388010200030405"
                     "06A1A2A3A4" +
                     ok});
    CHECK(simple.purse.initialise(purchase(PurchaseKind::simple)).has_value());
    CHECK(simple.connection.sent.front().starts_with("80500102"));
}

TEST_CASE("A purchase that cannot begin says why") {
    const auto failing = [](const std::string& answer) {
        return reasonOf(Scripted({answer}).purse.initialise(purchase()));
    };
    CHECK(failing("9401") == Reason::balance_insufficient);
    CHECK(failing("9407") == Reason::application_locked);
    CHECK(failing("9303") == Reason::application_locked);
    CHECK(failing("9403") == Reason::status_unexpected);
    CHECK(failing("0000138801020003040506A1A2A39000") == Reason::card_data_malformed);
    CHECK(failing("9000") == Reason::card_data_malformed);
}

TEST_CASE("Records of a composite purchase go to their file by SFI") {
    Scripted card({"9000", "9000", "6A83"});
    CHECK(card.purse.update(tripUpdate({})));
    CHECK(card.connection.sent[0].starts_with("80dc00f030"));
    CHECK(card.purse.update(busUpdate({})));
    CHECK(card.connection.sent[1].starts_with("80dc02d080"));
    CHECK(reasonOf(card.purse.update(tripUpdate({}))) == Reason::record_missing);
}

TEST_CASE("A debit is answered by TAC and MAC2") {
    Scripted card({"B1B2B3B4"
                   "C1C2C3C4" +
                   ok});
    const auto proof = card.purse.debit(purchase(), authorisation).value();
    CHECK(card.connection.sent == std::vector<std::string>{"805401000f"
                                                           "00000007"
                                                           "20261124075859"
                                                           "a1a2a3a4"
                                                           "08"});
    CHECK(toHex(proof.tac) == "b1b2b3b4");
    CHECK(toHex(proof.mac2) == "c1c2c3c4");
    // over T=0 the answer is fetched
    CHECK(toHex(debited({"6108", "B1B2B3B4C1C2C3C49000"}).value().tac) == "b1b2b3b4");
}

TEST_CASE("A debit that the card plainly refused took nothing, and the status is told") {
    for (const auto* status :
         {"9302", "9401", "9407", "6985", "6A80", "6D00", "6700", "6F00", "9303", "6400"}) {
        INFO(status);
        const auto refused = debited({status});
        CHECK(reasonOf(refused) == Reason::debit_refused);
        Bytes word = fromHex(status).value();
        CHECK(refused.error().context.find(toHex(word)) != std::string::npos);
    }
}

TEST_CASE("A debit that was answered neither yes nor no is never called refused") {
    CHECK(reasonOf(debited({"9000"})) == Reason::card_data_malformed);
    CHECK(reasonOf(debited({"B1B2B3B4C1C2C39000"})) == Reason::card_data_malformed);
    CHECK(reasonOf(debited({"B1B2B3B4C1C2C3C46A80"})) == Reason::card_data_malformed);
    // the card acted and will not let its answer be fetched
    CHECK(reasonOf(debited({"6108", "6F00"})) == Reason::card_data_malformed);
    CHECK(reasonOf(debited({"6108", "6D00"})) == Reason::card_data_malformed);
    for (const auto* status : {"6281", "63C1", "6500", "6581"})
        CHECK(reasonOf(debited({status})) == Reason::card_data_malformed);
    CHECK(reasonOf(debited({})) == Reason::card_mute);
    CHECK(reasonOf(debited({"6108"})) == Reason::card_mute);
    CHECK(reasonOf(debited({"90"})) == Reason::apdu_malformed);
    CHECK(reasonOf(debited({"B1B2B3B4C1C2C3C4C59000"})) == Reason::apdu_malformed);
}

TEST_CASE("A proof has its parts the other way round, and names purchase and counter") {
    Scripted card({"C1C2C3C4"
                   "B1B2B3B4" +
                   ok});
    const auto proof = card.purse.proof(PurchaseKind::composite, 0x0102).value();
    CHECK(card.connection.sent == std::vector<std::string>{"805a000902010208"});
    REQUIRE(proof);
    CHECK(toHex(proof->tac) == "b1b2b3b4");
    CHECK(toHex(proof->mac2) == "c1c2c3c4");

    Scripted simple({"9406"});
    CHECK_FALSE(simple.purse.proof(PurchaseKind::simple, 1).value());
    CHECK(simple.connection.sent == std::vector<std::string>{"805a000602000108"});
}

TEST_CASE("Only a status without data says that there is no proof") {
    for (const auto* status : {"9406", "6A88", "6985", "9303", "6283"})
        CHECK_FALSE(proved({status}).value());
    CHECK(reasonOf(proved({"9000"})) == Reason::card_data_malformed);
    CHECK(reasonOf(proved({"C1C2C3C4B1B2B39000"})) == Reason::card_data_malformed);
    CHECK(reasonOf(proved({"C1C2C3C4B1B2B3B46A80"})) == Reason::card_data_malformed);
    CHECK(reasonOf(proved({"6108", "6F00"})) == Reason::card_data_malformed);
    CHECK(reasonOf(proved({})) == Reason::card_mute);
}

TEST_CASE("A log is read newest first to its end, ten entries at most") {
    const auto entry = [](int counter) {
        return "000" + std::to_string(counter) +
               "000000"
               "000000C8"
               "06"
               "649999000001"
               "20261124075859"
               "9000";
    };
    Scripted three({entry(3), entry(2), entry(1), "6A83"});
    const auto log = three.purse.log().value();
    REQUIRE(log.size() == 3);
    CHECK(log.front().counter == 3);
    CHECK(three.connection.sent.front() == "00b201c417");
    CHECK(three.connection.sent.back() == "00b204c417");

    Scripted endless([&](ByteView) { return fromHex(entry(1)); });
    CHECK(endless.purse.log().value().size() == 10);
    CHECK(endless.channel.exchanges() == 10);

    CHECK(Scripted({entry(1), std::string(46, '0') + ok}).purse.log().value().size() == 1); // never written
    CHECK(Scripted({"6A82"}).purse.log().value().empty());
    CHECK(reasonOf(Scripted({entry(1), "00" + ok}).purse.log()) == Reason::card_data_malformed);
    CHECK(reasonOf(Scripted({"6982"}).purse.log()) == Reason::access_denied);
}

TEST_CASE("The newest trip and the bus record are read, or there is none") {
    TripRecord trip;
    trip.time = purchase().time;
    trip.station = 9;
    Scripted withTrip({toHex(tripUpdate(trip).content) + ok});
    CHECK(withTrip.purse.lastTrip().value()->station == 9);
    CHECK(withTrip.connection.sent == std::vector<std::string>{"00b201f430"});

    BusRecord ride;
    ride.onBoard = true;
    ride.on.time = purchase().time;
    Scripted withRide({toHex(busUpdate(ride).content) + ok});
    CHECK(withRide.purse.busRecord().value()->onBoard);
    CHECK(withRide.connection.sent == std::vector<std::string>{"00b202d480"});

    for (const auto* none : {"6A83", "6A82"}) {
        CHECK_FALSE(Scripted({none}).purse.lastTrip().value());
        CHECK_FALSE(Scripted({none}).purse.busRecord().value());
    }
    CHECK_FALSE(Scripted({std::string(96, 'F') + ok}).purse.lastTrip().value()); // never written
    CHECK_FALSE(Scripted({std::string(256, '0') + ok}).purse.busRecord().value());
    for (const auto& cut : {std::string(), std::string("00"), std::string(94, '0')})
        CHECK(reasonOf(Scripted({cut + ok}).purse.lastTrip()) == Reason::card_data_malformed);
    CHECK(reasonOf(Scripted({"2702" + ok}).purse.busRecord()) == Reason::card_data_malformed);
    CHECK(reasonOf(Scripted({"6982"}).purse.lastTrip()) == Reason::access_denied);
}

TEST_CASE("A card of the storage kind has no purse, however its reader says so") {
    for (const StatusWord status : std::initializer_list<StatusWord>{0x6300, 0x6A81, 0x6A82, 0x6D00, 0x6E00})
        CHECK(apdu::saysNoApplication(status));
    for (const StatusWord status : std::initializer_list<StatusWord>{0x9000, 0x6283, 0x6985, 0x6A86, 0x9303})
        CHECK_FALSE(apdu::saysNoApplication(status));
}
