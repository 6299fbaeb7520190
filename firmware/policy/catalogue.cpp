#include "firmware/policy/catalogue.h"

#include "firmware/json/json_object.h"
#include "firmware/policy/names.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::policy {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> fieldNames{"name", "social_security_number_masked", "holder_class",
                                                     "region"};

// Below a minute an online terminal would refuse between two confirmations; beyond ninety days a lost card
// would stay good for a season.
constexpr std::int64_t shortestListAge = 60;
constexpr std::int64_t longestListAge = 7'776'000;
constexpr std::int64_t longestRepeatInterval = 86'400;
constexpr std::int64_t mostDeferrals = 100'000; // a day

std::optional<DisclosedField> fieldFromName(std::string_view name) {
    const auto found = std::ranges::find(fieldNames, name);
    if (found == fieldNames.end())
        return std::nullopt;
    return static_cast<DisclosedField>(found - fieldNames.begin());
}

std::optional<TimeTrust> trustFromName(std::string_view name) {
    for (const auto trust : {TimeTrust::synced, TimeTrust::holdover, TimeTrust::suspect})
        if (nameOf(trust) == name)
            return trust;
    return std::nullopt;
}

std::optional<offline_store::RecordClass> recordClassFromName(std::string_view name) {
    for (const auto recordClass : {offline_store::RecordClass::money, offline_store::RecordClass::access})
        if (offline_store::nameOf(recordClass) == name)
            return recordClass;
    return std::nullopt;
}

Text readText(JsonObject object) {
    Text text{object.text("zh"), object.text("en")};
    object.close();
    return text;
}

std::optional<UnverifiedCodes::Rule> ruleFromName(std::string_view name) {
    if (name == "refuse")
        return UnverifiedCodes::Rule::refuse;
    if (name == "refer")
        return UnverifiedCodes::Rule::refer;
    return std::nullopt;
}

UnverifiedCodes readDeferral(JsonObject object) {
    auto defer = object.object("defer");
    object.close();
    UnverifiedCodes codes{UnverifiedCodes::Rule::defer};
    codes.perSubject = static_cast<std::uint32_t>(defer.integer("per_subject", 1, mostDeferrals));
    codes.perTerminal = static_cast<std::uint32_t>(defer.integer("per_terminal", 1, mostDeferrals));
    defer.close();
    return codes;
}

UnverifiedCodes readUnverifiedCodes(JsonObject& rule) {
    constexpr auto key = "unverified_codes";
    if (rule.isObject(key))
        return readDeferral(rule.object(key));
    return {rule.name(key, ruleFromName)};
}

std::optional<StaleLists> staleListsFromName(std::string_view name) {
    if (name == "refuse")
        return StaleLists::refuse;
    if (name == "accept")
        return StaleLists::accept;
    return std::nullopt;
}

OfflineRule readOfflineRule(JsonObject object) {
    OfflineRule rule;
    rule.allowed = object.boolean("allowed");
    rule.longestListAge =
        std::chrono::seconds{object.integer("longest_list_age_s", shortestListAge, longestListAge)};
    rule.trustNeeded = object.name("trust_needed", trustFromName);
    rule.unverifiedCodes = readUnverifiedCodes(object);
    if (object.has("stale_lists"))
        rule.staleLists = object.name("stale_lists", staleListsFromName);
    object.close();
    return rule;
}

std::map<identity::HolderClass, unsigned> readConcessions(JsonObject object) {
    std::map<identity::HolderClass, unsigned> concessions;
    for (const auto& key : object.keys()) {
        const auto holderClass = identity::holderClassFromName(key);
        if (!holderClass || *holderClass == identity::HolderClass::unknown)
            object.refuse(key, "unknown holder class");
        concessions[*holderClass] = static_cast<unsigned>(object.integer(key, 0, 100));
    }
    return concessions;
}

Service readService(JsonObject object) {
    Service service;
    service.id = object.name("id", identifierFromText);
    service.name = readText(object.object("name"));
    service.scene = object.name("scene", identifierFromText);
    service.media = object.names("media", identity::mediumFromName);
    service.minimumAssurance = object.name("minimum_assurance", identity::assuranceFromName);
    service.regions = object.names("regions", regionFromText);
    service.offline = readOfflineRule(object.object("offline"));
    service.repeatInterval =
        std::chrono::seconds{object.integer("repeat_interval_s", 0, longestRepeatInterval)};
    service.disclose = object.names("disclose", fieldFromName);
    service.recordClass = object.name("record_class", recordClassFromName);
    if (service.media.empty())
        object.refuse("media", "empty");
    if (service.regions.empty())
        object.refuse("regions", "empty");
    if (object.has("concessions"))
        service.concessions = readConcessions(object.object("concessions"));
    if (object.has("emergency_codes"))
        service.emergencyCodes = object.boolean("emergency_codes");
    if (object.has("open_holder_reference"))
        service.openHolderReference = object.boolean("open_holder_reference");
    object.close();
    return service;
}

std::vector<Service> readServices(JsonObject root) {
    std::vector<Service> services;
    for (auto& entry : root.objects("services")) {
        auto service = readService(entry);
        if (std::ranges::find(services, service.id, &Service::id) != services.end())
            entry.refuse("id", "listed twice");
        services.push_back(std::move(service));
    }
    root.close();
    return services;
}

} // namespace

std::string_view nameOf(DisclosedField field) {
    return fieldNames.at(static_cast<std::size_t>(field));
}

Result<Catalogue> Catalogue::parse(std::string_view json) {
    try {
        const auto root = parseJson(json);
        return Catalogue{readServices(JsonObject{root, ""})};
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "catalogue: " + refused.what);
    }
}

const Service* Catalogue::find(std::string_view id) const {
    const auto found = std::ranges::find(services_, id, &Service::id);
    return found == services_.end() ? nullptr : &*found;
}

Result<CatalogueState> CatalogueState::of(const offline_store::Bulletin& bulletin) {
    auto catalogue = Catalogue::parse(bulletin.body);
    if (!catalogue)
        return failWith(catalogue);
    return CatalogueState{std::make_shared<const Catalogue>(std::move(*catalogue)), bulletin.notBefore,
                          bulletin.notAfter};
}

} // namespace ykt::firmware::policy
