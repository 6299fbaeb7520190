// Fares that are published: the body of the bulletin "fare_tables", typed. A table takes the place of the
// profile's [fare] for the service and the lines that it names. docs/bulletins.md is its form.
#pragma once

#include "firmware/policy/fare.h"

#include <string>
#include <string_view>
#include <vector>

namespace ykt::firmware::policy {

// What a medium pays that remembers no rides: the flat fare, or the maximum of zones.
std::uint32_t fullFareFen(const FareRules& rules);

class FareTables {
  public:
    // Errors: bulletin_malformed, with the path of what is wrong.
    static Result<FareTables> parse(std::string_view json);

    // Null: the profile says. The first table that fits.
    [[nodiscard]] const FareRules* find(std::string_view service, std::uint16_t line) const;

  private:
    struct Table {
        std::string service;
        std::vector<std::uint16_t> lines; // empty: all
        FareRules rules;
    };
    std::vector<Table> tables_;
};

} // namespace ykt::firmware::policy
