#include "firmware/config/key_file.h"

#include "base/hex.h"
#include "drivers/system/key_file.h"

namespace ykt::firmware::config {
namespace {

constexpr std::size_t symmetricKeySize = 32;

} // namespace

Result<Secret> readSymmetricKey(const std::filesystem::path& path) {
    const auto text = drivers::readKeyFile(path);
    if (!text)
        return failWith(text);
    const auto view = text->reveal();
    auto key = fromHex({reinterpret_cast<const char*>(view.data()), view.size()});
    if (key && key->size() == symmetricKeySize)
        return Secret{std::move(*key)};
    if (key)
        wipe(*key);
    return fail(Reason::config_value, path.string() + ": not a key; give 32 bytes as 64 hexadecimal digits");
}

} // namespace ykt::firmware::config
