// Records of the card's files EF05 and EF06: tag(1) ‖ length(1) ‖ value (LD/T 32 part 6). Their order differs
// by version, so they are known by tag, never by number.
#pragma once

#include "apdu/channel.h"

#include <map>

namespace ykt::apdu::social_security {

enum class Tag : std::uint8_t {
    card_identifier = 0x01,
    card_class = 0x02,
    version = 0x03,
    issued = 0x05,
    expires = 0x06,
    card_number = 0x07,
    social_security_number = 0x08,
    name = 0x09,
    name_continued = 0x4E,
};

inline constexpr std::uint8_t issuerFile = 0x05; // SFI of EF05
inline constexpr std::uint8_t holderFile = 0x06; // SFI of EF06

// The size of the value that the standard gives a tag, in bytes.
std::size_t valueSize(Tag tag);

using Records = std::map<Tag, Bytes>; // values by tag

// The records of a file as READ RECORD returns them together, one after the other; those of other tags are
// left out. The first of two with the same tag counts. `mayBeCut`: the last record may run past the end and
// is then left out. Errors: card_data_malformed (a record runs past the end, or is longer than its tag
// allows).
Result<Records> splitRecords(ByteView file, bool mayBeCut);

// The value of one record read by its tag; bytes after the record are padding.
// Errors: card_data_malformed (other tag, or a length that the answer or the standard does not have).
Result<Bytes> recordValue(ByteView record, Tag tag);

// One record by tag, by SFI. Errors: record_missing, card_data_malformed, and those of Channel::require.
Result<Bytes> readByTag(Channel& channel, std::uint8_t sfi, Tag tag);

// As readByTag, and a record that is not there is none. Errors: as readByTag but record_missing.
Result<std::optional<Bytes>> readByTagIfThere(Channel& channel, std::uint8_t sfi, Tag tag);

// The records of EF05 that a terminal uses: all in one exchange, and by tag those that did not come that way
// (cards that cannot read several records at once). Errors: card_data_malformed, and those of
// Channel::require.
Result<Records> readIssuerRecords(Channel& channel);

} // namespace ykt::apdu::social_security
