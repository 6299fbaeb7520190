// The file system of a simulated card (ISO/IEC 7816-4, clause 7): directories, and elementary files in them.
#pragma once

#include "sim/cards/security.h"

#include <memory>
#include <variant>
#include <vector>

namespace ykt::sim {

inline constexpr std::uint16_t masterFile = 0x3F00;

struct Transparent {
    Bytes content;
};

struct VariableRecords {
    std::vector<Bytes> records; // each tag(1) ‖ length(1) ‖ value; number 1 is the first
};

struct CyclicRecords {
    std::size_t recordSize = 0;
    std::size_t limit = 0;      // the next record after so many overwrites the oldest
    std::vector<Bytes> records; // number 1 is the newest

    void append(Bytes record);
};

struct ElementaryFile {
    std::uint16_t fid = 0;
    std::variant<Transparent, VariableRecords, CyclicRecords> body;
    std::optional<std::uint8_t> readKey; // must have been proved by EXTERNAL AUTHENTICATE; none: free

    [[nodiscard]] std::uint8_t sfi() const { return fid & 0x1F; } // EF05 has SFI 05, and so on
};

// What GET DATA answers: tag(2) ‖ length(1) ‖ value.
struct DataObject {
    std::uint16_t tag = 0;
    Bytes value;
};

class VirtualPurse;

struct Directory {
    std::uint16_t fid = 0;
    Bytes name;        // DF name (AID), up to 16 bytes; may be empty
    Bytes proprietary; // content of A5 in the FCI; may be empty
    std::vector<ElementaryFile> files;
    std::vector<Directory> children;
    std::vector<KeySlot> keys;
    std::optional<PinSlot> pin;
    std::vector<DataObject> dataObjects;
    std::shared_ptr<VirtualPurse> purse; // null: the directory is no purse
};

// nullptr: there is none.
ElementaryFile* findFile(Directory& directory, std::uint16_t fid);
ElementaryFile* findFileBySfi(Directory& directory, std::uint8_t sfi);
Directory* findChild(Directory& directory, std::uint16_t fid);
Directory* findParent(Directory& root, const Directory& child);
KeySlot* findKey(Directory& directory, std::uint8_t id);

// All directories whose name begins with `partial`, depth first.
std::vector<Directory*> findByName(Directory& root, ByteView partial);

// tag ‖ length ‖ value, for values under 128 bytes and tags of one or two bytes.
Bytes tlv(std::uint16_t tag, ByteView value);

// File control information, template 6F (ISO/IEC 7816-4, 5.3.3).
Bytes controlInformation(const Directory& directory);
Bytes controlInformation(const ElementaryFile& file);

} // namespace ykt::sim
