#include "offline_store/journal.h"

#include "crypto/random.h"
#include "offline_store/packing.h"

namespace ykt::offline_store {

namespace {

constexpr std::size_t saltSize = 16;

constexpr int sealedColumn = 10;

std::string at(std::uint64_t sequence) {
    return "sequence " + std::to_string(sequence);
}

// What a record's seal is bound to. Of schema 5 and before: the id alone, and the payload is not packed.
std::string packedName(const RecordId& id) {
    return "ykt-packed-1 " + id.text();
}

crypto::Digest payloadDigest(const Record& record) {
    return crypto::sha256(concat({record.salt, record.payload}));
}

} // namespace

Journal::Journal(Connection& connection, std::string terminal, std::uint32_t epoch, const KeyRing& keys)
    : connection_(connection), terminal_(std::move(terminal)), epoch_(epoch), keys_(keys) {}

void Journal::load() {
    tail_ = {};
    SQLite::Statement row(connection_, "SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1");
    if (row.executeStep()) {
        tail_.sequence = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
        copyExactly(tail_.hash, blobOf(row.getColumn(1)));
    }
}

Result<Record> Journal::append(const Entry& entry, ByteView packed, const Instant& now) {
    Record record;
    record.id = {terminal_, epoch_, tail_.sequence + 1};
    record.recordClass = entry.recordClass;
    record.kind = entry.kind;
    record.written = now;
    record.payload = entry.payload;
    record.previous = tail_.hash;
    const auto salt = crypto::randomBytes(saltSize);
    if (!salt)
        return failWith(salt);
    copyExactly(record.salt, *salt);
    record.payloadDigest = payloadDigest(record);
    record.hash = chainHash(record);

    static const auto sql = std::string("INSERT INTO journal (") + columns +
                            ", order_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    auto insert = connection_.prepared(sql);
    if (const auto bound = bindRow(*insert, record, packed, keys_); !bound)
        return failWith(bound);
    if (entry.order) // else NULL
        insert->bind(columnCount + 1, static_cast<std::int64_t>(*entry.order));
    else
        insert->bind(columnCount + 1);
    insert->exec();
    tail_ = {record.id.sequence, record.hash};
    return record;
}

Result<void> Journal::bindRow(SQLite::Statement& insert, const Record& record, ByteView packed,
                              const KeyRing& keys) {
    auto plain = concat({record.salt, packed});
    const auto sealed = keys.seal(plain, asBytes(packedName(record.id)));
    wipe(plain);
    if (!sealed)
        return failWith(sealed);
    insert.bind(1, static_cast<std::int64_t>(record.id.sequence));
    insert.bind(2, static_cast<int>(record.recordClass));
    insert.bind(3, record.kind);
    bindInstant(insert, 4, record.written);
    bindBlob(insert, 8, record.payloadDigest);
    bindBlob(insert, 9, record.previous);
    bindBlob(insert, 10, record.hash);
    bindBlob(insert, sealedColumn + 1, *sealed);
    insert.bind(sealedColumn + 2, std::int64_t{keys.newest()});
    return {};
}

Result<Record> Journal::recordFrom(SQLite::Statement& row) const {
    auto record = fromRow(row);
    if (!record)
        return record;
    if (chainHash(*record) != record->hash)
        return fail(Reason::store_corrupt, at(record->id.sequence));
    if (row.getColumn(sealedColumn).isNull())
        return fail(Reason::record_not_found, at(record->id.sequence) + ": its payload was given up");
    if (auto opened = open(*record, row); !opened)
        return failWith(opened);
    return record;
}

Result<Record> Journal::fromRow(SQLite::Statement& row) const {
    Record record;
    record.id = {terminal_, epoch_, static_cast<std::uint64_t>(row.getColumn(0).getInt64())};
    record.recordClass = static_cast<RecordClass>(row.getColumn(1).getInt()); // the table checks the range
    record.kind = row.getColumn(2).getString();
    const auto written = instantOf(row, 3);
    if (!written || !copyExactly(record.payloadDigest, blobOf(row.getColumn(7))) ||
        !copyExactly(record.previous, blobOf(row.getColumn(8))) ||
        !copyExactly(record.hash, blobOf(row.getColumn(9))))
        return fail(Reason::store_corrupt, at(record.id.sequence));
    record.written = *written;
    return record;
}

Result<void> Journal::open(Record& record, SQLite::Statement& row) const {
    const auto number = row.getColumn(sealedColumn + 1).getUInt();
    const auto sealed = blobOf(row.getColumn(sealedColumn));
    auto plain = keys_.unseal(number, sealed, asBytes(packedName(record.id)));
    const bool isPacked = plain || plain.error() != Reason::unseal_failed;
    if (!isPacked)
        plain = keys_.unseal(number, sealed, asBytes(record.id.text()));
    if (!plain)
        return fail(plain.error().reason, at(record.id.sequence));
    const auto bytes = plain->reveal();
    if (bytes.size() < saltSize)
        return fail(Reason::store_corrupt, at(record.id.sequence));
    copyExactly(record.salt, bytes.first(saltSize));
    auto payload = isPacked ? unpack(bytes.subspan(saltSize)) : Bytes(bytes.begin() + saltSize, bytes.end());
    if (!payload)
        return fail(Reason::store_corrupt, at(record.id.sequence));
    record.payload = std::move(*payload);
    if (payloadDigest(record) != record.payloadDigest)
        return fail(Reason::store_corrupt, at(record.id.sequence));
    return {};
}

Result<Record> Journal::read(std::uint64_t sequence) {
    static const auto sql = std::string("SELECT ") + columns + " FROM journal WHERE sequence = ?";
    auto row = connection_.prepared(sql);
    row->bind(1, static_cast<std::int64_t>(sequence));
    if (row->executeStep())
        return recordFrom(*row);
    if (sequence == 0 || sequence > tail_.sequence)
        return fail(Reason::record_not_found, at(sequence));
    connection_.noteDamage(); // no row is ever deleted
    return fail(Reason::store_corrupt, at(sequence));
}

void Journal::dropPayload(std::uint64_t sequence) {
    auto update = connection_.prepared("UPDATE journal SET sealed = NULL WHERE sequence = ?");
    update->bind(1, static_cast<std::int64_t>(sequence));
    update->exec();
}

Result<bool> Journal::verify(Link& from, int most) {
    SQLite::Statement row(connection_, std::string("SELECT ") + columns +
                                           " FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?");
    row.bind(1, static_cast<std::int64_t>(from.sequence));
    row.bind(2, most);
    bool any = false;
    while (row.executeStep()) {
        auto record = fromRow(row);
        if (!record)
            return failWith(record);
        const auto expected = from.sequence + 1;
        if (record->id.sequence != expected || record->previous != from.hash ||
            chainHash(*record) != record->hash)
            return fail(Reason::store_corrupt, at(expected));
        if (!row.getColumn(sealedColumn).isNull())
            if (auto opened = open(*record, row); !opened)
                return failWith(opened);
        from = {record->id.sequence, record->hash};
        any = true;
    }
    return any;
}

} // namespace ykt::offline_store
