#include "apdu/financial/application.h"
#include "direct_connection.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>
#include <map>

using namespace ykt;
using apdu::financial::readFinancial;
using test::ScriptedConnection;

namespace {

const std::string debit = "00a4040008a00000033301010100";
const std::string credit = "00a4040008a00000033301010200";
const std::string quasiCredit = "00a4040008a00000033301010300";
const std::string cash = "80ca9f7900";

// A record of objects, with its status. The numbers are invented; no bank has 000000.
std::string record(const std::string& objects) {
    return "70" + toHex(Bytes{static_cast<std::uint8_t>(objects.size() / 2)}) + objects + "9000";
}
const std::string number16 = "5A080000001234567894";
const std::string number19 = "5A0A0000001234567890123F";
const std::string expiry = "5F2403340228";

// A card that answers some commands, and "not there" to all others.
struct Card {
    explicit Card(std::map<std::string, std::string> known)
        : connection([answers = std::move(known)](ByteView command) -> Result<Bytes> {
              const auto answer = answers.find(toHex(command));
              if (answer != answers.end())
                  return fromHex(answer->second);
              return fromHex(command[1] == 0xB2 ? "6A83" : command[1] == 0xCA ? "6A88" : "6A82");
          }) {}

    Result<apdu::financial::FinancialEvidence> read() {
        apdu::Channel channel(connection);
        return readFinancial(channel);
    }

    ScriptedConnection connection;
};

Reason failing(std::map<std::string, std::string> answers) {
    const auto read = Card(std::move(answers)).read();
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().context.find("1234") == std::string::npos);
    return read.error().reason;
}

} // namespace

TEST_CASE("A bank application shows a masked number, its expiry and its cash, and nothing else is sent") {
    Card card({{debit, "9000"},
               {"00b2011400", record(number16 + expiry)},
               {cash, "9F7906000000012345"
                      "9000"}});
    const auto evidence = card.read().value();
    CHECK(evidence.maskedNumber == "000000******7894");
    CHECK(evidence.expires == std::chrono::year{2034} / 2);
    CHECK(evidence.electronicCashFen == 12345U);
    CHECK(card.connection.sent == std::vector<std::string>{debit, "00b2011400", cash});
}

TEST_CASE("Credit and quasi-credit cards are looked at too, and a card without bank says so") {
    CHECK(Card({{credit, "9000"}, {"00b2011400", record(number16)}}).read().has_value());
    Card last({{quasiCredit, "9000"}, {"00b2011400", record(number16)}});
    CHECK(last.read().has_value());
    CHECK(last.connection.sent.size() > 3);
    CHECK(last.connection.sent[0] == debit);
    CHECK(last.connection.sent[1] == credit);
    CHECK(failing({}) == Reason::application_missing);
    CHECK(failing({{debit, "6283"}}) == Reason::application_locked);
    CHECK(failing({{debit, "6A86"}}) == Reason::status_unexpected);
}

TEST_CASE("Number and expiry are looked for in both files, and no further than five records each") {
    CHECK(failing({{debit, "9000"}, {"00b2061400", record(number16)}}) == Reason::record_missing);

    Card spread({{debit, "9000"},
                 {"00b2011400", record(expiry)},
                 {"00b2011c00", record("9F0702FF00")},
                 {"00b2021c00", record(number19)}});
    const auto evidence = spread.read().value();
    CHECK(evidence.maskedNumber == "000000*********0123");
    CHECK(evidence.expires);
    CHECK_FALSE(evidence.electronicCashFen);

    Card endless({});
    endless.connection = ScriptedConnection(
        [](ByteView command) { return fromHex(command[1] == 0xB2 ? record("9F0702FF00") : "9000"); });
    CHECK(endless.read().error() == Reason::record_missing);
    CHECK(endless.connection.sent.size() == 1 + 10);
}

TEST_CASE("Track 2 serves where the number stands nowhere else") {
    CHECK(Card({{debit, "9000"}, {"00b2011400", record("57130000001234567894D34022010000000000000F")}})
              .read()
              .value()
              .maskedNumber == "000000******7894");
}

TEST_CASE("A card that gives its records only after GPO is left alone") {
    for (const auto* status : {"6985", "6982"})
        CHECK(failing({{debit, "9000"}, {"00b2011400", status}, {"00b2011c00", status}}) ==
              Reason::record_missing);
    CHECK(failing({{debit, "9000"}, {"00b2011400", "6F00"}}) == Reason::status_unexpected);
}

TEST_CASE("A number of any length shows ten digits at most, and one that is too short none") {
    const auto maskedOf = [](const std::string& object) {
        return Card({{debit, "9000"}, {"00b2011400", record(object)}}).read();
    };
    CHECK(maskedOf("5A06000000123456").value().maskedNumber == "000000**3456");
    for (const auto* object : {"5A0600000012345F",         // eleven digits
                               "5A00",                     // none
                               "5A0A00000012345678901234", // twenty
                               "5A08000000A234567894",     // not decimal
                               "5A0800000012345D7894", "570800000012345F7894"}) {
        INFO(object);
        CHECK(maskedOf(object).error() == Reason::card_data_malformed);
    }
}

TEST_CASE("Records and cash that are not what they should be are refused") {
    const auto withRecord = [](const std::string& answer) {
        return failing({{debit, "9000"}, {"00b2011400", answer}});
    };
    CHECK(withRecord("9000") == Reason::tlv_malformed);
    CHECK(withRecord("70105A089000") == Reason::tlv_malformed);
    CHECK(withRecord("70035A08009000") == Reason::tlv_malformed);
    CHECK(withRecord("77025A009000") == Reason::card_data_malformed);
    CHECK(withRecord(record(number16 + "5F2403341328")) == Reason::card_data_malformed);
    CHECK(withRecord(record(number16 + "5F24023402")) == Reason::card_data_malformed);
    CHECK(withRecord(record(number16 + "5F24033A0228")) == Reason::card_data_malformed);
    const auto withCash = [](const std::string& answer) {
        return failing({{debit, "9000"}, {"00b2011400", record(number16 + expiry)}, {cash, answer}});
    };
    CHECK(withCash("9000") == Reason::card_data_malformed);
    CHECK(withCash("9F79050000012345"
                   "9000") == Reason::card_data_malformed);
    CHECK(withCash("9F790600000001234A"
                   "9000") == Reason::card_data_malformed);
    CHECK(withCash("9F7906"
                   "9000") == Reason::tlv_malformed);
}

TEST_CASE("The bank application of a simulated card is read beside its other applications") {
    test::World world;
    auto spec = test::World::person();
    spec.interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    spec.financial.emplace();
    spec.financial->electronicCashFen = 12345;
    const auto card = world.card(spec);
    test::DirectConnection connection(card);
    apdu::Channel channel(connection);
    const auto evidence = readFinancial(channel).value();
    auto masked = spec.financial->accountNumber;
    masked.replace(6, masked.size() - 10, masked.size() - 10, '*');
    CHECK(evidence.maskedNumber == masked);
    CHECK(evidence.expires == spec.financial->expires);
    CHECK(evidence.electronicCashFen == 12345U);
    CHECK(test::readCard(card, world.sam.get()).has_value());
}
