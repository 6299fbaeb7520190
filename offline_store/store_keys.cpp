#include "offline_store/store_impl.h"

namespace ykt::offline_store {

Result<void> Store::rotateDataKey(std::uint32_t number, Secret key) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    if (number <= self.keys.newest())
        return fail(Reason::key_invalid, "data key " + std::to_string(number) + " is not the next");
    self.keys.add(number, std::move(key));
    const auto id = self.journal.lastId();
    const auto renewed = transact(self.connection, "rotating the data key", [&]() -> Result<void> {
        if (auto checked = renewKeyCheck(self.connection, id.terminal, self.keys); !checked)
            return checked;
        if (auto kept = self.keepGuard(); !kept)
            return kept;
        return writeSettledMark(self.connection, id.terminal, id.epoch, self.keys, self.settledMark);
    });
    if (!renewed)
        self.keys.forget(number); // nothing was sealed with it
    return renewed;
}

Result<std::set<std::uint32_t>> Store::dataKeysInUse() {
    std::set<std::uint32_t> numbers;
    std::filesystem::path file;
    {
        const std::scoped_lock lock(impl_->mutex);
        numbers.insert(impl_->keys.newest());
        file = impl_->connection.getFilename();
    }
    return guarded(
        impl_->connection, "looking which data keys are in use", [&]() -> Result<std::set<std::uint32_t>> {
            const Connection reader(file, SQLite::OPEN_READONLY); // beside the writer, who goes on
            SQLite::Statement row(reader, "SELECT data_key FROM journal WHERE sealed IS NOT NULL "
                                          "UNION SELECT data_key FROM intent WHERE sealed IS NOT NULL "
                                          "UNION SELECT data_key FROM salvaged");
            while (row.executeStep())
                numbers.insert(row.getColumn(0).getUInt());
            return numbers;
        });
}

} // namespace ykt::offline_store
