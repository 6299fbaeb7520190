#include "sim/cards/purse_personalisation.h"

#include "sim/cards/digits.h"
#include "sim/cards/virtual_purse.h"

#include <algorithm>

namespace ykt::sim {
namespace {

constexpr std::uint64_t largestBalance = 0x7FFFFFFF; // readers drop the top bit
constexpr std::uint32_t largestOverdraft = 0xFFFFFF;
constexpr std::size_t compositeSize = 128;
// No terminal has a reason to read the holder's file: a key that nobody holds guards it.
constexpr std::uint8_t keyOfNobody = 0xFF;

// Issuer ‖ type ‖ version ‖ serial ‖ start ‖ expiry ‖ two bytes of the issuer's own.
Bytes publicInformation(const PurseSpec& spec, std::uint32_t serial) {
    return concat({spec.issuer, Bytes{0x01, 0x01}, purseSerial(serial), packedDate(spec.start),
                   packedDate(spec.expires), Bytes{spec.cardType, 0x00}});
}

// International code ‖ province ‖ city ‖ interoperable ‖ card type ‖ the rest of 60 bytes.
Bytes managementInformation(const PurseSpec& spec, ByteView city) {
    auto out = concat({Bytes{0x00, 0x00, 0x01, 0x56, 0x64, 0x00}, city,
                       Bytes{0x00, static_cast<std::uint8_t>(spec.interoperable ? 0x01 : 0x00)},
                       Bytes{spec.cardType}});
    out.resize(60);
    return out;
}

// Number ‖ length of what follows ‖ 01 01; nothing else yet.
Bytes emptyComposite(std::uint8_t number) {
    Bytes out{0x27, number, 0x7D, 0x01, 0x01};
    out.resize(compositeSize);
    return out;
}

} // namespace

ByteArray<10> purseSerial(std::uint32_t serial) {
    // 0 9999 64 and the serial number; 9999 is nobody's
    auto digits = std::to_string(serial);
    digits.insert(0, 20 - digits.size(), '0');
    digits.replace(0, 7, "0999964");
    ByteArray<10> out{};
    std::ranges::copy(packedDigits(digits, out.size()).value(), out.begin());
    return out;
}

ByteArray<8> shortPurseSerial(std::uint32_t serial) {
    ByteArray<8> out{};
    std::ranges::copy(ByteView(purseSerial(serial)).last(8), out.begin());
    return out;
}

Result<Directory> transitApplication(const PurseSpec& spec, std::uint32_t serial, PurseKeys keys) {
    const auto city = packedDigits(spec.city, 2);
    if (!city || spec.city.size() != 4)
        return fail(Reason::input_malformed, "purse: city");
    if (spec.overdraftFen > largestOverdraft ||
        std::uint64_t{spec.balanceFen} + spec.overdraftFen > largestBalance)
        return fail(Reason::input_malformed, "purse: balance or overdraft");
    const auto publicFileContent = publicInformation(spec, serial);

    Directory application;
    application.fid = 0xDDF2;
    // the instance of one card issuer below the RID and PIX that are selected in part
    application.name = {0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05,
                        0x10, 0x00, 0x91, 0x56, 0x00, 0x00, 0x14, 0xA1};
    application.proprietary = tlv(0x9F08, Bytes{0x02});
    if (spec.publicFileInFci)
        application.proprietary = concat({application.proprietary, tlv(0x9F0C, publicFileContent)});
    application.files = {
        ElementaryFile{publicFile, Transparent{publicFileContent}, std::nullopt},
        ElementaryFile{holderFile, Transparent{Bytes(55)}, keyOfNobody},
        ElementaryFile{managementFile, Transparent{managementInformation(spec, *city)}, std::nullopt},
        ElementaryFile{logFile, CyclicRecords{23, 10, {}}, std::nullopt},
        ElementaryFile{compositeFile, VariableRecords{{emptyComposite(1), emptyComposite(2)}}, std::nullopt},
        ElementaryFile{tripFile, CyclicRecords{48, 30, {}}, std::nullopt}};
    application.purse = std::make_shared<VirtualPurse>(
        PurseState{spec.balanceFen, spec.overdraftFen, spec.counter, PurseLock::open}, std::move(keys));
    return application;
}

} // namespace ykt::sim
