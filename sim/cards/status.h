// Status words of ISO/IEC 7816-4 and of LD/T 32 part 5 that the simulated cards answer.
#pragma once

#include "apdu/command.h"

namespace ykt::sim::status {

using apdu::StatusWord;

inline constexpr StatusWord ok = 0x9000;
inline constexpr StatusWord tries_left = 0x63C0; // low four bits: how many
inline constexpr StatusWord wrong_length = 0x6700;
inline constexpr StatusWord wrong_file_structure = 0x6981;
inline constexpr StatusWord security_not_satisfied = 0x6982;
inline constexpr StatusWord authentication_blocked = 0x6983;
inline constexpr StatusWord no_challenge = 0x6984;
inline constexpr StatusWord conditions_not_satisfied = 0x6985;
inline constexpr StatusWord no_current_file = 0x6986;
inline constexpr StatusWord file_not_found = 0x6A82;
inline constexpr StatusWord record_not_found = 0x6A83;
inline constexpr StatusWord wrong_p1_p2 = 0x6A86;
inline constexpr StatusWord key_not_found = 0x6A88;
inline constexpr StatusWord offset_outside_file = 0x6B00;
inline constexpr StatusWord exact_length_is = 0x6C00; // low byte: the length
inline constexpr StatusWord more_data = 0x6100;       // low byte: the length
inline constexpr StatusWord instruction_unknown = 0x6D00;
inline constexpr StatusWord class_unknown = 0x6E00;
inline constexpr StatusWord internal_fault = 0x6F00;
inline constexpr StatusWord key_index_unknown = 0x9403;

} // namespace ykt::sim::status
