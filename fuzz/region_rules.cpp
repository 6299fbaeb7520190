// Bodies of the bulletin "region_rules": for each place that a rule names the first that fits is found.
#include "firmware/policy/region_rules.h"
#include "firmware/policy/names.h"
#include "fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware;
using nlohmann::json;

namespace {

// The rules are few and are read again as plain JSON.
json regionsBy(const json& rules, const std::string& service, const std::string& place) {
    for (const auto& rule : rules)
        for (const auto& prefix : rule["at"])
            if (rule["service"] == service &&
                (prefix == "*" || place.starts_with(prefix.get_ref<const std::string&>())))
                return rule["regions"];
    return nullptr;
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto rules = policy::RegionRules::parse(toText(input));
    if (!rules) {
        fuzz::hold(rules.error() == Reason::bulletin_malformed);
        return;
    }
    const auto plain = json::parse(toText(input))["rules"];
    for (const auto& rule : plain) {
        const auto service = rule["service"].get<std::string>();
        for (const std::string place :
             {"640105", "110105", rule["at"][0].get_ref<const std::string&>().c_str()}) {
            const auto* admitted = rules->admitted(service, place);
            fuzz::hold((admitted ? json(*admitted) : json()) == regionsBy(plain, service, place));
            for (const auto& region : admitted ? *admitted : std::vector<std::string>{})
                fuzz::hold(policy::regionFromText(region) == region);
        }
    }
}
