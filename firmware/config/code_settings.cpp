#include "firmware/config/code_settings.h"

#include "base/hex.h"
#include "firmware/config/forms.h"

#include <algorithm>

namespace ykt::firmware::config {
namespace {

template <typename Duration>
void readDuration(TableReader& table, const std::string& key, std::int64_t least, std::int64_t most,
                  Duration& into) {
    if (table.given(key))
        into = Duration{table.integer(key, least, most)};
}

ByteArray<4> issuerOf(const std::string& digits) {
    ByteArray<4> issuer{};
    if (const auto bytes = fromHex(digits); bytes && bytes->size() == issuer.size())
        std::ranges::copy(*bytes, issuer.begin());
    return issuer;
}

} // namespace

CodeSettings readCodes(TableReader table) {
    CodeSettings codes;
    auto& [transit, fusion] = codes.limits;
    readDuration(table, "ahead_of_terminal_s", 0, 600, transit.aheadOfTerminal);
    fusion.aheadOfTerminal = transit.aheadOfTerminal;
    readDuration(table, "longest_validity_s", 10, 86'400, transit.longestValidity);
    fusion.longestValidity = transit.longestValidity;
    readDuration(table, "longest_emergency_validity_s", 60, 604'800, fusion.longestEmergencyValidity);
    if (table.given("local_time_issuers"))
        for (const auto& issuer : table.texts("local_time_issuers", forms::transitIssuer))
            transit.localTimeIssuers.push_back(issuerOf(issuer));
    readDuration(table, "same_account_s", 0, 60, codes.sameAccount);
    readDuration(table, "frame_budget_us", 1'000, 1'000'000, codes.frameBudget);
    table.close();
    return codes;
}

OnlineVerifierSettings readOnlineVerifier(TableReader table) {
    OnlineVerifierSettings verifier;
    readDuration(table, "timeout_ms", 100, 10'000, verifier.timeout);
    if (table.given("business_type"))
        verifier.businessType = table.text("business_type", forms::businessType);
    table.close();
    return verifier;
}

} // namespace ykt::firmware::config
