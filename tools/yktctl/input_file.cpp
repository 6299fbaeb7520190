#include "tools/yktctl/input_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace ykt::tools {

Result<Bytes> readInput(const std::filesystem::path& file) {
    constexpr std::size_t most = 16UL * 1024 * 1024;
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        return fail(Reason::config_unreadable, file.string() + ": a folder");
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return fail(Reason::config_unreadable, file.string() + ": " + std::strerror(errno));
    Bytes bytes;
    std::array<char, 65536> block{};
    while (in.read(block.data(), block.size()) || in.gcount() > 0) {
        bytes.insert(bytes.end(), block.begin(), block.begin() + in.gcount());
        if (bytes.size() > most)
            return fail(Reason::config_unreadable, file.string() + ": over 16 MiB");
    }
    if (in.bad())
        return fail(Reason::config_unreadable, file.string() + ": read error");
    return bytes;
}

} // namespace ykt::tools
