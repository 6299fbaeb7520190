// EF05 and EF06: splitting into records, and the values of their fields.
#include "apdu/social_security/fields.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::apdu::social_security;

namespace {

Bytes encoded(const Records& records) {
    Bytes out;
    for (const auto& [tag, value] : records) {
        out.push_back(static_cast<std::uint8_t>(tag));
        out.push_back(static_cast<std::uint8_t>(value.size()));
        out.insert(out.end(), value.begin(), value.end());
    }
    return out;
}

void splitAndJoin(ByteView file, bool mayBeCut) {
    const auto records = splitRecords(file, mayBeCut);
    if (!records) {
        fuzz::hold(records.error() == Reason::card_data_malformed);
        return;
    }
    for (const auto& [tag, value] : *records)
        fuzz::hold(value.size() <= valueSize(tag));
    const auto again = splitRecords(encoded(*records), false);
    fuzz::hold(again.has_value() && *again == *records);
    const auto issuer = issuerDataFrom(*records);
    if (!issuer)
        return;
    fuzz::hold(issuer->cityCode.size() == 6 && issuer->cardNumber.size() == 9);
    fuzz::hold(!issuer->issued || issuer->issued->ok());
    fuzz::hold(!issuer->expires || issuer->expires->ok());
}

} // namespace

YKT_FUZZ_TARGET(input) {
    splitAndJoin(input, false);
    splitAndJoin(input, true);
    for (const auto tag : {Tag::social_security_number, Tag::name, Tag::name_continued})
        if (const auto value = recordValue(input, tag)) {
            fuzz::hold(value->size() <= valueSize(tag));
            if (const auto number = socialSecurityNumberFrom(*value))
                fuzz::hold(!number->reveal().empty() && number->reveal().size() <= value->size());
        }
    auto rest = input;
    const auto name = fuzz::takeCounted(rest);
    nameMayContinue(name);
    if (const auto text = nameFrom(name, rest))
        for (const char c : text->reveal())
            fuzz::hold(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}
