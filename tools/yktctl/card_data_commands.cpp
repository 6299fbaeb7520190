// What cards and terminals say to each other, taken apart: BER-TLV and APDUs.
#include "apdu/command.h"
#include "apdu/tlv.h"
#include "base/hex.h"
#include "tools/yktctl/apdu_names.h"
#include "tools/yktctl/card_names.h"
#include "tools/yktctl/json.h"
#include "tools/yktctl/run.h"

namespace ykt::tools {
namespace {

struct CardDataOptions {
    std::string hex;
    bool response = false;
};

std::string hexOf(std::uint32_t value, std::size_t size) {
    Bytes bytes;
    appendBigEndian(bytes, value, size);
    return toHex(bytes);
}

std::size_t sizeOfTag(std::uint32_t tag) {
    return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

Json jsonOf(const apdu::Tlv& object) {
    Json children = Json::array();
    for (const auto& child : object.children)
        children.push_back(jsonOf(child));
    return {{"tag", hexOf(object.tag, sizeOfTag(object.tag))},
            {"length", object.value.size()},
            {"value", toHex(object.value)},
            {"children", children}};
}

Json jsonOf(const apdu::Command& command, ByteView encoded) {
    const bool extended = encoded.size() > 5 && encoded[4] == 0; // ISO 7816-4, 5.1: a zero byte leads
    const int number = (command.data.empty() ? 1 : 3) + (command.expected ? 1 : 0);
    const auto form = number == 1 ? "1" : std::to_string(number) + (extended ? "E" : "S");
    return {{"kind", "command"},
            {"case", form},
            {"cla", hexOf(command.cla, 1)},
            {"ins", hexOf(command.ins, 1)},
            {"p1", hexOf(command.p1, 1)},
            {"p2", hexOf(command.p2, 1)},
            {"lc", command.data.empty() ? Json(nullptr) : Json(command.data.size())},
            {"data", toHex(command.data)},
            {"le", command.expected ? Json(*command.expected) : Json(nullptr)},
            {"name", orNull(nameOfCommand(command))}};
}

Json jsonOf(const apdu::Response& response) {
    return {{"kind", "response"},
            {"data", toHex(response.data)},
            {"sw", hexOf(response.status, 2)},
            {"meaning", orNull(meaningOf(response.status))}};
}

// The answer about malformed input is an answer: it goes to stdout.
Ending printMalformed(const Error& error) {
    printLine({{"error", nameOf(error.reason)}, {"context", error.context}});
    return Ending::no;
}

Ending decodeTlv(const CardDataOptions& options) {
    const auto bytes = fromHex(options.hex);
    if (!bytes)
        return complain(bytes.error());
    const auto objects = apdu::parseTlv(*bytes);
    if (!objects)
        return printMalformed(objects.error());
    for (const auto& object : *objects)
        printLine(jsonOf(object));
    return Ending::done;
}

Ending decodeApdu(const CardDataOptions& options) {
    const auto bytes = fromHex(options.hex);
    if (!bytes)
        return complain(bytes.error());
    if (options.response) {
        const auto response = apdu::Response::decode(*bytes);
        if (!response)
            return printMalformed(response.error());
        printLine(jsonOf(*response));
        return Ending::done;
    }
    const auto command = apdu::Command::decode(*bytes);
    if (!command)
        return printMalformed(command.error());
    printLine(jsonOf(*command, *bytes));
    return Ending::done;
}

} // namespace

void addCardDataCommands(CLI::App& app, Run& run) {
    const auto options = std::make_shared<CardDataOptions>();
    auto& tlv = *app.add_subcommand("decode-tlv", "Take BER-TLV objects apart");
    tlv.add_option("HEX", options->hex, "The objects in hexadecimal")->required();
    tlv.footer("Example:\n  yktctl decode-tlv 6F098407A0000000031010");
    onChosen(tlv, run, options, decodeTlv);

    auto& apdu = *app.add_subcommand("decode-apdu", "Take an APDU apart; lc and le are numbers of bytes");
    apdu.add_option("HEX", options->hex, "The APDU in hexadecimal")->required();
    apdu.add_flag("--response", options->response, "It is a card's response");
    apdu.footer("Example:\n  yktctl decode-apdu 00B2072C0B\n  yktctl decode-apdu --response 6A83");
    onChosen(apdu, run, options, decodeApdu);
}

} // namespace ykt::tools
