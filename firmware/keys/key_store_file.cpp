#include "firmware/keys/key_store_file.h"

#include "drivers/system/key_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace ykt::firmware::keys {

namespace fs = std::filesystem;

namespace {

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
    const auto bytes = drivers::readKeyFile(file);
    if (!bytes)
        return fail(Reason::key_store_failed, bytes.error().context);
    const auto view = bytes->reveal();
    auto content = parseKeyStore({reinterpret_cast<const char*>(view.data()), view.size()});
    if (!content)
        return fail(Reason::key_store_failed, file.string() + ": " + content.error().context);
    return content;
}

Result<void> writeKeyStore(const fs::path& file, const KeyStoreContent& content) {
    const auto text = formatKeyStore(content);
    if (text.size() > drivers::longestFile) // it could not be read any more
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
