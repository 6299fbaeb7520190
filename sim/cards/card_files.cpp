// The commands of the card operating system that find and read files: SELECT, READ BINARY, READ RECORD.
#include "sim/cards/status.h"
#include "sim/cards/virtual_card.h"
#include "sim/cards/virtual_purse.h"

#include <algorithm>

namespace ykt::sim {
namespace {

constexpr std::uint8_t firstOccurrence = 0x00;
constexpr std::uint8_t nextOccurrence = 0x02;
constexpr std::uint8_t noInformation = 0x0C;
constexpr std::uint8_t sfiForm = 0x80; // P1 of READ BINARY

apdu::Response refused(apdu::StatusWord status) {
    return {{}, status};
}

apdu::Response found(const Bytes& information, std::uint8_t p2) {
    return {p2 == noInformation ? Bytes{} : information, status::ok};
}

std::uint16_t fidOf(const apdu::Command& command) {
    return static_cast<std::uint16_t>(readBigEndian(command.data));
}

// nullptr: the file has none.
const std::vector<Bytes>* recordsOf(const ElementaryFile& file) {
    if (const auto* variable = std::get_if<VariableRecords>(&file.body))
        return &variable->records;
    const auto* cyclic = std::get_if<CyclicRecords>(&file.body);
    return cyclic == nullptr ? nullptr : &cyclic->records;
}

// The records that P1 and the low half of P2 name, together.
apdu::Response chosen(const std::vector<Bytes>& records, std::uint8_t p1, std::uint8_t form) {
    if (form == 0b000) { // P1 is an identifier: the first record with that tag
        const auto record = std::ranges::find_if(records, [p1](const Bytes& r) { return r.front() == p1; });
        return record == records.end() ? refused(status::recordNotFound)
                                       : apdu::Response{*record, status::ok};
    }
    if (form != 0b100 && form != 0b101)
        return refused(status::wrongP1P2);
    if (p1 == 0 || p1 > records.size())
        return refused(status::recordNotFound);
    const std::size_t last = form == 0b100 ? p1 : records.size();
    Bytes data;
    for (std::size_t number = p1; number <= last; ++number)
        data.insert(data.end(), records[number - 1].begin(), records[number - 1].end());
    return {std::move(data), status::ok};
}

} // namespace

// A purse that is locked for good cannot be entered; one that the issuer may unlock says so.
apdu::Response VirtualCard::enter(Directory& target, std::uint8_t p2) {
    const auto lock = target.purse ? target.purse->state().lock : PurseLock::open;
    if (lock == PurseLock::for_good)
        return refused(status::applicationLockedForGood);
    directory_ = &target;
    file_ = nullptr;
    forgetSession();
    if (lock == PurseLock::reversible)
        return refused(status::applicationInvalidated);
    return found(controlInformation(target), p2);
}

apdu::Response VirtualCard::open(ElementaryFile& file, std::uint8_t p2) {
    file_ = &file;
    return found(controlInformation(file), p2);
}

apdu::Response VirtualCard::select(const apdu::Command& command) {
    if (command.p1 == 0x04)
        return selectByName(command);
    if (command.p2 != firstOccurrence && command.p2 != noInformation)
        return refused(status::wrongP1P2);
    return selectByFid(command);
}

apdu::Response VirtualCard::selectByName(const apdu::Command& command) {
    constexpr std::size_t longestName = 16;
    const bool next = command.p2 == nextOccurrence;
    if (!next && command.p2 != firstOccurrence && command.p2 != noInformation)
        return refused(status::wrongP1P2);
    if (command.data.empty() || command.data.size() > longestName)
        return refused(status::wrongLength);
    const auto matches = findByName(root_, command.data);
    auto match = matches.begin();
    if (next) {
        const auto current = std::ranges::find(matches, directory_);
        match = current == matches.end() ? current : current + 1;
    }
    return match == matches.end() ? refused(status::fileNotFound) : enter(**match, command.p2);
}

apdu::Response VirtualCard::selectByFid(const apdu::Command& command) {
    const bool anyKind = command.p1 == 0x00;
    if (anyKind && (command.data.empty() || (command.data.size() == 2 && fidOf(command) == masterFile)))
        return enter(root_, command.p2);
    if (command.data.size() != 2)
        return refused(status::wrongLength);
    const auto fid = fidOf(command);
    if (anyKind || command.p1 == 0x02) {
        if (auto* file = findFile(*directory_, fid))
            return open(*file, command.p2);
    }
    if (anyKind || command.p1 == 0x01) {
        auto* parent = findParent(root_, *directory_);
        auto* target = findChild(*directory_, fid);
        if (target == nullptr && anyKind && parent != nullptr) // a sibling, or the parent itself
            target = parent->fid == fid ? parent : findChild(*parent, fid);
        if (target != nullptr)
            return enter(*target, command.p2);
    }
    return refused(command.p1 <= 0x02 ? status::fileNotFound : status::wrongP1P2);
}

bool VirtualCard::readable(const ElementaryFile& file) const {
    return !file.readKey || session_.authenticatedKeys.contains(*file.readKey);
}

apdu::Response VirtualCard::readBinary(const apdu::Command& command) {
    const bool bySfi = (command.p1 & sfiForm) != 0;
    if (bySfi && (command.p1 & 0x60) != 0)
        return refused(status::wrongP1P2);
    auto* file = bySfi ? findFileBySfi(*directory_, command.p1 & 0x1F) : file_;
    if (file == nullptr)
        return refused(bySfi ? status::fileNotFound : status::noCurrentFile);
    const auto* body = std::get_if<Transparent>(&file->body);
    if (body == nullptr)
        return refused(status::wrongFileStructure);
    if (!command.expected || !command.data.empty())
        return refused(status::wrongLength);
    if (!readable(*file))
        return refused(status::securityNotSatisfied);
    file_ = file;
    const std::size_t offset = bySfi ? command.p2 : static_cast<std::size_t>(command.p1) << 8 | command.p2;
    if (offset >= body->content.size())
        return refused(status::offsetOutsideFile);
    const auto rest = ByteView(body->content).subspan(offset);
    const auto part = rest.first(std::min(*command.expected, rest.size()));
    return {Bytes(part.begin(), part.end()), status::ok};
}

apdu::Response VirtualCard::readRecord(const apdu::Command& command) {
    const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
    auto* file = sfi == 0 ? file_ : findFileBySfi(*directory_, sfi);
    if (file == nullptr)
        return refused(sfi == 0 ? status::noCurrentFile : status::fileNotFound);
    const auto* records = recordsOf(*file);
    if (records == nullptr)
        return refused(status::wrongFileStructure);
    if (!command.expected || !command.data.empty())
        return refused(status::wrongLength);
    if (!readable(*file))
        return refused(status::securityNotSatisfied);
    file_ = file;
    return chosen(*records, command.p1, command.p2 & 0b111);
}

// P1 P2: the tag. The answer is tag ‖ length ‖ value, as for EMV's data objects.
apdu::Response VirtualCard::getData(const apdu::Command& command) {
    const auto tag = command.p1 << 8 | command.p2;
    if (!command.data.empty())
        return refused(status::wrongLength);
    const auto& objects = directory_->dataObjects;
    const auto object = std::ranges::find(objects, tag, &DataObject::tag);
    if (object == objects.end())
        return refused(status::keyNotFound); // 6A88: referenced data not found
    return {tlv(object->tag, object->value), status::ok};
}

} // namespace ykt::sim
