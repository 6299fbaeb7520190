#include "offline_store/intents.h"

#include "offline_store/claims.h"

#include <algorithm>

namespace ykt::offline_store {

namespace {

constexpr auto columns = "number, medium, wall_ms, monotonic_ns, boot, trust, reported, sealed, data_key";

// A claim at rest: its key and, in eight bytes big-endian, the end that it was taken until.
constexpr std::size_t keySize = 32;
constexpr std::size_t claimSize = keySize + 8;

std::string at(std::uint64_t number) {
    return "intent " + std::to_string(number);
}

Bytes packed(const std::vector<Claim>& claims) {
    Bytes bytes;
    for (const auto& claim : claims) {
        bytes.insert(bytes.end(), claim.key.begin(), claim.key.end());
        const auto until = static_cast<std::uint64_t>(unixMilliseconds(claim.until));
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<std::uint8_t>(until >> shift));
    }
    return bytes;
}

Claim unpacked(ByteView bytes) {
    Claim claim;
    std::ranges::copy(bytes.first(keySize), claim.key.begin());
    std::uint64_t until = 0;
    for (const auto byte : bytes.subspan(keySize, claimSize - keySize))
        until = until << 8 | byte;
    claim.until = wallFromUnixMilliseconds(static_cast<std::int64_t>(until));
    return claim;
}

} // namespace

Intents::Intents(Connection& connection, std::string terminal, std::uint32_t epoch, const KeyRing& keys)
    : connection_(connection), terminal_(std::move(terminal)), epoch_(epoch), keys_(keys) {}

Result<Intent> Intents::open(const IntentEntry& entry, const Instant& now) {
    // The last one stays after it was closed, so that this number was never given before.
    SQLite::Statement last(connection_, "SELECT coalesce(max(number), 0) FROM intent");
    last.executeStep();
    Intent intent;
    intent.number = static_cast<std::uint64_t>(last.getColumn(0).getInt64()) + 1;
    intent.medium = entry.medium;
    intent.opened = now;
    intent.payload = entry.payload;
    if (const auto inserted = insert(intent, packed(entry.claims)); !inserted)
        return failWith(inserted);
    SQLite::Statement forget(connection_, "DELETE FROM intent WHERE sealed IS NULL");
    forget.exec();
    return intent;
}

Result<void> Intents::adopt(const Intent& intent, ByteView packedClaims) {
    return insert(intent, packedClaims);
}

Bytes Intents::packedClaims(std::uint64_t number) {
    SQLite::Statement row(connection_, "SELECT claims FROM intent WHERE number = ? AND sealed IS NOT NULL");
    row.bind(1, static_cast<std::int64_t>(number));
    if (!row.executeStep())
        return {};
    const auto bytes = blobOf(row.getColumn(0));
    return bytes.size() % claimSize == 0 ? Bytes(bytes.begin(), bytes.end()) : Bytes();
}

std::optional<Intent> Intents::find(std::uint64_t number) {
    SQLite::Statement row(connection_, std::string("SELECT ") + columns +
                                           " FROM intent WHERE sealed IS NOT NULL AND number = ?");
    row.bind(1, static_cast<std::int64_t>(number));
    Intent intent;
    return row.executeStep() && fill(intent, row) ? std::optional(std::move(intent)) : std::nullopt;
}

Result<void> Intents::insert(const Intent& intent, ByteView packedClaims) {
    const auto sealed = keys_.seal(intent.payload, boundTo(intent));
    if (!sealed)
        return failWith(sealed);

    SQLite::Statement row(connection_, std::string("INSERT INTO intent (") + columns +
                                           ", claims) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(1, static_cast<std::int64_t>(intent.number));
    bindBlob(row, 2, intent.medium);
    bindInstant(row, 3, intent.opened);
    row.bind(7, intent.reported ? 1 : 0);
    bindBlob(row, 8, *sealed);
    row.bind(9, std::int64_t{keys_.newest()});
    bindBlob(row, 10, packedClaims);
    row.exec();
    return {};
}

Result<std::vector<Intent>> Intents::ofMedium(const ByteArray<32>& medium) {
    SQLite::Statement rows(connection_,
                           std::string("SELECT ") + columns +
                               " FROM intent WHERE sealed IS NOT NULL AND medium = ? ORDER BY number");
    bindBlob(rows, 1, medium);
    std::vector<Intent> intents;
    while (rows.executeStep())
        if (const auto filled = fill(intents.emplace_back(), rows); !filled)
            return failWith(filled);
    return intents;
}

std::vector<Intent> Intents::all() {
    SQLite::Statement rows(connection_, std::string("SELECT ") + columns +
                                            " FROM intent WHERE sealed IS NOT NULL ORDER BY number");
    std::vector<Intent> intents;
    while (rows.executeStep())
        (void)fill(intents.emplace_back(), rows); // a damaged one hides no other
    return intents;
}

Result<void> Intents::amend(const Intent& intent, ByteView payload) {
    const auto sealed = keys_.seal(payload, boundTo(intent));
    if (!sealed)
        return failWith(sealed);
    SQLite::Statement update(
        connection_, "UPDATE intent SET sealed = ?, data_key = ? WHERE number = ? AND sealed IS NOT NULL");
    bindBlob(update, 1, *sealed);
    update.bind(2, std::int64_t{keys_.newest()});
    update.bind(3, static_cast<std::int64_t>(intent.number));
    if (update.exec() == 0)
        return fail(Reason::record_not_found, at(intent.number));
    return {};
}

Result<std::uint64_t> Intents::orderOf(std::uint64_t number) {
    auto row = connection_.prepared("SELECT medium FROM intent WHERE number = ? AND sealed IS NOT NULL");
    row->bind(1, static_cast<std::int64_t>(number));
    if (!row->executeStep())
        return fail(Reason::record_not_found, at(number));
    ByteArray<32> medium{};
    if (!copyExactly(medium, blobOf(row->getColumn(0))))
        return fail(Reason::store_corrupt, at(number));
    std::uint64_t order = 0;
    for (std::size_t index = 0; index < sizeof order; ++index)
        order = order << 8 | medium.at(index);
    return order;
}

Result<void> Intents::close(std::uint64_t number) {
    SQLite::Statement update(connection_, "UPDATE intent SET sealed = NULL, claims = NULL "
                                          "WHERE number = ? AND sealed IS NOT NULL");
    update.bind(1, static_cast<std::int64_t>(number));
    if (update.exec() == 0)
        return fail(Reason::record_not_found, at(number));
    return {};
}

Result<void> Intents::markReported(std::uint64_t number) {
    SQLite::Statement update(connection_,
                             "UPDATE intent SET reported = 1 WHERE number = ? AND sealed IS NOT NULL");
    update.bind(1, static_cast<std::int64_t>(number));
    if (update.exec() == 0)
        return fail(Reason::record_not_found, at(number));
    return {};
}

Result<void> Intents::freeClaims(std::uint64_t number) {
    SQLite::Statement row(connection_, "SELECT claims FROM intent WHERE number = ? AND sealed IS NOT NULL");
    row.bind(1, static_cast<std::int64_t>(number));
    if (!row.executeStep())
        return fail(Reason::record_not_found, at(number));
    auto bytes = blobOf(row.getColumn(0));
    if (bytes.size() % claimSize != 0)
        return fail(Reason::store_corrupt, at(number));
    for (; !bytes.empty(); bytes = bytes.subspan(claimSize))
        freeClaim(connection_, unpacked(bytes.first(claimSize)));
    return {};
}

Result<void> Intents::fill(Intent& intent, SQLite::Statement& row) const {
    intent.number = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    const auto opened = instantOf(row, 2);
    if (!copyExactly(intent.medium, blobOf(row.getColumn(1))) || !opened)
        return fail(Reason::store_corrupt, at(intent.number));
    intent.opened = *opened;
    intent.reported = row.getColumn(6).getInt() != 0;
    const auto payload = keys_.unseal(row.getColumn(8).getUInt(), blobOf(row.getColumn(7)), boundTo(intent));
    if (!payload)
        return fail(payload.error().reason, at(intent.number));
    const auto bytes = payload->reveal();
    intent.payload.assign(bytes.begin(), bytes.end());
    return {};
}

Bytes Intents::boundTo(const Intent& intent) const {
    const auto name = "ykt-intent-1 " + RecordId{terminal_, epoch_, intent.number}.text();
    return concat({asBytes(name), intent.medium});
}

} // namespace ykt::offline_store
