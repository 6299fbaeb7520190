#include "tests/collector/played_terminal.h"

#include <catch2/catch.hpp>

namespace ykt::collector {

TEST_CASE("A batch is read as it was written") {
    PlayedTerminal terminal;
    auto batch = terminal.batch(2);
    batch.request = "0011223344556677";
    const auto read = parseTransactions(toJson(batch));
    REQUIRE(read);
    CHECK(read->terminal == terminal.name);
    CHECK(read->epoch == 1);
    CHECK(read->request == batch.request);
    REQUIRE(read->records.size() == 2);
    CHECK(read->records[1].payload == batch.records[1].payload);
    for (const auto& record : read->records)
        CHECK(unsound(*read, record).empty());
}

// The numbers were worked out with Python's hashlib from the table of docs/store.md.
TEST_CASE("The hash is the one that the documents give") {
    PlayedTerminal terminal{"NX-BUS-0001", 1, 41, {}};
    const auto record = terminal.record();
    CHECK(toHex(record.payloadDigest) == "b7e59b40c2e29366cdd3b31de1f732d3196a6c8d827d88de95571ad5b9913eb1");
    CHECK(toHex(record.hash) == "1b77d9c0ac2716ade4a5fc960f1bb26b34588043a3912328a093427e159803e0");
}

TEST_CASE("What is no batch is refused with what is wrong") {
    PlayedTerminal terminal;
    const auto good = nlohmann::json::parse(toJson(terminal.batch(1)));
    const auto whyNot = [](const nlohmann::json& object) {
        const auto read = parseTransactions(object.dump());
        return read ? std::string("taken") : read.error().context;
    };
    REQUIRE(whyNot(good) == "taken");
    const auto with = [&](const char* pointer, const nlohmann::json& value) {
        auto changed = good;
        changed[nlohmann::json::json_pointer(pointer)] = value;
        return whyNot(changed);
    };
    CHECK(with("/records", nlohmann::json::array()) == "records");
    CHECK(with("/records", 1) == "records");
    CHECK(with("/records/0", 1) == "not the documented JSON");
    CHECK(with("/epoch", 4'294'967'296) == "epoch");
    CHECK(with("/epoch", -1) == "epoch");
    CHECK(with("/epoch", 1.5) == "epoch");
    CHECK(with("/terminal", "") == "terminal");
    CHECK(with("/terminal", std::string(65, 'x')) == "terminal");
    CHECK(with("/terminal", std::string("a\0b", 3)) == "terminal");
    CHECK(with("/terminal", 1) == "not the documented JSON");
    CHECK(with("/records/0/sequence", -1) == "sequence");
    CHECK(with("/records/0/sequence", 9'223'372'036'854'775'808ULL) == "sequence");
    CHECK(with("/records/0/wall_ms", 9'223'372'036'854'775'808ULL) == "wall_ms");
    CHECK(with("/records/0/wall_ms", "1") == "wall_ms");
    CHECK(with("/records/0/kind", std::string(65, 'x')) == "kind");
    CHECK(with("/records/0/boot", "00") == "boot");
    CHECK(with("/records/0/hash", std::string(64, 'g')) == "hash");
    CHECK(with("/records/0/payload", "====") == "payload");
    CHECK_FALSE(parseTransactions(""));
    CHECK_FALSE(parseTransactions("[]"));
    CHECK_FALSE(parseTransactions(std::string(1'000'000, '[')));
}

TEST_CASE("What can be read of a batch is told from what cannot") {
    PlayedTerminal terminal;
    auto batch = nlohmann::json::parse(toJson(terminal.batch(4)));
    batch["records"][1]["kind"] = std::string(65, 'x');
    batch["records"][2]["sequence"] = -3;
    batch["records"][3] = 7;
    const auto read = parseWhatIsReadable(batch.dump());
    REQUIRE(read);
    REQUIRE(read->records.size() == 4);
    CHECK(read->records[0].unreadable.empty());
    CHECK(read->records[1].unreadable == "kind");
    CHECK(read->records[1].sequence == 2);
    CHECK(read->records[2].unreadable == "sequence");
    CHECK(read->records[2].sequence == 0);
    CHECK(read->records[3].unreadable == "not the documented JSON");
    batch["epoch"] = -1;
    CHECK_FALSE(parseWhatIsReadable(batch.dump()));
}

} // namespace ykt::collector
