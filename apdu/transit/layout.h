// Where the files of a purse are, and how long what is read of them is (docs/transit-purse.md). Private to
// this directory.
#pragma once

#include "base/bytes.h"

#include <algorithm>

namespace ykt::apdu::transit {

struct FileLayout {
    std::uint8_t sfi = 0;
    std::size_t size = 0; // of the file, or of one of its records
};

inline constexpr FileLayout publicFile{0x15, 30};
inline constexpr FileLayout managementFile{0x17, 60};
inline constexpr FileLayout logFile{0x18, 23};
inline constexpr FileLayout compositeFile{0x1A, 128};
inline constexpr FileLayout tripFile{0x1E, 48};

inline constexpr std::uint8_t busRecordNumber = 2; // in the composite file

// Whether a field or record was never written.
inline bool isEmpty(ByteView bytes) {
    const auto isFiller = [bytes](std::uint8_t filler) {
        return std::ranges::all_of(bytes, [filler](std::uint8_t byte) { return byte == filler; });
    };
    return isFiller(0x00) || isFiller(0xFF);
}

} // namespace ykt::apdu::transit
