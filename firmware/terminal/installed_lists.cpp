#include "firmware/terminal/installed_lists.h"

#include "firmware/identity/trust_anchors.h"

namespace ykt::firmware::terminal {
namespace {

using offline_store::Bulletin;

template <typename T>
Result<void> keep(T& into, Result<T> parsed) {
    if (!parsed)
        return failWith(parsed);
    into = std::move(*parsed);
    return {};
}

} // namespace

InstalledLists::InstalledLists(const qr::CodeSettings& codes)
    : codes_(codes), codeVerifier_(std::make_shared<qr::CodeVerifier>(qr::TrustAnchors{}, codes)),
      withoutAnchors_(codeVerifier_), legacyMap_(std::make_shared<identity::LegacyMap>()),
      emptyMap_(legacyMap_) {}

Result<InstalledLists> InstalledLists::read(offline_store::Store& store, const qr::CodeSettings& codes) {
    InstalledLists lists(codes);
    for (const auto kind : offline_store::bulletinKinds) {
        const auto bulletin = store.bulletin(kind);
        if (!bulletin)
            return failWith(bulletin);
        if (!*bulletin)
            continue;
        if (const auto taken = lists.take(**bulletin); !taken)
            return failWith(taken);
    }
    return lists;
}

Result<void> InstalledLists::take(const Bulletin& bulletin) {
    const auto taken = takeBody(bulletin);
    if (taken)
        terms_[bulletin.kind] = {bulletin.version, bulletin.notBefore, bulletin.notAfter, bulletin.installed};
    return taken;
}

// The revocation list is the store's to read.
Result<void> InstalledLists::takeBody(const Bulletin& bulletin) {
    if (bulletin.kind == "catalogue")
        return keep(catalogue_, policy::CatalogueState::of(bulletin));
    if (bulletin.kind == "region_rules")
        return keep(regionRules_, policy::RegionRules::parse(bulletin.body));
    if (bulletin.kind == "fare_tables")
        return keep(fareTables_, policy::FareTables::parse(bulletin.body));
    if (bulletin.kind == "directives")
        return keep(directives_, parseDirectives(bulletin.body));
    if (bulletin.kind == "trust_anchors")
        return identity::parseTrustAnchors(bulletin.body).map([this](qr::TrustAnchors anchors) {
            codeVerifier_ = std::make_shared<qr::CodeVerifier>(std::move(anchors), codes_);
        });
    if (bulletin.kind == "legacy_map")
        return identity::LegacyMap::parse(bulletin.body).map([this](identity::LegacyMap map) {
            legacyMap_ = std::make_shared<identity::LegacyMap>(std::move(map));
        });
    return {};
}

std::shared_ptr<const qr::CodeVerifier> InstalledLists::codeVerifier(WallTime now) const {
    return isInForce("trust_anchors", now) ? codeVerifier_ : withoutAnchors_;
}

std::shared_ptr<const identity::LegacyMap> InstalledLists::legacyMap(WallTime now) const {
    return isInForce("legacy_map", now) ? legacyMap_ : emptyMap_;
}

const std::vector<std::string>* InstalledLists::regions(std::string_view service, std::string_view standsIn,
                                                        WallTime now) const {
    return isInForce("region_rules", now) ? regionRules_.admitted(service, standsIn) : nullptr;
}

const policy::FareRules* InstalledLists::fare(std::string_view service, std::uint16_t line,
                                              WallTime now) const {
    return isInForce("fare_tables", now) ? fareTables_.find(service, line) : nullptr;
}

std::vector<Directive> InstalledLists::directives(WallTime now) const {
    if (!isInForce("directives", now))
        return {};
    auto directives = directives_;
    const auto end = terms_.find("directives")->second.notAfter;
    for (auto& directive : directives)
        directive.notAfter = std::min(directive.notAfter, end);
    return directives;
}

bool InstalledLists::isOver(std::string_view kind, WallTime now) const {
    return terms_.contains(kind) && !isInForce(kind, now);
}

bool InstalledLists::isInForce(std::string_view kind, WallTime now) const {
    const auto term = terms_.find(kind);
    return term != terms_.end() && term->second.notBefore <= now && now < term->second.notAfter;
}

std::optional<WallTime> InstalledLists::installed(std::string_view kind) const {
    const auto term = terms_.find(kind);
    return term == terms_.end() ? std::nullopt : std::optional(term->second.installed);
}

std::uint64_t InstalledLists::versionOf(std::string_view kind) const {
    const auto term = terms_.find(kind);
    return term == terms_.end() ? 0 : term->second.version;
}

ListVersions InstalledLists::versions() const {
    return {versionOf("catalogue"), versionOf("revocation"), versionOf("region_rules"),
            versionOf("fare_tables")};
}

} // namespace ykt::firmware::terminal
