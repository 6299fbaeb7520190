#include "offline_store/schema_transplant.h"

#include "offline_store/database.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

// Where the first page says of a file what is another's (https://www.sqlite.org/fileformat2.html, 1.3): how
// many pages it has, and which of them are free, which who reads need not know.
constexpr std::size_t sizeInPages = 28;
constexpr std::size_t freePages = 32;

struct Schema {
    std::vector<std::size_t> pages; // from 0
    Bytes file;
};

Result<void> copyFile(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (fs::exists(from, error))
        fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    if (error)
        return fail(error == std::errc::no_space_on_device || error == std::errc::file_too_large
                        ? Reason::store_full
                        : Reason::store_failed,
                    "copying " + from.string() + ": " + error.message());
    return {};
}

// Of a new database, made at `file`.
Result<Schema> newSchema(const fs::path& file) {
    std::error_code ignored; // then the tables are there already, which is told
    fs::remove(file, ignored);
    Schema schema;
    {
        auto connection = openConnection(file);
        if (!connection)
            return failWith(connection);
        const auto made = transact(*connection, "making a schema", [&]() -> Result<void> {
            migrate(*connection, 0);
            SQLite::Statement page(*connection, "SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'");
            while (page.executeStep())
                schema.pages.push_back(page.getColumn(0).getUInt() - 1);
            return {};
        });
        if (!made)
            return failWith(made);
    } // closed, it is all in the file
    std::ifstream in(file, std::ios::binary);
    schema.file.assign(std::istreambuf_iterator<char>(in), {});
    fs::remove(file, ignored);
    if (schema.pages.empty() || schema.file.size() <= *std::ranges::max_element(schema.pages) * pageSize)
        return fail(Reason::store_failed, "reading " + file.string());
    return schema;
}

} // namespace

bool hasSchemaOfNew(const fs::path& file) {
    return guardedReading("looking at the schema",
                          [&]() -> Result<bool> {
                              Connection connection(file, SQLite::OPEN_READONLY);
                              Connection expected(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
                              expected.exec("PRAGMA page_size = " + std::to_string(pageSize));
                              migrate(expected, 0);
                              return schemaOf(connection, true) == schemaOf(expected, true);
                          })
        .value_or(false);
}

Result<void> transplantSchema(const fs::path& damaged, const fs::path& copy) {
    for (const auto* suffix : {"", "-wal"})
        if (const auto copied = copyFile(damaged.string() + suffix, copy.string() + suffix); !copied)
            return copied;
    auto schema = newSchema(copy.string() + "-new");
    if (!schema)
        return failWith(schema);
    std::fstream into(copy, std::ios::binary | std::ios::in | std::ios::out | std::ios::ate);
    const auto pages = static_cast<std::uint64_t>(into.tellg()) / pageSize;
    Bytes size;
    appendBigEndian(size, pages, 4);
    std::ranges::copy(size, schema->file.begin() + sizeInPages);
    std::fill_n(schema->file.begin() + freePages, 8, std::uint8_t{0});
    for (const auto page : schema->pages) {
        into.seekp(static_cast<std::streamoff>(page * pageSize));
        into.write(reinterpret_cast<const char*>(schema->file.data() + page * pageSize), pageSize);
    }
    if (!into.flush())
        return fail(Reason::store_failed, "writing " + copy.string());
    return {};
}

} // namespace ykt::offline_store
