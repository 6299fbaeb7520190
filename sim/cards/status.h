// Status words of ISO/IEC 7816-4, of LD/T 32 part 5 and of electronic purses that the simulated cards answer.
#pragma once

#include "apdu/command.h"

namespace ykt::sim::status {

using apdu::StatusWord;

inline constexpr StatusWord ok = 0x9000;
inline constexpr StatusWord triesLeft = 0x63C0;              // low four bits: how many
inline constexpr StatusWord applicationInvalidated = 0x6283; // locked, reversibly
inline constexpr StatusWord wrongLength = 0x6700;
inline constexpr StatusWord wrongFileStructure = 0x6981;
inline constexpr StatusWord securityNotSatisfied = 0x6982;
inline constexpr StatusWord authenticationBlocked = 0x6983;
inline constexpr StatusWord noChallenge = 0x6984;
inline constexpr StatusWord conditionsNotSatisfied = 0x6985;
inline constexpr StatusWord noCurrentFile = 0x6986;
inline constexpr StatusWord wrongData = 0x6A80;
inline constexpr StatusWord fileNotFound = 0x6A82;
inline constexpr StatusWord recordNotFound = 0x6A83;
inline constexpr StatusWord wrongP1P2 = 0x6A86;
inline constexpr StatusWord keyNotFound = 0x6A88;
inline constexpr StatusWord offsetOutsideFile = 0x6B00;
inline constexpr StatusWord exactLengthIs = 0x6C00; // low byte: the length
inline constexpr StatusWord moreData = 0x6100;      // low byte: the length
inline constexpr StatusWord instructionUnknown = 0x6D00;
inline constexpr StatusWord classUnknown = 0x6E00;
inline constexpr StatusWord internalFault = 0x6F00;
inline constexpr StatusWord macWrong = 0x9302;
inline constexpr StatusWord applicationLockedForGood = 0x9303;
inline constexpr StatusWord balanceInsufficient = 0x9401;
inline constexpr StatusWord counterExhausted = 0x9402; // recalled from PBOC, unverified
inline constexpr StatusWord keyIndexUnknown = 0x9403;
inline constexpr StatusWord noProof = 0x9406;
inline constexpr StatusWord applicationLocked = 0x9407;

} // namespace ykt::sim::status
