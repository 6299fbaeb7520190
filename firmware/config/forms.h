// What the texts of a profile must look like, each with the words that a complaint uses.
#pragma once

#include "firmware/config/table_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace ykt::firmware::config::forms {

// "https://host:port" or "https://host" (port 443); host is a name or an IPv4 address. nullopt: anything
// else.
std::optional<std::pair<std::string, std::uint16_t>> splitHttpsUrl(std::string_view url);
// The same of "mqtts://host:port" or "mqtts://host" (port 8883).
std::optional<std::pair<std::string, std::uint16_t>> splitBrokerUrl(std::string_view url);

extern const Form terminalId; // "NX-BUS-0001"
extern const Form region;     // six digits
extern const Form identifier; // "bus.ride"
extern const Form forPeople;  // one line
extern const Form slotKind;   // contact, contactless
extern const Form cardApplication;
extern const Form fareMode;  // flat, zones
extern const Form direction; // outbound, inbound
extern const Form fourDigits;
extern const Form sixteenDigits;
extern const Form transitIssuer;  // "03664530"
extern const Form businessType;   // "02"
extern const Form actuatorDriver; // simulated
extern const Form httpsUrl;
extern const Form brokerUrl;
extern const Form upstreamKind; // https, mqtt
extern const Form settleOn;     // receipt, puback
extern const Form somePath;

} // namespace ykt::firmware::config::forms
