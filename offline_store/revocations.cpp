#include "offline_store/revocations.h"

#include "base/hex.h"
#include "crypto/digest.h"
#include "offline_store/bulletins.h"

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

// Left free on the disk beside a list: the journal's records come first.
constexpr std::uint64_t roomForTheJournal = 16'777'216;

struct Row {
    std::optional<crypto::Digest> base;
    RevocationOverlay overlay;
};

// nullopt: none, or one that is not of its form.
std::optional<Row> readRow(Connection& connection) {
    SQLite::Statement row(connection, "SELECT base, added, removed FROM revocation");
    if (!row.executeStep())
        return std::nullopt;
    Row read;
    if (!row.getColumn(0).isNull() && !copyExactly(read.base.emplace(), blobOf(row.getColumn(0))))
        return std::nullopt;
    auto added = parseSortedKeys(blobOf(row.getColumn(1)));
    auto removed = parseSortedKeys(blobOf(row.getColumn(2)));
    if (!added || !removed)
        return std::nullopt;
    read.overlay = {std::move(*added), std::move(*removed)};
    return read;
}

void writeRow(Connection& connection, const RevocationList& list) {
    SQLite::Statement row(connection,
                          "INSERT OR REPLACE INTO revocation (id, base, added, removed) VALUES (1, ?, ?, ?)");
    const auto bindKeys = [&](int index, const RevocationKeys& keys) {
        const auto bytes = bytesOf(keys);
        row.bind(index, keys.empty() ? "" : static_cast<const void*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    };
    if (list.base())
        bindBlob(row, 1, list.base()->digest());
    bindKeys(2, list.overlay().added);
    bindKeys(3, list.overlay().removed);
    row.exec();
}

// Until version 4 of the schema the list was the bulletin's body.
void takeOver(Connection& connection, const Bulletin& bulletin) {
    auto body = parseRevocationBody(bulletin.body);
    auto* entries = body ? std::get_if<RevocationEntries>(&*body) : nullptr;
    if (entries)
        writeRow(connection, RevocationList(nullptr, {std::move(entries->keys), {}}));
}

} // namespace

void Revocations::load(Connection& connection) {
    auto row = readRow(connection);
    if (!row)
        if (const auto bulletin = findBulletin(connection, "revocation")) {
            takeOver(connection, *bulletin);
            row = readRow(connection);
        }
    if (!row)
        return;
    RevocationList::Base base;
    if (row->base) {
        auto opened = RevocationFile::open(fileOf(*row->base), *row->base);
        if (!opened)
            return;
        base = std::move(*opened);
    }
    // Parts stay: a download goes on where it was.
    removeFiles([&](const fs::path& file) {
        return file.extension() == ".part" || (row->base && file == fileOf(*row->base));
    });
    const std::scoped_lock lock(mutex_);
    current_ = std::make_shared<const RevocationList>(std::move(base), std::move(row->overlay));
}

Revocations::Current Revocations::current() const {
    const std::scoped_lock lock(mutex_);
    return current_;
}

Result<bool> Revocations::contains(const RevocationKey& key) const {
    const auto list = current();
    if (!list)
        return fail(Reason::look_up_failed, "no revocation list is installed");
    auto listed = list->contains(key);
    if (!listed)
        damaged_ = true;
    return listed;
}

bool Revocations::isWhole() const {
    return !damaged_ && current() != nullptr;
}

fs::path Revocations::fileOf(const crypto::Digest& keys) const {
    return database_.string() + ".revocation-" + toHex(keys).substr(0, 16);
}

fs::path Revocations::partOf(const crypto::Digest& keys) const {
    return fileOf(keys).string() + ".part";
}

template <typename Keeps>
void Revocations::removeFiles(Keeps&& keeps) const {
    const auto prefix = database_.filename().string() + ".revocation-";
    std::error_code error; // what cannot be removed now is tried again at the next start
    const auto folder = database_.has_parent_path() ? database_.parent_path() : fs::path(".");
    std::vector<fs::path> leftOver;
    for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error))
        if (file->path().filename().string().starts_with(prefix))
            leftOver.push_back(database_.has_parent_path() ? file->path() : file->path().filename());
    for (const auto& file : leftOver)
        if (!keeps(file))
            fs::remove(file, error);
}

Result<std::optional<Attachment>> Revocations::attachment(const RevocationAttachment& file) const {
    const auto list = current();
    if (isWhole() && list->base() && list->base()->digest() == file.sha256)
        return std::nullopt;
    Attachment attachment{file.sha256, file.bytes, partOf(file.sha256)};
    // A file that had got its name when its COMMIT failed is left over too.
    removeFiles([&](const fs::path& other) {
        const bool isNamed = !list || (list->base() && other == fileOf(list->base()->digest()));
        return other == attachment.path || (other.extension() != ".part" && isNamed);
    });
    std::error_code error;
    const auto space =
        fs::space(database_.has_parent_path() ? database_.parent_path() : fs::path("."), error);
    const auto have = std::min(sizeOf(attachment.path), file.bytes);
    const auto filter = file.bytes / 4; // more than it is
    if (!error && space.available < file.bytes - have + filter + roomForTheJournal)
        return fail(Reason::store_full, "no room for the revocation list");
    return attachment;
}

Result<Revocations::Next> Revocations::fromAttachment(const RevocationAttachment& file) const {
    const auto list = current();
    if (isWhole() && list->base() && list->base()->digest() == file.sha256)
        return Next{RevocationList(list->base(), {})};
    const auto part = partOf(file.sha256);
    if (sizeOf(part) < file.bytes)
        return fail(Reason::bulletin_incomplete, "revocation: its file is not here whole");
    Bytes bytes(file.bytes);
    const auto handle = openToRead(part);
    if (!handle)
        return failWith(handle);
    if (const auto read = readAt(*handle, 0, bytes); !read)
        return failWith(read);
    auto keys = parseSortedKeys(bytes);
    const bool same = crypto::sha256(bytes) == file.sha256;
    bytes = {};
    std::error_code ignored;
    if (!same || !keys)
        fs::remove(part, ignored);
    if (!same)
        return fail(Reason::bulletin_incomplete, "revocation: another file than the bulletin names");
    if (!keys)
        return failWith(keys);
    if (const auto completed = completeRevocationFile(part, *keys, file.sha256); !completed)
        return failWith(completed);
    keys = RevocationKeys{};
    auto base = RevocationFile::open(part, file.sha256);
    if (!base)
        return failWith(base);
    return Next{RevocationList(std::move(*base), {}), part};
}

Result<Revocations::Next> Revocations::prepare(RevocationBody body, std::uint64_t installed) const {
    if (const auto* file = std::get_if<RevocationAttachment>(&body))
        return fromAttachment(*file);
    if (auto* entries = std::get_if<RevocationEntries>(&body))
        return Next{RevocationList(nullptr, {std::move(entries->keys), {}})};
    const auto& delta = std::get<RevocationDelta>(body);
    if (delta.base != installed || !isWhole())
        return fail(Reason::bulletin_base_missing, "revocation " + std::to_string(delta.base));
    return Next{current()->with(delta)};
}

Result<std::optional<Revocations::Next>> Revocations::folded() const {
    const auto list = current();
    if (!list || list->overlay().size() <= RevocationOverlay::mostKeys)
        return std::nullopt;
    const auto keys = list->keys();
    if (!keys)
        return failWith(keys);
    if (keys->empty())
        return Next{};
    const auto digest = crypto::sha256(bytesOf(*keys));
    const auto part = partOf(digest);
    if (const auto written = writeFrom(part, 0, bytesOf(*keys)); !written)
        return failWith(written);
    if (const auto completed = completeRevocationFile(part, *keys, digest); !completed)
        return failWith(completed);
    auto base = RevocationFile::open(part, digest);
    if (!base)
        return failWith(base);
    return Next{RevocationList(std::move(*base), {}), part};
}

Result<void> Revocations::commit(Connection& connection, const Next& next) const {
    if (!next.fresh.empty())
        if (const auto named = renameDurably(next.fresh, fileOf(next.list.base()->digest())); !named)
            return named;
    writeRow(connection, next.list);
    return {};
}

void Revocations::adopt(Next next) {
    const auto list = std::make_shared<const RevocationList>(std::move(next.list));
    {
        const std::scoped_lock lock(mutex_);
        current_ = list;
    }
    damaged_ = false;
    removeFiles([&](const fs::path& file) { return list->base() && file == fileOf(list->base()->digest()); });
}

} // namespace ykt::offline_store
