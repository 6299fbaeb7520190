// A store in a folder of its own, with a clock that the test moves.
#pragma once

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "hal/clock.h"
#include "offline_store/store.h"
#include "tests/temporary_folder.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

inline const WallTime start = wallFromUnixSeconds(1'795'000'000);

struct Fixture {
    Fixture() : key(*crypto::randomSecret(32)) { options = {folder.path() / "store.db", "NX-BUS-0001", {}}; }

    Result<std::unique_ptr<Store>> tryOpen() const { return Store::open(options, key.clone(), clock); }
    std::unique_ptr<Store> open() const {
        auto store = tryOpen();
        REQUIRE(store);
        return std::move(*store);
    }
    // A second connection, as a tool or an attacker has it. Close the store first where rows are changed.
    SQLite::Database direct() const { return SQLite::Database(options.file, SQLite::OPEN_READWRITE, 1000); }

    test::TemporaryFolder folder;
    hal::ManualClock clock{start};
    Secret key;
    StoreOptions options;
};

inline Entry entry(RecordClass recordClass = RecordClass::money,
                   const std::string& payload = R"({"fare":100})", const std::string& kind = "ride") {
    return {recordClass, kind, toBytes(payload), {}};
}

inline ByteArray<32> claimKey(std::uint8_t number) {
    return crypto::sha256(Bytes{number});
}

inline std::vector<std::uint64_t> sequencesOf(const std::vector<Record>& records) {
    std::vector<std::uint64_t> sequences;
    for (const auto& record : records)
        sequences.push_back(record.id.sequence);
    return sequences;
}

} // namespace ykt::offline_store
