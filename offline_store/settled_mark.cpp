#include "offline_store/settled_mark.h"

#include "offline_store/record.h"

namespace ykt::offline_store {

namespace {

constexpr std::size_t markSize = 8;

// Bound to one epoch of one terminal.
std::string nameOf(const std::string& terminal, std::uint32_t epoch) {
    return "ykt-settled-1 " + RecordId{terminal, epoch, 0}.text();
}

} // namespace

Result<std::uint64_t> readSettledMark(Connection& connection, const std::string& terminal,
                                      std::uint32_t epoch, const KeyRing& keys) {
    SQLite::Statement row(connection, "SELECT value FROM setting WHERE name = 'settled'");
    if (!row.executeStep())
        return 0;
    const auto plain = keys.unseal(blobOf(row.getColumn(0)), asBytes(nameOf(terminal, epoch)));
    if (!plain && plain.error() != Reason::unseal_failed)
        return failWith(plain);
    if (!plain || plain->reveal().size() != markSize)
        return 0;
    std::uint64_t sequence = 0;
    for (const auto byte : plain->reveal())
        sequence = sequence << 8 | byte;
    return sequence;
}

Result<void> writeSettledMark(Connection& connection, const std::string& terminal, std::uint32_t epoch,
                              const KeyRing& keys, std::uint64_t sequence) {
    Bytes plain;
    appendBigEndian(plain, sequence, markSize);
    const auto sealed = keys.seal(plain, asBytes(nameOf(terminal, epoch)));
    if (!sealed)
        return failWith(sealed);
    setSetting(connection, "settled", [&](auto& insert) { bindBlob(insert, 2, *sealed); });
    return {};
}

} // namespace ykt::offline_store
