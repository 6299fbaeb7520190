#include "offline_store/epoch_file.h"

#include "offline_store/durable_file.h"

#include <charconv>
#include <fstream>
#include <limits>
#include <string>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

Result<std::uint32_t> readEpoch(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) {
        if (error)
            return fail(Reason::store_failed, "looking for " + file.string() + ": " + error.message());
        return 0;
    }
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    std::uint32_t epoch = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    if (failure != std::errc() || end != text.data() + text.size() ||
        epoch == std::numeric_limits<std::uint32_t>::max())
        return fail(Reason::store_failed, "epoch file is not a number: " + file.string());
    return epoch;
}

} // namespace

Result<std::uint32_t> nextEpoch(const fs::path& database) {
    const fs::path file = database.string() + ".epoch";
    const auto last = readEpoch(file);
    if (!last)
        return last;
    const auto next = *last + 1;
    return replaceDurably(file, asBytes(std::to_string(next) + "\n")).map([&] { return next; });
}

} // namespace ykt::offline_store
