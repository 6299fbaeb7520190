#include "firmware/policy/region_rules.h"

#include "firmware/json/json_object.h"
#include "firmware/policy/names.h"

namespace ykt::firmware::policy {

Result<RegionRules> RegionRules::parse(std::string_view json) {
    try {
        const auto document = parseJson(json);
        JsonObject root{document, ""};
        RegionRules rules;
        for (auto& entry : root.objects("rules")) {
            Rule rule{entry.name("service", identifierFromText), entry.names("at", regionFromText),
                      entry.names("regions", regionFromText)};
            if (rule.at.empty())
                entry.refuse("at", "empty");
            if (rule.regions.empty())
                entry.refuse("regions", "empty");
            entry.close();
            rules.rules_.push_back(std::move(rule));
        }
        root.close();
        return rules;
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "region_rules: " + refused.what);
    }
}

const std::vector<std::string>* RegionRules::admitted(std::string_view service,
                                                      std::string_view standsIn) const {
    for (const auto& rule : rules_)
        if (rule.service == service && covers(rule.at, standsIn))
            return &rule.regions;
    return nullptr;
}

} // namespace ykt::firmware::policy
