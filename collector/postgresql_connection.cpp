#include "collector/postgresql_connection.h"

#include "base/hex.h"

#include <array>
#include <charconv>

namespace ykt::collector {

std::string PostgresqlRows::text(int row, int column) const {
    return {::PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(::PQgetlength(result_.get(), row, column))};
}

std::int64_t PostgresqlRows::number(int row, int column) const {
    const auto digits = text(row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

Bytes PostgresqlRows::bytes(int row, int column) const {
    const auto value = text(row, column); // "\x" and digits
    return fromHex(std::string_view(value).substr(value.starts_with("\\x") ? 2 : 0)).value_or(Bytes());
}

Result<PostgresqlConnection> PostgresqlConnection::open(const std::string& parameters) {
    // What stands later counts, so that the parameters can say otherwise.
    const std::array names{"connect_timeout", "tcp_user_timeout", "options", "dbname",
                           static_cast<const char*>(nullptr)};
    const std::array values{"5", "20000", "-c statement_timeout=20000 -c client_min_messages=warning",
                            parameters.c_str(), static_cast<const char*>(nullptr)};
    constexpr int expandParameters = 1; // "dbname" holds them all
    PostgresqlConnection opened(::PQconnectdbParams(names.data(), values.data(), expandParameters));
    // A server that stops says so on standard error otherwise.
    ::PQsetNoticeProcessor(
        opened.connection_.get(), [](void*, const char*) {}, nullptr);
    if (::PQstatus(opened.connection_.get()) != CONNECTION_OK)
        return opened.failure();
    return opened;
}

Result<PostgresqlRows> PostgresqlConnection::run(const char* statement,
                                                 const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const auto& value : values)
        pointers.push_back(value.c_str());
    PGresult* result = ::PQexecParams(connection_.get(), statement, static_cast<int>(values.size()), nullptr,
                                      pointers.data(), nullptr, nullptr, 0);
    PostgresqlRows rows(result);
    const auto status = ::PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return failure();
    return rows;
}

Result<void> PostgresqlConnection::runAll(const char* statements) {
    PGresult* result = ::PQexec(connection_.get(), statements);
    const PostgresqlRows owner(result);
    const auto status = ::PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return failure();
    return {};
}

// The first line only: the others can quote what was to be written.
tl::unexpected<Error> PostgresqlConnection::failure() const {
    const std::string_view message = ::PQerrorMessage(connection_.get());
    return fail(Reason::store_failed, "PostgreSQL: " + std::string(message.substr(0, message.find('\n'))));
}

std::string byteaText(ByteView bytes) {
    return "\\x" + toHex(bytes);
}

void ArrayText::add(std::string_view element) {
    elements_ += elements_.empty() ? "{\"" : ",\"";
    for (const char c : element) {
        if (c == '"' || c == '\\')
            elements_ += '\\';
        elements_ += c;
    }
    elements_ += '"';
}

} // namespace ykt::collector
