// What the codes on cards stand for, for people.
#pragma once

#include "apdu/social_security/card.h"
#include "tools/yktctl/json.h"

#include <string>
#include <string_view>

namespace ykt::tools {

// Empty: not of Ningxia, or abolished. Four digits name a prefecture or city, six a county or district too
// (Ministry of Civil Affairs, 2024).
std::string ningxiaName(std::string_view digits);

std::string nameOf(apdu::social_security::Version version);     // "3.0"
std::string nameOf(apdu::social_security::Algorithm algorithm); // "SM4"

std::string nameOfPurseType(std::uint8_t type);        // "student"; a number where none is known
std::string nameOfPurseTransaction(std::uint8_t type); // "load"; a number where none is known
std::string titleOfApplication(std::string_view name); // of a section of a card's report

// Empty: no name known. Tags of ISO/IEC 7816-4, PBOC and the social security card in an FCI.
std::string nameOfTag(std::uint32_t tag);

// PC/SC part 3: how a card without a processor is spoken to, and what its reader calls it. Empty: not known.
std::string nameOfStandard(std::uint8_t standard);
std::string nameOfStorageCard(std::uint16_t name);

Json orNull(const std::string& text);

} // namespace ykt::tools
