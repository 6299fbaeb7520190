#include "sim/cards/file_system.h"

#include <algorithm>

namespace ykt::sim {
namespace {

template <typename Range, typename Predicate>
auto* firstOrNull(Range& range, Predicate predicate) {
    const auto found = std::ranges::find_if(range, predicate);
    return found == range.end() ? nullptr : &*found;
}

void collectByName(Directory& directory, ByteView partial, std::vector<Directory*>& found) {
    if (directory.name.size() >= partial.size() && !directory.name.empty() &&
        std::ranges::equal(ByteView(directory.name).first(partial.size()), partial))
        found.push_back(&directory);
    for (auto& child : directory.children)
        collectByName(child, partial, found);
}

Bytes bigEndian16(std::size_t value) {
    Bytes out;
    appendBigEndian(out, value, 2);
    return out;
}

std::size_t sizeOf(const ElementaryFile& file) {
    if (const auto* transparent = std::get_if<Transparent>(&file.body))
        return transparent->content.size();
    if (const auto* cyclic = std::get_if<CyclicRecords>(&file.body))
        return cyclic->recordSize * cyclic->limit;
    std::size_t size = 0;
    for (const auto& record : std::get<VariableRecords>(file.body).records)
        size += record.size();
    return size;
}

// ISO/IEC 7816-4, table 12.
std::uint8_t structureOf(const ElementaryFile& file) {
    if (std::holds_alternative<Transparent>(file.body))
        return 0x01;
    return std::holds_alternative<CyclicRecords>(file.body) ? 0x06 : 0x05; // cyclic; variable, TLV
}

} // namespace

void CyclicRecords::append(Bytes record) {
    records.insert(records.begin(), std::move(record));
    records.resize(std::min(records.size(), limit));
}

ElementaryFile* findFile(Directory& directory, std::uint16_t fid) {
    return firstOrNull(directory.files, [fid](const auto& file) { return file.fid == fid; });
}

ElementaryFile* findFileBySfi(Directory& directory, std::uint8_t sfi) {
    return firstOrNull(directory.files, [sfi](const auto& file) { return file.sfi() == sfi; });
}

Directory* findChild(Directory& directory, std::uint16_t fid) {
    return firstOrNull(directory.children, [fid](const auto& child) { return child.fid == fid; });
}

Directory* findParent(Directory& root, const Directory& child) {
    for (auto& candidate : root.children) {
        if (&candidate == &child)
            return &root;
        if (auto* parent = findParent(candidate, child))
            return parent;
    }
    return nullptr;
}

KeySlot* findKey(Directory& directory, std::uint8_t id) {
    return firstOrNull(directory.keys, [id](const auto& slot) { return slot.id == id; });
}

std::vector<Directory*> findByName(Directory& root, ByteView partial) {
    std::vector<Directory*> found;
    collectByName(root, partial, found);
    return found;
}

Bytes tlv(std::uint16_t tag, ByteView value) {
    Bytes out;
    appendBigEndian(out, tag, tag > 0xFF ? 2 : 1);
    out.push_back(static_cast<std::uint8_t>(value.size()));
    return concat({out, value});
}

Bytes controlInformation(const Directory& directory) {
    const auto name =
        directory.name.empty() ? tlv(0x83, bigEndian16(directory.fid)) : tlv(0x84, directory.name);
    const auto proprietary = directory.proprietary.empty() ? Bytes{} : tlv(0xA5, directory.proprietary);
    return tlv(0x6F, concat({name, proprietary}));
}

Bytes controlInformation(const ElementaryFile& file) {
    return tlv(0x6F, concat({tlv(0x80, bigEndian16(sizeOf(file))), tlv(0x82, Bytes{structureOf(file)}),
                             tlv(0x83, bigEndian16(file.fid)), tlv(0x88, Bytes{file.sfi()})}));
}

} // namespace ykt::sim
