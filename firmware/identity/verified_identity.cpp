#include "firmware/identity/verified_identity.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::identity {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> mediumNames{"social_security_card", "transit_purse",
                                                      "electronic_card_code", "fusion_code",
                                                      "transit_code",         "legacy_card"};
constexpr std::array<std::string_view, 4> assuranceNames{"presented", "read", "authenticated",
                                                         "authenticated_with_pin"};
constexpr std::array<std::string_view, 5> holderClassNames{"unknown", "preschool", "student", "adult",
                                                           "senior"};

template <typename Enum, std::size_t N>
std::optional<Enum> fromName(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

} // namespace

std::string_view nameOf(Medium medium) {
    return mediumNames.at(static_cast<std::size_t>(medium));
}
std::optional<Medium> mediumFromName(std::string_view name) {
    return fromName<Medium>(mediumNames, name);
}

std::string_view nameOf(Assurance assurance) {
    return assuranceNames.at(static_cast<std::size_t>(assurance));
}
std::optional<Assurance> assuranceFromName(std::string_view name) {
    return fromName<Assurance>(assuranceNames, name);
}

std::string_view nameOf(HolderClass holderClass) {
    return holderClassNames.at(static_cast<std::size_t>(holderClass));
}
std::optional<HolderClass> holderClassFromName(std::string_view name) {
    return fromName<HolderClass>(holderClassNames, name);
}

HolderClass holderClassFromTag(char tag) {
    return tag >= '1' && tag <= '4' ? static_cast<HolderClass>(tag - '0') : HolderClass::unknown;
}

Result<void> checkValidity(const VerifiedIdentity& identity, WallTime now) {
    if (identity.validFrom && now < *identity.validFrom)
        return fail(Reason::medium_expired, "validity has not begun");
    if (identity.validUntil && now >= *identity.validUntil)
        return fail(Reason::medium_expired, "validity is over");
    return {};
}

} // namespace ykt::firmware::identity
