#include "firmware/config/settings.h"
#include "tests/config/profile_folder.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// The gate's profile with `part` in the place of its online verifier.
class CodeFolder : public ProfileFolder {
  public:
    [[nodiscard]] Result<config::Settings> tryLoad(const std::string& part) const {
        const auto whole = text("gate.toml");
        const auto verifier = whole.find("[online_verifier]");
        const auto actuators = whole.find("[actuators]");
        REQUIRE(verifier < actuators);
        REQUIRE(actuators != std::string::npos);
        write("codes.toml", whole.substr(0, verifier) + part + "\n" + whole.substr(actuators));
        return config::load(at("codes.toml"));
    }
    [[nodiscard]] config::Settings load(const std::string& part) const {
        auto settings = tryLoad(part);
        INFO((settings ? std::string() : explain(settings.error())));
        REQUIRE(settings);
        return std::move(*settings);
    }
};

const std::string everything = R"([codes]
ahead_of_terminal_s = 30
longest_validity_s = 600
longest_emergency_validity_s = 7200
local_time_issuers = ["03664530", "0000000A"]
same_account_s = 5
frame_budget_us = 8000

[online_verifier]
timeout_ms = 500
business_type = "03"
)";

} // namespace

TEST_CASE("codes are judged by the standard's usual limits where a profile says nothing") {
    const auto settings = CodeFolder{}.load("[codes]");
    CHECK(settings.codes.limits.transit.aheadOfTerminal == 20s);
    CHECK(settings.codes.limits.transit.longestValidity == 1200s);
    CHECK(settings.codes.limits.transit.localTimeIssuers.empty());
    CHECK(settings.codes.limits.fusion.longestEmergencyValidity == 24h);
    CHECK(settings.codes.sameAccount == 2s);
    CHECK(settings.codes.frameBudget == 15ms);
    const auto verifier = CodeFolder{}.load("[online_verifier]").onlineVerifier;
    REQUIRE(verifier);
    CHECK(verifier->timeout == 800ms);
    CHECK(verifier->businessType == "02");
}

TEST_CASE("what is told about codes and their verifier replaces the defaults, for every format") {
    const auto settings = CodeFolder{}.load(everything);
    const auto& [transit, fusion] = settings.codes.limits;
    CHECK(transit.aheadOfTerminal == 30s);
    CHECK(fusion.aheadOfTerminal == 30s);
    CHECK(transit.longestValidity == 600s);
    CHECK(fusion.longestValidity == 600s);
    CHECK(fusion.longestEmergencyValidity == 2h);
    CHECK(transit.localTimeIssuers ==
          std::vector<ByteArray<4>>{{0x03, 0x66, 0x45, 0x30}, {0x00, 0x00, 0x00, 0x0A}});
    CHECK(settings.codes.sameAccount == 5s);
    CHECK(settings.codes.frameBudget == 8ms);
    REQUIRE(settings.onlineVerifier);
    CHECK(settings.onlineVerifier->timeout == 500ms);
    CHECK(settings.onlineVerifier->businessType == "03");
}

TEST_CASE("what is wrong with the settings of codes is named with its remedy") {
    struct Case {
        std::string before;
        std::string after;
        std::string complaint;
    };
    const std::vector<Case> cases{
        {"ahead_of_terminal_s = 30", "ahead_of_terminal_s = -1",
         "codes.ahead_of_terminal_s: not a number in"},
        {"longest_validity_s = 600", "longest_validity_s = 0", "codes.longest_validity_s: not a number in"},
        {"longest_emergency_validity_s = 7200", "longest_emergency_validity_s = 604801",
         "codes.longest_emergency_validity_s: not a number in range"},
        {"\"03664530\"", "\"3664530\"", "codes.local_time_issuers[0]: not of the right form; give an issuer"},
        {"\"0000000A\"", "\"03664530\"", "codes.local_time_issuers[1]: given twice; remove one"},
        {"\"0000000A\"", "\"0000000a\"", "codes.local_time_issuers[1]: not of the right form"},
        {"same_account_s = 5", "same_account_s = 61", "codes.same_account_s: not a number in range"},
        {"frame_budget_us = 8000", "frame_budget_us = 999", "codes.frame_budget_us: not a number in range"},
        {"frame_budget_us = 8000", "frame_budget_ms = 8", "codes.frame_budget_ms: unknown setting"},
        {"timeout_ms = 500", "timeout_ms = 99", "online_verifier.timeout_ms: not a number in range"},
        {"\"03\"", "3", "online_verifier.business_type: not of the right form; give two digits"},
    };
    for (const auto& [before, after, complaint] : cases) {
        auto part = everything;
        part.replace(part.find(before), before.size(), after);
        INFO(after);
        const auto settings = CodeFolder{}.tryLoad(part);
        REQUIRE_FALSE(settings);
        CHECK_THAT(settings.error().context, Contains(complaint));
        CHECK(settings.error().context.find('\n') == std::string::npos);
    }
}
