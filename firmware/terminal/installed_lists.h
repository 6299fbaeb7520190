// What the installed bulletins say, read together: a presentation ends with the lists that it began with.
#pragma once

#include "firmware/identity/legacy_map.h"
#include "firmware/policy/fare_tables.h"
#include "firmware/policy/region_rules.h"
#include "firmware/terminal/directives.h"
#include "firmware/terminal/transaction.h"
#include "offline_store/store.h"
#include "qr/code.h"

#include <map>
#include <memory>

namespace ykt::firmware::terminal {

class InstalledLists {
  public:
    // Nothing installed.
    explicit InstalledLists(const qr::CodeSettings& codes);
    // Errors: store_failed, bulletin_malformed.
    static Result<InstalledLists> read(offline_store::Store& store, const qr::CodeSettings& codes);
    // In the place of the one of its kind. Errors: bulletin_malformed; then nothing has changed.
    Result<void> take(const offline_store::Bulletin& bulletin);

    // What is not in force at `now` is as if it were not there, but for the catalogue and the revocation
    // list, whose end the decision judges.
    [[nodiscard]] policy::CatalogueState catalogue() const { return catalogue_; }
    [[nodiscard]] std::shared_ptr<const qr::CodeVerifier> codeVerifier(WallTime now) const;
    [[nodiscard]] std::shared_ptr<const identity::LegacyMap> legacyMap(WallTime now) const;
    // Null: the catalogue's regions, the profile's fare.
    [[nodiscard]] const std::vector<std::string>* regions(std::string_view service, std::string_view standsIn,
                                                          WallTime now) const;
    [[nodiscard]] const policy::FareRules* fare(std::string_view service, std::uint16_t line,
                                                WallTime now) const;
    [[nodiscard]] std::vector<Directive> directives(WallTime now) const; // none outlasts the bulletin

    // Installed, and now is not in [notBefore, notAfter).
    [[nodiscard]] bool isOver(std::string_view kind, WallTime now) const;
    [[nodiscard]] std::optional<WallTime> installed(std::string_view kind) const;
    [[nodiscard]] ListVersions versions() const;

  private:
    struct Term { // of an installed bulletin, without its body
        std::uint64_t version = 0;
        WallTime notBefore{};
        WallTime notAfter{};
        WallTime installed{};
    };
    Result<void> takeBody(const offline_store::Bulletin& bulletin);
    [[nodiscard]] bool isInForce(std::string_view kind, WallTime now) const;
    [[nodiscard]] std::uint64_t versionOf(std::string_view kind) const;

    qr::CodeSettings codes_;
    std::map<std::string, Term, std::less<>> terms_;
    policy::CatalogueState catalogue_;
    std::shared_ptr<const qr::CodeVerifier> codeVerifier_;
    std::shared_ptr<const qr::CodeVerifier> withoutAnchors_;
    std::shared_ptr<const identity::LegacyMap> legacyMap_;
    std::shared_ptr<const identity::LegacyMap> emptyMap_;
    policy::RegionRules regionRules_;
    policy::FareTables fareTables_;
    std::vector<Directive> directives_;
};

} // namespace ykt::firmware::terminal
