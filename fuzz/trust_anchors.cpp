// Bodies of the bulletin "trust_anchors": every key that is listed is found under its format and index, and
// holds for a time.
#include "firmware/identity/trust_anchors.h"
#include "base/hex.h"
#include "fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace ykt;
using qr::CodeFormat;

YKT_FUZZ_TARGET(input) {
    const auto anchors = firmware::identity::parseTrustAnchors(toText(input));
    if (!anchors) {
        fuzz::hold(anchors.error() == Reason::bulletin_malformed);
        return;
    }
    const auto plain = nlohmann::json::parse(toText(input))["ca_keys"];
    fuzz::hold(anchors->empty() == plain.empty());
    for (const auto& entry : plain)
        for (const auto format : {CodeFormat::transit_code, CodeFormat::fusion_code}) {
            if (entry.contains("format") && entry["format"] != std::string(qr::nameOf(format)))
                continue;
            const auto keys = anchors->find(format, fromHex(entry["index"].get<std::string>())->front());
            fuzz::hold(!keys.empty() && keys.size() <= plain.size());
            for (const auto& key : keys)
                fuzz::hold(!key.notBefore || !key.notAfter || *key.notBefore < *key.notAfter);
        }
    fuzz::hold(anchors->find(CodeFormat::electronic_card_code, 0).empty()); // nobody signs such codes
}
