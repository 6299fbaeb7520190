#include "sim/back_office/bulletin_shelf.h"

#include "base/hex.h"

#include <algorithm>
#include <charconv>

namespace ykt::sim {

using collector::HttpAnswer;
using collector::HttpRequest;

namespace {

constexpr std::string_view above = "?above=";
constexpr std::string_view rangeUnit = "bytes=";

bool isNumber(std::string_view text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

} // namespace

void BulletinShelf::offer(const std::string& kind, std::uint64_t version, Bytes signedBulletin) {
    const std::scoped_lock lock(mutex_);
    offers_[kind][version].whole = std::move(signedBulletin);
}

void BulletinShelf::offerDelta(const std::string& kind, std::uint64_t base, std::uint64_t version,
                               Bytes signedBulletin) {
    const std::scoped_lock lock(mutex_);
    offers_[kind][version].deltas[base] = std::move(signedBulletin);
}

void BulletinShelf::offerFile(Bytes file) {
    const auto name = toHex(crypto::sha256(file));
    const std::scoped_lock lock(mutex_);
    files_.insert_or_assign(name, std::move(file));
}

// `path` is "{kind}?above={version}".
HttpAnswer BulletinShelf::bulletin(std::string_view path, const HttpRequest& request) const {
    const auto mark = path.find(above);
    std::uint64_t have = 0;
    if (mark == std::string_view::npos || !isNumber(path.substr(mark + above.size()), have))
        return {400, {}};
    const std::scoped_lock lock(mutex_);
    const auto kind = offers_.find(path.substr(0, mark));
    if (kind == offers_.end())
        return {204, {}};
    const auto& [version, offered] = *kind->second.rbegin();
    const auto etag = '"' + std::to_string(version) + '"';
    if (request.ifNoneMatch == etag)
        return {304, {}, {}, etag};
    if (version <= have)
        return {204, {}, {}, etag};
    const auto delta = offered.deltas.find(have);
    return {200, toText(delta == offered.deltas.end() ? offered.whole : delta->second), {}, etag};
}

// One range, "bytes={first}-{last}", as RFC 9110, 14.1.2 has it.
HttpAnswer BulletinShelf::file(std::string_view path, const HttpRequest& request) const {
    const std::scoped_lock lock(mutex_);
    const auto found = files_.find(path);
    if (found == files_.end())
        return {404, {}};
    const auto& bytes = found->second;
    const std::string_view range = request.range;
    const auto dash = range.find('-');
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (!range.starts_with(rangeUnit) || dash == std::string_view::npos ||
        !isNumber(range.substr(rangeUnit.size(), dash - rangeUnit.size()), first) ||
        !isNumber(range.substr(dash + 1), last) || last < first || first >= bytes.size())
        return {416, {}};
    last = std::min<std::uint64_t>(last, bytes.size() - 1);
    const ByteView part = ByteView(bytes).subspan(first, last - first + 1);
    return {206,
            toText(part),
            {},
            '"' + std::string(path) + '"',
            "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                std::to_string(bytes.size())};
}

} // namespace ykt::sim
