// What a card says first: its answer to reset, and its answer to SELECT.
#include "apdu/atr.h"
#include "apdu/tlv.h"
#include "apdu/transit/files.h"
#include "base/hex.h"
#include "firmware/identity/id_number.h"
#include "tools/yktctl/card_names.h"
#include "tools/yktctl/run.h"

namespace ykt::tools {
namespace {

struct HexOption {
    std::string hex;
};

std::string hexOf(std::uint32_t value) {
    Bytes bytes;
    appendBigEndian(bytes, value, value > 0xFFFF ? 3 : value > 0xFF ? 2 : 1);
    return toHex(bytes);
}

Ending printMalformed(const Error& error) {
    printLine({{"error", nameOf(error.reason)}, {"context", error.context}});
    return Ending::no;
}

// T1..TD of a social security card (LD/T 32 part 2, table 16). Any thirteen bytes are read so: only the
// application tells whether the card is one.
Json socialSecurityHistory(ByteView bytes) {
    constexpr std::size_t size = 13;
    if (bytes.size() != size)
        return nullptr;
    const auto area = toHex(bytes.subspan(7, 2));
    return {{"chip", toHex(bytes.first(2))},       {"card_software", toHex(bytes.subspan(2, 3))},
            {"maker", toHex(bytes.subspan(5, 2))}, {"area", area},
            {"region", orNull(ningxiaName(area))}, {"serial", "********"}};
}

Json storageCard(ByteView bytes) {
    const auto card = apdu::storageCardFrom(bytes);
    if (!card)
        return nullptr;
    Bytes name;
    appendBigEndian(name, card->name, 2);
    return {{"rid", "a000000306"},
            {"standard", hexOf(card->standard)},
            {"standard_name", orNull(nameOfStandard(card->standard))},
            {"card", toHex(name)},
            {"card_name", orNull(nameOfStorageCard(card->name))}};
}

// PC/SC part 3, 3.1.3.2: TD1 80 and TD2 01, and a check byte, whatever the card was.
bool madeByContactlessReader(const apdu::Atr& atr) {
    const auto& bytes = atr.interfaceBytes;
    return bytes.size() == 2 && bytes[0].letter == 'D' && bytes[0].value == 0x80 && bytes[1].letter == 'D' &&
           bytes[1].value == 0x01;
}

Json jsonOf(const apdu::Atr& atr) {
    Json interfaceBytes = Json::object();
    for (const auto& byte : atr.interfaceBytes)
        interfaceBytes[std::string("T") + byte.letter + std::to_string(byte.group)] = hexOf(byte.value);
    const auto masked = socialSecurityHistory(atr.historical);
    const auto history = toHex(atr.historical);
    constexpr std::size_t serialDigits = 8;
    return {{"ts", hexOf(atr.initial)},
            {"convention", atr.initial == 0x3B ? "direct" : "inverse"},
            {"t0", hexOf(atr.format)},
            {"interface_bytes", interfaceBytes},
            {"protocols", atr.protocols},
            {"contactless", madeByContactlessReader(atr)},
            {"historical", masked.is_null() ? history
                                            : history.substr(0, history.size() - serialDigits) +
                                                  std::string(serialDigits, '*')},
            {"social_security", masked},
            {"storage_card", storageCard(atr.historical)},
            {"check", !atr.check         ? Json(nullptr)
                      : masked.is_null() ? Json(hexOf(*atr.check))
                                         : Json("**")},
            {"check_holds", atr.checkHolds}};
}

Ending decodeAtr(const HexOption& options) {
    const auto bytes = fromHex(options.hex);
    if (!bytes)
        return complain(bytes.error());
    const auto atr = apdu::parseAtr(*bytes);
    if (!atr)
        return printMalformed(atr.error());
    printLine(jsonOf(*atr));
    return Ending::done;
}

std::string dateText(const std::optional<std::chrono::year_month_day>& date) {
    if (!date)
        return {};
    const auto number = static_cast<int>(date->year()) * 10000 +
                        static_cast<int>(static_cast<unsigned>(date->month())) * 100 +
                        static_cast<int>(static_cast<unsigned>(date->day()));
    return std::to_string(number).insert(6, "-").insert(4, "-");
}

Json purseInformation(ByteView value) {
    const auto file = apdu::transit::publicInformationFrom(value);
    if (!file)
        return {{"error", nameOf(file.error().reason)}};
    return {{"issuer", toHex(file->issuer)},
            {"application_type", file->applicationType},
            {"application_version", file->applicationVersion},
            {"serial", firmware::identity::maskIdNumber(file->cardNumber().reveal())},
            {"start", orNull(dateText(file->start))},
            {"expires", orNull(dateText(file->expires))}};
}

std::string algorithmName(ByteView value) {
    using apdu::social_security::Algorithm;
    if (value.size() != 1 || value[0] < 1 || value[0] > 3)
        return {};
    return nameOf(static_cast<Algorithm>(value[0] - 1)); // 01 DES, 02 SSF33, 03 SM4
}

Json jsonOf(const apdu::Tlv& object);

// 9F0C holds what its issuer likes: a social security card's algorithm, a purse's file 15, or neither.
void addDiscretionary(Json& out, ByteView value) {
    constexpr std::size_t purseFileSize = 30;
    constexpr std::uint32_t algorithm = 0x86;
    if (value.size() == purseFileSize) {
        out["value"] = nullptr; // it has the serial number in it
        out["purse"] = purseInformation(value);
        return;
    }
    const auto inner = apdu::parseTlv(value);
    const auto* const named = inner ? apdu::findTlv(*inner, algorithm) : nullptr;
    if (named == nullptr)
        return;
    out["algorithm"] = orNull(algorithmName(named->value));
    for (const auto& object : *inner)
        out["children"].push_back(jsonOf(object));
}

Json jsonOf(const apdu::Tlv& object) {
    constexpr std::uint32_t discretionary = 0x9F0C;
    Json out{{"tag", hexOf(object.tag)},
             {"name", orNull(nameOfTag(object.tag))},
             {"length", object.value.size()},
             {"value", object.children.empty() ? Json(toHex(object.value)) : Json(nullptr)},
             {"children", Json::array()}};
    for (const auto& child : object.children)
        out["children"].push_back(jsonOf(child));
    if (object.tag == discretionary)
        addDiscretionary(out, object.value);
    return out;
}

Ending decodeFci(const HexOption& options) {
    constexpr std::uint32_t fileControlInformation = 0x6F;
    const auto bytes = fromHex(options.hex);
    if (!bytes)
        return complain(bytes.error());
    const auto objects = apdu::parseTlv(*bytes);
    if (!objects)
        return printMalformed(objects.error());
    if (objects->size() != 1 || objects->front().tag != fileControlInformation)
        return printMalformed({Reason::tlv_malformed, "not one object of tag 6f"});
    printLine(jsonOf(objects->front()));
    return Ending::done;
}

} // namespace

void addCardHeaderCommands(CLI::App& app, Run& run) {
    const auto options = std::make_shared<HexOption>();
    auto& atr = *app.add_subcommand("decode-atr", "Take an answer to reset apart");
    atr.add_option("HEX", options->hex, "The ATR in hexadecimal")->required();
    atr.footer(
        "Serial numbers are covered.\nExample:\n  yktctl decode-atr 3B6D0000008153494D594B640151000001");
    onChosen(atr, run, options, decodeAtr);

    auto& fci = *app.add_subcommand("decode-fci", "Take the answer to SELECT apart, without its status word");
    fci.add_option("HEX", options->hex, "The FCI in hexadecimal")->required();
    fci.footer("Serial numbers are covered.\n"
               "Example:\n  yktctl decode-fci 6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103");
    onChosen(fci, run, options, decodeFci);
}

} // namespace ykt::tools
