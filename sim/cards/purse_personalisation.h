// What makes a directory of a simulated card a transit purse: its files and what is in them (JT/T 978;
// docs/cards.md).
#pragma once

#include "sim/cards/card_spec.h"
#include "sim/cards/file_system.h"
#include "sim/cards/purse_keys.h"

namespace ykt::sim {

inline constexpr std::uint8_t publicFile = 0x15;
inline constexpr std::uint8_t holderFile = 0x16;
inline constexpr std::uint8_t managementFile = 0x17;
inline constexpr std::uint8_t logFile = 0x18;
inline constexpr std::uint8_t compositeFile = 0x1A;
inline constexpr std::uint8_t tripFile = 0x1E;

inline constexpr std::uint8_t purchaseKeyIndex = 0x01;
inline constexpr std::uint8_t purchaseKeyVersion = 0x01;
inline constexpr std::uint8_t purchaseAlgorithm = 0x00; // triple DES

// The application's twenty digits, and their last sixteen, which keys and MACs take.
ByteArray<10> purseSerial(std::uint32_t serial);
ByteArray<8> shortPurseSerial(std::uint32_t serial);

// The purse with its keys. Errors: input_malformed (a field of the spec that a purse cannot hold).
Result<Directory> transitApplication(const PurseSpec& spec, std::uint32_t serial, PurseKeys keys);

} // namespace ykt::sim
