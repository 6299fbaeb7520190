// BER-TLV: what was parsed and is written again in the shortest form is parsed to the same objects.
#include "apdu/tlv.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using apdu::Tlv;

namespace {

std::size_t countOf(const std::vector<Tlv>& objects) {
    std::size_t count = objects.size();
    for (const auto& object : objects)
        count += countOf(object.children);
    return count;
}

Bytes encoded(const std::vector<Tlv>& objects) {
    Bytes out;
    for (const auto& object : objects) {
        appendBigEndian(out, object.tag, object.tag > 0xFFFF ? 3 : object.tag > 0xFF ? 2 : 1);
        const auto value = object.children.empty() ? object.value : encoded(object.children);
        if (value.size() < 0x80) {
            appendBigEndian(out, value.size(), 1);
        } else {
            out.push_back(0x83);
            appendBigEndian(out, value.size(), 3);
        }
        out.insert(out.end(), value.begin(), value.end());
    }
    return out;
}

bool same(const std::vector<Tlv>& a, const std::vector<Tlv>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tlv& left, const Tlv& right) {
        const bool valueToo = left.children.empty(); // that of others was written anew
        return left.tag == right.tag && same(left.children, right.children) &&
               (!valueToo || left.value == right.value);
    });
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto objects = apdu::parseTlv(input);
    if (!objects) {
        fuzz::hold(objects.error() == Reason::tlv_malformed);
        return;
    }
    fuzz::hold(countOf(*objects) <= apdu::maxTlvObjects);
    for (const auto& object : *objects)
        fuzz::hold(apdu::findTlv(*objects, object.tag) != nullptr && object.value.size() <= input.size());
    const auto again = encoded(*objects);
    if (again.size() > apdu::maxTlvBytes)
        return;
    const auto reparsed = apdu::parseTlv(again);
    fuzz::hold(reparsed.has_value() && same(*objects, *reparsed));
}
