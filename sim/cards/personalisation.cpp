#include "sim/cards/personalisation.h"

#include "apdu/social_security/fields.h"
#include "apdu/social_security/text.h"
#include "sim/cards/digits.h"

#include <algorithm>

namespace ykt::sim {
namespace {

using apdu::social_security::Algorithm;
using apdu::social_security::Version;

tl::unexpected<Error> unfit(const char* field) {
    return fail(Reason::input_malformed, field);
}

// Fields collected under their tags; the first that does not fit is remembered.
class RecordWriter {
  public:
    // an: padded with 00.
    void characters(std::uint8_t tag, ByteView text, std::size_t size) {
        if (text.size() > size) {
            spoil();
            return;
        }
        Bytes value(text.begin(), text.end());
        value.resize(size);
        records_.push_back(tlv(tag, value));
    }
    // cn: padded with F.
    void digits(std::uint8_t tag, std::string_view text, std::size_t size) {
        const auto value = packedDigits(text, size);
        if (value)
            records_.push_back(tlv(tag, *value));
        else
            spoil();
    }
    void bytes(std::uint8_t tag, ByteView value) { records_.push_back(tlv(tag, value)); }

    [[nodiscard]] Result<ElementaryFile> file(std::uint16_t fid, std::optional<std::uint8_t> readKey) && {
        if (spoiled_)
            return unfit("a field does not fit its record");
        return ElementaryFile{fid, VariableRecords{std::move(records_)}, readKey};
    }

  private:
    void spoil() { spoiled_ = true; }

    std::vector<Bytes> records_;
    bool spoiled_ = false;
};

std::string_view versionText(Version version) {
    switch (version) {
    case Version::v1_0:
        return "1.00";
    case Version::v2_0:
        return "2.00";
    case Version::v3_0:
        return "3.00";
    }
    return {};
}

// City ‖ D156000005 ‖ serial number ‖ authentication code, which the issuer leaves at F.
Bytes cardIdentifier(ByteView city, std::uint32_t serial) {
    auto out = concat({city, Bytes{0xD1, 0x56, 0x00, 0x00, 0x05}});
    appendBigEndian(out, serial, 4);
    return concat({out, Bytes(4, 0xFF)});
}

Result<ElementaryFile> issuerFile(const CardSpec& spec, std::uint32_t serial) {
    const auto city = packedDigits(spec.cityCode, 3);
    if (!city || spec.cityCode.size() != 6)
        return unfit("city code");
    const auto check = apdu::social_security::cardNumberCheckCharacter(spec.cardNumber8);
    if (!check)
        return unfit("card number");
    RecordWriter writer;
    writer.bytes(0x01, cardIdentifier(*city, serial));
    writer.characters(0x02, asBytes(std::string(1, spec.cardClass)), 1);
    writer.characters(0x03, asBytes(versionText(spec.version)), 4);
    writer.bytes(0x04, concat({Bytes{0x91, 0x56, 0x00, 0x00, 0x02}, *city, *city, Bytes{0x01}}));
    writer.digits(0x05, dateDigits(spec.issued), 4);
    writer.digits(0x06, dateDigits(spec.expires), 4);
    writer.characters(0x07, asBytes(spec.cardNumber8 + *check), 9);
    return std::move(writer).file(0xEF05, std::nullopt);
}

Result<ElementaryFile> holderFile(const CardSpec& spec) {
    constexpr std::size_t nameSize = 0x1E;
    const auto encoded = apdu::social_security::textForCard(spec.name);
    if (!encoded)
        return failWith(encoded);
    if (encoded->empty() || spec.socialSecurityNumber.empty())
        return unfit("name or social security number is empty");
    const ByteView name(*encoded);
    const auto first = name.first(std::min(nameSize, name.size()));
    RecordWriter writer;
    writer.characters(0x08, asBytes(spec.socialSecurityNumber), 0x12);
    // 1.0 has no second record for a name: one that is too long does not fit
    writer.characters(0x09, spec.version == Version::v1_0 ? name : first, nameSize);
    if (spec.version != Version::v1_0)
        writer.characters(0x4E, name.subspan(first.size()), 0x14);
    writer.characters(0x0A, asBytes("9"), 1); // sex: not stated
    writer.digits(0x0B, "97", 1);             // people: other
    writer.digits(0x0C, spec.cityCode, 3);
    const bool citizen = spec.socialSecurityNumber.size() == 18;
    writer.digits(0x0D, citizen ? spec.socialSecurityNumber.substr(6, 8) : "", 4);
    const bool guarded = spec.version == Version::v3_0;
    return std::move(writer).file(0xEF06, guarded ? std::optional(readingKeyId) : std::nullopt);
}

// 9F0C 03 86 01 xx as on cards of the third generation; older ones name their algorithm only where the
// rule by city would say another one.
Bytes proprietaryInformation(const CardSpec& spec) {
    const Bytes directory{0x88, 0x01, 0x1E};
    const auto byRule = spec.cityCode.starts_with("11") ? Algorithm::ssf33 : Algorithm::triple_des;
    if (spec.version != Version::v3_0 && spec.algorithm == byRule)
        return directory;
    const auto number = static_cast<std::uint8_t>(spec.algorithm == Algorithm::triple_des ? 1
                                                  : spec.algorithm == Algorithm::ssf33    ? 2
                                                                                          : 3);
    return concat({directory, Bytes{0x9F, 0x0C, 0x03, 0x86, 0x01, number}});
}

Directory emptyDirectory(std::uint16_t fid, std::uint8_t aidEnd) {
    Directory directory;
    directory.fid = fid;
    directory.name = {0xD1, 0x56, 0x00, 0x00, 0x05, aidEnd};
    return directory;
}

} // namespace

Bytes historicalBytes(std::string_view cityCode, std::uint32_t serial) {
    // "SIM" where a real card names its software, "YK" where it names its maker
    Bytes out{0x00, 0x81, 0x53, 0x49, 0x4D, 0x59, 0x4B};
    const auto region = packedDigits(cityCode.substr(0, 4), 2).value_or(Bytes(2, 0xFF));
    out.insert(out.end(), region.begin(), region.end());
    appendBigEndian(out, serial, 4);
    return out;
}

Bytes answerToReset(CardInterface interface, ByteView historical) {
    const auto count = static_cast<std::uint8_t>(historical.size());
    if (interface == CardInterface::contact)
        return concat({Bytes{0x3B, static_cast<std::uint8_t>(0x60 | count), 0x00, 0x00}, historical});
    auto atr = concat({Bytes{0x3B, static_cast<std::uint8_t>(0x80 | count), 0x80, 0x01}, historical});
    std::uint8_t check = 0;
    for (const auto byte : ByteView(atr).subspan(1))
        check ^= byte;
    atr.push_back(check);
    return atr;
}

Result<Directory> socialSecurityApplication(const CardSpec& spec, std::uint32_t serial) {
    auto issuer = issuerFile(spec, serial);
    if (!issuer)
        return failWith(issuer);
    auto holder = holderFile(spec);
    if (!holder)
        return failWith(holder);
    const auto pin = packedDigits(spec.pin, (spec.pin.size() + 1) / 2);
    if (!pin || spec.pin.size() < 4 || spec.pin.size() > 12)
        return unfit("PIN");

    Directory application;
    application.fid = 0xDDF1;
    application.name = {0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9,
                        0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
    application.proprietary = proprietaryInformation(spec);
    application.files = {std::move(*issuer), std::move(*holder),
                         ElementaryFile{0xEF07, Transparent{Bytes(0x300)}, readingKeyId},
                         ElementaryFile{0xEF08, Transparent{Bytes(0x1000)}, readingKeyId}};
    for (const auto& [fid, aidEnd] :
         {std::pair{0xDF01, 0x00}, {0xDF02, 0x01}, {0xDF03, 0x02}, {0xDF04, 0x03}, {0xDF07, 0x04}})
        application.children.push_back(
            emptyDirectory(static_cast<std::uint16_t>(fid), static_cast<std::uint8_t>(aidEnd)));
    application.pin = PinSlot{Secret::copyOf(*pin)};
    return application;
}

} // namespace ykt::sim
