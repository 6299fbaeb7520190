#include "apdu/social_security/records.h"

#include <algorithm>
#include <array>

namespace ykt::apdu::social_security {
namespace {

constexpr std::size_t headerSize = 2;
constexpr std::size_t issuerFileSize = 0x40; // tags 01..07 together

struct TagSize {
    Tag tag;
    std::size_t size;
};
constexpr std::array<TagSize, 9> sizes{{{Tag::card_identifier, 0x10},
                                        {Tag::card_class, 0x01},
                                        {Tag::version, 0x04},
                                        {Tag::issued, 0x04},
                                        {Tag::expires, 0x04},
                                        {Tag::card_number, 0x09},
                                        {Tag::social_security_number, 0x12},
                                        {Tag::name, 0x1E},
                                        {Tag::name_continued, 0x14}}};
constexpr std::array issuerTags{Tag::card_identifier, Tag::card_class, Tag::version,
                                Tag::issued,          Tag::expires,    Tag::card_number};

const TagSize* find(Tag tag) {
    const auto* row = std::ranges::find(sizes, tag, &TagSize::tag);
    return row == sizes.end() ? nullptr : row;
}

tl::unexpected<Error> malformed() {
    return fail(Reason::card_data_malformed, "record");
}

// What a card says that cannot read records "from P1 to the last", or not by SFI.
bool formNotSupported(StatusWord status) {
    constexpr std::array<StatusWord, 6> statuses{0x6981, 0x6A81, 0x6A83, 0x6A86, 0x6B00, 0x6D00};
    return std::ranges::find(statuses, status) != statuses.end();
}

// EF05 in one exchange; nothing where the card does not do that.
Result<Records> readIssuerFile(Channel& channel) {
    const auto command = Command::readRecords(issuerFile, 1, issuerFileSize);
    const auto response = channel.transmit(command);
    if (!response)
        return failWith(response);
    if (formNotSupported(response->status))
        return Records{};
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status));
    return splitRecords(response->data, response->data.size() >= issuerFileSize);
}

} // namespace

std::size_t valueSize(Tag tag) {
    const auto* row = find(tag);
    return row == nullptr ? 0 : row->size;
}

Result<Records> splitRecords(ByteView file, bool mayBeCut) {
    Records records;
    while (!file.empty()) {
        const std::size_t length = file.size() < headerSize ? 0 : file[1];
        if (file.size() < headerSize + length) {
            if (mayBeCut)
                return records;
            return malformed();
        }
        if (const auto* row = find(Tag{file[0]})) {
            if (length > row->size)
                return malformed();
            const auto value = file.subspan(headerSize, length);
            records.try_emplace(row->tag, value.begin(), value.end());
        }
        file = file.subspan(headerSize + length);
    }
    return records;
}

Result<Bytes> recordValue(ByteView record, Tag tag) {
    if (record.size() < headerSize || record[0] != static_cast<std::uint8_t>(tag))
        return malformed();
    const std::size_t length = record[1];
    if (length > record.size() - headerSize || length > valueSize(tag))
        return malformed();
    const auto value = record.subspan(headerSize, length);
    return Bytes(value.begin(), value.end());
}

Result<Bytes> readByTag(Channel& channel, std::uint8_t sfi, Tag tag) {
    auto record = channel.require(
        Command::readRecordByTag(sfi, static_cast<std::uint8_t>(tag), headerSize + valueSize(tag)));
    if (!record)
        return record;
    auto value = recordValue(*record, tag);
    wipe(*record);
    return value;
}

Result<std::optional<Bytes>> readByTagIfThere(Channel& channel, std::uint8_t sfi, Tag tag) {
    auto value = readByTag(channel, sfi, tag);
    if (value)
        return std::optional(std::move(*value));
    if (value.error() == Reason::record_missing)
        return std::optional<Bytes>();
    return failWith(value);
}

Result<Records> readIssuerRecords(Channel& channel) {
    auto records = readIssuerFile(channel);
    if (!records)
        return records;
    for (const auto tag : issuerTags) {
        if (records->contains(tag))
            continue;
        auto value = readByTagIfThere(channel, issuerFile, tag);
        if (!value)
            return failWith(value);
        if (*value)
            records->emplace(tag, std::move(**value));
    }
    return records;
}

} // namespace ykt::apdu::social_security
