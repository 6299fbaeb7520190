// Which issuing regions are admitted where: the body of the bulletin "region_rules", typed. It takes the
// place of the catalogue's regions for the services and terminals that it names. docs/bulletins.md is its
// form.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ykt::firmware::policy {

class RegionRules {
  public:
    // Errors: bulletin_malformed, with the path of what is wrong.
    static Result<RegionRules> parse(std::string_view json);

    // What `service` admits at a terminal that stands in `standsIn` (six digits); null: the catalogue says.
    // The first rule that fits.
    [[nodiscard]] const std::vector<std::string>* admitted(std::string_view service,
                                                           std::string_view standsIn) const;

  private:
    struct Rule {
        std::string service;
        std::vector<std::string> at;      // where the terminal stands
        std::vector<std::string> regions; // where the medium was issued
    };
    std::vector<Rule> rules_;
};

} // namespace ykt::firmware::policy
