#include "fixture.h"
#include "tests/source_dir.h"

#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

// Without white space: ALTER TABLE sets a column in its own way.
std::vector<std::string> schemaOf(SQLite::Database& database) {
    std::vector<std::string> rows;
    SQLite::Statement row(
        database, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY name");
    while (row.executeStep()) {
        auto text = row.getColumn(0).getString();
        std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
        rows.push_back(std::move(text));
    }
    return rows;
}

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const std::filesystem::path& file, std::streamoff from, std::size_t size) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(from);
    out << std::string(size, '\x5a');
}

} // namespace

TEST_CASE_METHOD(Fixture, "the migrations end at schema.sql") {
    open();
    auto migrated = direct();
    SQLite::Database expected(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    expected.exec(contentOf(test::sourceDir() / "offline_store/schema.sql"));
    CHECK(schemaOf(migrated).size() > 5);
    CHECK(schemaOf(migrated) == schemaOf(expected));
    CHECK(migrated.execAndGet("PRAGMA user_version").getInt() == 6);
    CHECK(migrated.execAndGet("PRAGMA journal_mode").getString() == "wal");
}

TEST_CASE_METHOD(Fixture, "the database is readable by its owner only") {
    open();
    struct stat status {};
    REQUIRE(::stat(options.file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE_METHOD(Fixture, "a store that is open is opened by nobody else, and left as it is") {
    auto store = open();
    const std::filesystem::path unfinished = options.file.string() + ".fresh"; // which an opening removes
    std::ofstream(unfinished) << "a replacement that goes on";
    CHECK(tryOpen().error() == Reason::store_in_use);
    CHECK(std::filesystem::exists(unfinished));
    store.reset();
    CHECK(open()->append(entry()));
    CHECK_FALSE(std::filesystem::exists(unfinished));
}

TEST_CASE_METHOD(Fixture, "another key is noticed, and nothing is changed") {
    REQUIRE(open()->append(entry()));
    CHECK(Store::open(options, *crypto::randomSecret(32), clock).error() == Reason::unseal_failed);
    CHECK(Store::open(options, *crypto::randomSecret(16), clock).error() == Reason::key_invalid);
    CHECK(open()->read(1));
}

TEST_CASE_METHOD(Fixture, "another terminal's database is refused") {
    open();
    options.terminal = "NX-BUS-0002";
    CHECK(tryOpen().error() == Reason::store_failed);
}

TEST_CASE_METHOD(Fixture, "a newer program's database is left alone") {
    open();
    direct().exec("CREATE TABLE novelty (a); PRAGMA user_version = 99");
    const auto before = contentOf(options.file);
    CHECK(tryOpen().error() == Reason::store_too_new);
    CHECK(contentOf(options.file) == before);
    CHECK_FALSE(std::filesystem::exists(options.file.string() + ".damaged-1"));
}

TEST_CASE_METHOD(Fixture, "a damaged version is neither a newer program's nor an older one's") {
    const auto version = GENERATE(99, 5, 4, 1, 0);
    REQUIRE(open()->append(entry()));
    direct().exec("PRAGMA user_version = " + std::to_string(version));
    const auto store = open();
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(store->counts()->salvaged == 1);
}

TEST_CASE_METHOD(Fixture, "a database that cannot be opened is an error, not a new one") {
    options.file = folder.path() / "missing" / "store.db";
    CHECK(tryOpen().error() == Reason::store_failed);
}

TEST_CASE_METHOD(Fixture, "a damaged database is kept aside and a new epoch begins, each time") {
    for (std::uint32_t time = 1; time <= 2; ++time) {
        {
            const auto store = open();
            for (int i = 0; i < 20; ++i)
                REQUIRE(store->append(entry()));
        }
        const bool header = GENERATE(true, false);
        overwrite(options.file, header ? 0 : 3 * 1024, header ? 16 : 8 * 1024);
        const auto damaged = contentOf(options.file);

        const auto store = open();
        const auto aside = options.file.string() + ".damaged-" + std::to_string(time);
        CHECK(contentOf(aside) == damaged);
        const auto told = store->read(1);
        REQUIRE(told);
        CHECK(told->id.epoch == time + 1);
        CHECK(told->recordClass == RecordClass::security_event);
        CHECK(told->kind == "store_replaced");
        CHECK(nlohmann::json::parse(told->payload)["moved_to"] ==
              std::filesystem::path(aside).filename().string());
        CHECK(store->append(entry())->id == RecordId{"NX-BUS-0001", time + 1, 2});
    }
}

TEST_CASE_METHOD(Fixture, "an epoch does not come back when the database is gone") {
    open();
    std::filesystem::remove(options.file);
    CHECK(open()->append(entry())->id.epoch == 2);
    std::filesystem::remove(options.file);
    std::ofstream(options.file.string() + ".epoch") << "damaged";
    CHECK(tryOpen().error() == Reason::store_failed); // no epoch is better than one that repeats
}
