#include "firmware/keys/key_store_file.h"

#include "firmware/config/key_file.h"
#include "firmware/json/json_object.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace ykt::firmware::keys {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int version = 1;
constexpr std::int64_t mostNumber = 1'000'000;

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
};

tl::unexpected<Error> failure(const std::string& doing, const fs::path& file) {
    return fail(Reason::key_store_failed, doing + " " + file.string() + ": " + std::strerror(errno));
}

KeyStoreContent parse(std::string_view text) {
    const auto whole = parseJson(text);
    JsonObject object(whole, "");
    object.integer("version", version, version);
    KeyStoreContent content;
    (void)object.object("kek"); // KeyEncryption reads it
    content.kek = whole["kek"];
    for (auto& key : object.objects("data_keys")) {
        content.dataKeys.push_back({static_cast<std::uint32_t>(key.integer("number", 1, mostNumber)),
                                    key.text("made"), key.text("wrapped")});
        key.close();
    }
    for (auto& identity : object.objects("identities")) {
        content.identities.push_back({identity.text("certificate"), identity.text("wrapped")});
        identity.close();
    }
    object.close();
    return content;
}

std::string format(const KeyStoreContent& content) {
    json whole{{"version", version},
               {"kek", content.kek},
               {"data_keys", json::array()},
               {"identities", json::array()}};
    for (const auto& key : content.dataKeys)
        whole["data_keys"].push_back({{"number", key.number}, {"made", key.made}, {"wrapped", key.wrapped}});
    for (const auto& identity : content.identities)
        whole["identities"].push_back(
            {{"certificate", identity.certificatePem}, {"wrapped", identity.wrapped}});
    return whole.dump(2) + "\n";
}

bool writeWhole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

fs::path folderOf(const fs::path& file) {
    return file.parent_path().empty() ? fs::path(".") : file.parent_path();
}

} // namespace

Result<KeyStoreContent> readKeyStore(const fs::path& file) {
    const auto bytes = config::readKeyFile(file);
    if (!bytes)
        return fail(Reason::key_store_failed, bytes.error().context);
    try {
        const auto view = bytes->reveal();
        return parse({reinterpret_cast<const char*>(view.data()), view.size()});
    } catch (const JsonRefused& refused) {
        return fail(Reason::key_store_failed, file.string() + ": " + refused.what);
    }
}

Result<void> writeKeyStore(const fs::path& file, const KeyStoreContent& content) {
    const auto text = format(content);
    if (text.size() > config::longestFile) // it could not be read any more
        return fail(Reason::key_store_failed, file.string() + " is full; prune its data keys");
    const fs::path fresh = file.string() + ".new";
    const Descriptor out(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (out.number() < 0 || !writeWhole(out.number(), text) || ::fsync(out.number()) != 0 ||
        ::rename(fresh.c_str(), file.c_str()) != 0)
        return failure("writing", file);
    const Descriptor folder(::open(folderOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0)
        return failure("flushing the folder of", file);
    return {};
}

Result<void> changeKeyStore(const fs::path& file,
                            const std::function<Result<void>(KeyStoreContent&)>& change) {
    // The folder is locked, because the file itself is another one after each change.
    const Descriptor folder(::open(folderOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::flock(folder.number(), LOCK_EX) != 0)
        return failure("locking the folder of", file);
    auto content = readKeyStore(file);
    if (!content)
        return failWith(content);
    if (auto changed = change(*content); !changed)
        return changed;
    return writeKeyStore(file, *content);
}

} // namespace ykt::firmware::keys
