// Traces: what they show, what they never show, and what their reader refuses.
#include "apdu/trace.h"

#include "apdu/financial/application.h"
#include "apdu/legacy/uid.h"
#include "apdu/social_security/text.h"
#include "apdu/transit/purse.h"
#include "base/hex.h"
#include "sim/cards/legacy_card.h"
#include "tests/apdu/direct_connection.h"
#include "tests/apdu/scripted_connection.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

using namespace ykt;
using namespace ykt::apdu;
using namespace ykt::test;
using social_security::Algorithm;
using social_security::Version;

namespace {

constexpr auto pin = "135792";
constexpr auto wrongPin = "97531";

// Passes on and remembers what must not show: the card's answers to proofs, and random numbers.
class Eavesdropper : public hal::CardConnection {
  public:
    explicit Eavesdropper(hal::CardConnection& card) : card_(card) {}
    [[nodiscard]] Bytes atr() const override { return card_.atr(); }
    Result<Bytes> transmit(ByteView command) override {
        auto answer = card_.transmit(command);
        const bool proof = command[1] == 0x88 || command[1] == 0x84 || command[1] == 0x82;
        if (proof && command.size() > 5)
            secrets.push_back(toHex(command.subspan(5)));
        if (answer && answer->size() > 6 && (proof || command[1] == 0xC0))
            heard.push_back(toHex(ByteView(*answer).first(answer->size() - 2)));
        if (answer && proof && answer->size() > 6)
            secrets.push_back(heard.back());
        return answer;
    }
    Result<void> reset() override { return card_.reset(); }
    Result<void> beginExclusive() override { return card_.beginExclusive(); }
    void endExclusive() override { card_.endExclusive(); }

    std::vector<std::string> secrets;
    std::vector<std::string> heard;

  private:
    hal::CardConnection& card_;
};

std::string hexOf(std::string_view text) {
    return toHex(asBytes(text));
}

// What a reading of this card must not leave in a trace, in the forms in which cards hold it.
std::vector<std::string> needles(const sim::CardSpec& spec, ByteView atr) {
    const auto number8 = spec.cardNumber8;
    return {hexOf(spec.socialSecurityNumber),
            hexOf(spec.socialSecurityNumber.substr(6, 8)), // birth
            hexOf(spec.socialSecurityNumber.substr(12)),
            toHex(social_security::textForCard(spec.name).value()),
            hexOf(number8),
            hexOf(number8.substr(2)),
            toHex(atr.last(4)), // serial number
            toHex(fromHex(std::string(pin)).value()),
            "97531f"};
}

// The reading of a card as text, from SELECT to PIN.
std::string traceOf(const sim::CardSpec& spec, World& world, std::vector<std::string>& mustNotShow) {
    auto card = world.card(spec);
    DirectConnection direct(card);
    Eavesdropper eavesdropper(direct);
    std::ostringstream out;
    TracedConnection traced(eavesdropper, out);
    Channel channel(traced);
    social_security::SocialSecurityCard application(channel, world.sam.get());
    const auto evidence = application.read();
    REQUIRE(evidence);
    REQUIRE(evidence->holder);
    CHECK_FALSE(application.verifyPin(Secret(toBytes(wrongPin))));
    REQUIRE(application.verifyPin(Secret(toBytes(pin))));
    mustNotShow = needles(spec, card->atr());
    mustNotShow.insert(mustNotShow.end(), eavesdropper.secrets.begin(), eavesdropper.secrets.end());
    const auto cardIdentifier = toHex(evidence->issuer.cardIdentifier);
    mustNotShow.push_back(cardIdentifier.substr(16));
    return out.str();
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string withTitle(const std::string& lines) {
    return "ykt-trace 1\n" + lines;
}

// The answer to each command as a trace shows it.
std::vector<std::string> answersOf(const std::vector<std::pair<std::string, std::string>>& exchanges) {
    TraceMasking masking;
    std::vector<std::string> found;
    for (const auto& [command, answer] : exchanges) {
        masking.command(fromHex(command).value());
        TraceStep step;
        step.command = shown(Bytes{0});
        step.answer = masking.answer(fromHex(answer).value());
        const auto text = formatTrace({{}, {step}});
        const auto begin = text.find("< ") + 2;
        found.push_back(text.substr(begin, text.size() - begin - 1));
    }
    return found;
}

const std::string selectSocialSecurity = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00";
const std::string selectTransit = "00A4040008A00000063201010500";
const std::string selectBank = "00A4040008A00000033301010100";

} // namespace

TEST_CASE("A trace of a whole reading shows nothing that names or proves") {
    World world;
    for (const auto version : {Version::v1_0, Version::v2_0, Version::v3_0})
        for (const auto algorithm : {Algorithm::triple_des, Algorithm::sm4})
            for (const auto interface : {sim::CardInterface::contact, sim::CardInterface::contactless}) {
                auto spec = World::person(version, algorithm);
                spec.interface = interface;
                spec.pin = pin;
                spec.cardNumber8 = "A7654321";
                std::vector<std::string> mustNotShow;
                const auto trace = lower(traceOf(spec, world, mustNotShow));
                CAPTURE(trace);
                REQUIRE(mustNotShow.size() > 10);
                for (const auto& needle : mustNotShow) {
                    CAPTURE(needle);
                    REQUIRE(needle.size() >= 6);
                    CHECK(trace.find(needle) == std::string::npos);
                }
                CHECK(trace.find(lower(selectSocialSecurity.substr(0, 40))) != std::string::npos);
                CHECK(trace.find("0304" + hexOf(version == Version::v3_0 ? "3.00" : "")) !=
                      std::string::npos);
                CHECK(parseTrace(trace));
            }
}

TEST_CASE(
    "A trace of a purchase, a bank application and a legacy card shows no number, balance, MAC or TAC") {
    for (const auto interface : {sim::CardInterface::contact, sim::CardInterface::contactless}) {
        World world;
        auto spec = World::person();
        spec.interface = interface;
        spec.purse.emplace();
        spec.purse->balanceFen = 0x123456;
        spec.financial.emplace();
        std::ostringstream out;
        DirectConnection card(world.card(spec));
        TracedConnection traced(card, out);
        Channel channel(traced);

        transit::TransitPurse purse(channel);
        Purchase purchase;
        purchase.kind = PurchaseKind::simple;
        purchase.amountFen = 0x0ABCDE;
        purchase.time = {0x20, 0x26, 0x11, 0x24, 0x08, 0x31, 0x47};
        const auto digits = fromHex(world.sam->terminalNumber()).value();
        std::ranges::copy(digits, purchase.terminal.begin());
        const auto evidence = purse.open().value();
        REQUIRE(purse.balance().value() == 0x123456);
        const auto start = purse.initialise(purchase).value();
        const auto sam = sam::SamPurchase::begin(*world.sam, purchase, start, evidence.card.issuer,
                                                 evidence.card.shortSerial());
        REQUIRE(sam);
        const auto proof = purse.debit(purchase, sam->authorisation());
        REQUIRE(proof);
        const auto counter = static_cast<std::uint16_t>(start.counter + 1);
        REQUIRE(purse.proof(purchase.kind, counter).value());
        REQUIRE_FALSE(purse.log().value().empty());
        REQUIRE(financial::readFinancial(channel));

        DirectConnection legacy(std::make_shared<sim::LegacyCard>(fromHex("A1B2C3D4").value()));
        TracedConnection tracedLegacy(legacy, out);
        Channel legacyChannel(tracedLegacy);
        REQUIRE(legacy::readUid(legacyChannel));

        const auto trace = lower(out.str());
        CAPTURE(trace);
        for (const auto& needle :
             {std::string("123456"), std::string("0abcde"), toHex(purchase.time), toHex(start.random),
              toHex(sam->authorisation().mac1), toHex(proof->tac), toHex(proof->mac2),
              toHex(evidence.card.shortSerial()), toHex(ByteView(evidence.card.serial).last(4)),
              spec.financial->accountNumber.substr(6), std::string("a1b2c3d4")}) {
            CAPTURE(needle);
            CHECK(trace.find(needle) == std::string::npos);
        }
        CHECK(trace.find("20240301") != std::string::npos); // the purse's start date
        CHECK(trace.find("5f24") != std::string::npos);
    }
}

TEST_CASE("Lengths, status words and the order of a session survive in its trace") {
    ScriptedConnection card([](ByteView command) -> Result<Bytes> {
        if (command[1] == 0x20)
            return fromHex("63C2");
        if (command[1] == 0x84)
            return fail(Reason::card_gone);
        return fromHex("0102039000");
    });
    hal::ManualClock clock(WallTime{});
    std::ostringstream out;
    TracedConnection traced(card, out, &clock);
    clock.advance(Milliseconds{7});
    CHECK(traced.transmit(fromHex("0020000003123456").value()));
    clock.advance(Milliseconds{1500});
    CHECK(traced.transmit(fromHex("00B2011C00").value()));
    CHECK(traced.reset());
    CHECK(traced.transmit(fromHex("0084000008").value()).error() == Reason::card_gone);
    CHECK(out.str() == "ykt-trace 1\n"
                       "atr 3b6d0000008153494d594b6401********\n"
                       "7 > 0020000003******\n"
                       "< 63c2\n"
                       "1507 > 00b2011c00\n"
                       "< ******9000\n"
                       "1507 reset\n"
                       "1507 > 0084000008\n"
                       "! card_gone\n");
}

TEST_CASE("An answer is shown by the application that was selected, and not without one") {
    const std::string version = "0304332E30309000";
    CHECK(answersOf({{"00B2032806", version}}) == std::vector<std::string>{"************9000"});
    CHECK(answersOf({{selectSocialSecurity, "6F0A8408A0000000000000019000"}, {"00B2032806", version}})[1] ==
          "0304332e30309000");
    // a SELECT that failed changes nothing, one of another application does
    CHECK(answersOf({{selectSocialSecurity, "9000"}, {selectTransit, "6A82"}, {"00B2032806", version}})[2] ==
          "0304332e30309000");
    CHECK(answersOf({{selectSocialSecurity, "9000"}, {selectTransit, "9000"}, {"00B2032806", version}})[2] ==
          "************9000");
    // EF05 by its identifier, then the current file
    CHECK(
        answersOf({{selectSocialSecurity, "9000"}, {"00A4020002EF05", "9000"}, {"00B2030006", version}})[2] ==
        "0304332e30309000");
    CHECK(
        answersOf({{selectSocialSecurity, "9000"}, {"00A4020002EF07", "9000"}, {"00B2030006", version}})[2] ==
        "************9000");
}

TEST_CASE("An answer through GET RESPONSE is shown like any other, but not one in pieces") {
    const std::string version = "0304332E30309000";
    CHECK(answersOf({{selectSocialSecurity, "9000"}, {"00B2032806", "6106"}, {"00C0000006", version}})[2] ==
          "0304332e30309000");
    CHECK(answersOf(
              {{selectSocialSecurity, "9000"}, {"00B2032806", "03046102"}, {"00C0000004", "332E30309000"}}) ==
          std::vector<std::string>{"9000", "****6102", "********9000"});
    // nor one to a GET RESPONSE that nothing announced
    CHECK(answersOf({{selectSocialSecurity, "9000"}, {"00B2032806", version}, {"00C0000006", version}})[2] ==
          "************9000");
}

TEST_CASE(
    "A purse's FCI and file 15 show issuer and dates, not the serial number; logs and balances nothing") {
    const std::string file15 = "01011000FFFFFFFF0102"
                               "03104870123456789012"
                               "2024010120340228"
                               "0000";
    const std::string shown15 = "01011000ffffffff0102"
                                "********************"
                                "2024010120340228"
                                "****";
    const auto found =
        answersOf({{selectTransit, "6F318408A000000632010105A5259F0801029F0C1E" + file15 + "9000"},
                   {"00B095001E", file15 + "9000"},
                   {"00B0950A0A", "031048701234567890129000"},
                   {"00B097000C", "0156000164008700010001AA9000"},
                   {"00B201C417", std::string(46, '1') + "9000"},
                   {"805C000204", "000003E89000"}});
    CHECK(found[0] == "6f318408a000000632010105a5259f0801029f0c1e" + shown15 + "9000");
    CHECK(found[1] == shown15 + "9000");
    CHECK(found[2] == "********************9000");
    CHECK(found[3] == "0156000164008700010001**9000");
    CHECK(found[4] == std::string(46, '*') + "9000");
    CHECK(found[5] == "********9000");
}

TEST_CASE("A bank application shows its structure, a legacy card nothing") {
    const auto found = answersOf({{selectBank, "6F128408A000000333010101A5065004554E49509000"},
                                  {"00B2011400", "70135A0862172345678901235F24032812315F3400"
                                                 "9000"},
                                  {"80CA9F7900", "9F79060000000123459000"},
                                  {"00B2011400", "621723456789012390009000"},
                                  {"FFCA000000", "0A1B2C3D9000"}});
    CHECK(found[0] == "6f128408a000000333010101a5065004554e49509000");
    CHECK(found[1] == "70135a08****************5f24032812315f34009000");
    CHECK(found[2] == "9f7906************9000");
    CHECK(found[3] == "********************9000");
    CHECK(found[4] == "********9000");
}

TEST_CASE("Objects nested as deep as a card likes hide nothing in front of the masking") {
    std::string nested = "5A03123456";
    for (int i = 0; i < 12; ++i) {
        const auto size = toHex(Bytes{static_cast<std::uint8_t>(nested.size() / 2)});
        nested = (i == 11 ? "6F" : "A5") + size + nested;
    }
    CHECK(answersOf({{selectBank, nested + "9000"}})[0] == std::string(nested.size(), '*') + "9000");
}

TEST_CASE("A trace that is read back is the trace that was written") {
    Trace trace{shown(fromHex("3B6D00").value()), {}};
    trace.atr.emplace_back();
    auto& steps = trace.steps;
    steps.resize(4);
    steps[0].ms = 12;
    steps[0].command = shown(fromHex("00A40400").value());
    steps[0].answer = shown(fromHex("9000").value());
    steps[1].command = {0x00, 0x20, 0x00, 0x00, 0x01, std::nullopt};
    steps[1].failure = Reason::card_gone;
    steps[2].kind = TraceStep::Kind::reset;
    steps[3].kind = TraceStep::Kind::reset;
    steps[3].ms = 0;
    steps[3].failure = Reason::card_mute;
    const auto read = parseTrace(formatTrace(trace));
    REQUIRE(read);
    CHECK(*read == trace);
    CHECK(parseTrace(withTitle("# a card\natr 3B 6D 00\n\n# first\n> 00 a4 ** 00\n# between\n< 90 00\n"))
              ->steps[0]
              .command[2] == std::nullopt);
}

TEST_CASE("The reader of traces names the line that it cannot understand, never its content") {
    const std::vector<std::pair<std::string, int>> broken{
        {"", 1},
        {"ykt-trace 2\n", 1},
        {"# comment\nykt-trace 1\n", 1},
        {withTitle(""), 2},
        {withTitle("> 00\n"), 2},
        {withTitle("atr 3B6\n"), 2},
        {withTitle("atr" + std::string(68, 'A') + "\n"), 2},
        {withTitle("atr 3B\n00A4\n"), 3},
        {withTitle("atr 3B\n# fine\n> \n"), 4},
        {withTitle("atr 3B\n> 00G4\n< 9000\n"), 3},
        {withTitle("atr 3B\n> 00A4\n> 00A4\n"), 4},
        {withTitle("atr 3B\n> 00A4\n< 90\n"), 4},
        {withTitle("atr 3B\n> 00A4\n! nonsense\n"), 4},
        {withTitle("atr 3B\n> 00A4\n! card_not_genuine\n"), 4},
        {withTitle("atr 3B\n> 00A4\n"), 4},
        {withTitle("atr 3B\n< 9000\n"), 3},
        {withTitle("atr 3B\nreset\n! card_gone\n! card_gone\n"), 5},
        {withTitle("atr 3B\n99999999999 > 00A4\n< 9000\n"), 3},
        {withTitle("atr 3B\n-1 > 00A4\n< 9000\n"), 3},
        {withTitle("atr 3B\n> 0**0\n< 9000\n"), 3},
        {withTitle("atr 3B\r\n"), 2},
    };
    for (const auto& [text, line] : broken) {
        CAPTURE(text);
        const auto trace = parseTrace(text);
        REQUIRE_FALSE(trace);
        CHECK(trace.error() == Reason::input_malformed);
        CHECK(trace.error().context.starts_with("trace line " + std::to_string(line) + ": expected "));
    }
}

TEST_CASE("The reader of traces keeps to its bounds") {
    CHECK_FALSE(parseTrace(std::string(maxTraceBytes + 1, '#')));
    const auto head = withTitle("atr 3B\n");
    CHECK(parseTrace(head + std::string(maxTraceLines - 2, '\n')));
    CHECK_FALSE(parseTrace(head + std::string(maxTraceLines - 1, '\n')));
    const std::string longest(2 * 65538, '0');
    CHECK(parseTrace(head + "> 00\n< " + longest + "\n"));
    CHECK_FALSE(parseTrace(head + "> 00\n< 00" + longest + "\n"));
}

TEST_CASE("Masked bytes match anything and are filled with digits") {
    const MaskedBytes pattern{0x01, std::nullopt, 0x03};
    CHECK(matches(pattern, Bytes{1, 2, 3}));
    CHECK(matches(pattern, Bytes{1, 0, 3}));
    CHECK_FALSE(matches(pattern, Bytes{1, 2, 4}));
    CHECK_FALSE(matches(pattern, Bytes{1, 2}));
    CHECK(filled(pattern) == Bytes{1, 0x30, 3});
}
