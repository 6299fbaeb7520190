#include "apdu/tlv.h"

namespace ykt::apdu {
namespace {

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::tlv_malformed, what);
}

Result<std::uint32_t> takeTag(ByteView& bytes) {
    constexpr std::size_t maxTagSize = 3;
    std::size_t size = 1;
    if (!bytes.empty() && (bytes[0] & 0x1F) == 0x1F) {
        do
            ++size;
        while (size <= maxTagSize && size <= bytes.size() && (bytes[size - 1] & 0x80) != 0);
    }
    if (size > maxTagSize || size > bytes.size())
        return malformed("tag");
    const auto tag = static_cast<std::uint32_t>(readBigEndian(bytes.first(size)));
    bytes = bytes.subspan(size);
    return tag;
}

Result<std::size_t> takeLength(ByteView& bytes) {
    if (bytes.empty())
        return malformed("length missing");
    const std::size_t first = bytes[0];
    bytes = bytes.subspan(1);
    if (first < 0x80)
        return first;
    const std::size_t size = first & 0x7F;
    if (size == 0 || size > 4 || size > bytes.size())
        return malformed("length");
    const auto length = static_cast<std::size_t>(readBigEndian(bytes.first(size)));
    bytes = bytes.subspan(size);
    return length;
}

class Parser {
  public:
    Result<std::vector<Tlv>> parse(ByteView bytes, int depth) {
        std::vector<Tlv> objects;
        while (!bytes.empty()) {
            if (bytes.front() == 0) {
                bytes = bytes.subspan(1);
                continue;
            }
            auto object = next(bytes, depth);
            if (!object)
                return failWith(object);
            objects.push_back(std::move(*object));
        }
        return objects;
    }

  private:
    Result<Tlv> next(ByteView& bytes, int depth) {
        if (depth > maxTlvDepth || ++objects_ > maxTlvObjects)
            return malformed("nested too deep, or too many objects");
        const auto header = readTlvHeader(bytes);
        if (!header)
            return failWith(header);
        const auto value = bytes.subspan(header->size, header->length);
        bytes = bytes.subspan(header->size + header->length);
        Tlv object{header->tag, Bytes(value.begin(), value.end()), {}};
        if (header->constructed) {
            auto children = parse(value, depth + 1);
            if (!children)
                return failWith(children);
            object.children = std::move(*children);
        }
        return object;
    }

    std::size_t objects_ = 0;
};

} // namespace

Result<TlvHeader> readTlvHeader(ByteView bytes) {
    auto rest = bytes;
    const auto tag = takeTag(rest);
    if (!tag)
        return failWith(tag);
    const auto length = takeLength(rest);
    if (!length)
        return failWith(length);
    if (*length > rest.size())
        return malformed("value truncated");
    return TlvHeader{*tag, bytes.size() - rest.size(), (bytes[0] & 0x20) != 0, *length};
}

Result<std::vector<Tlv>> parseTlv(ByteView bytes) {
    if (bytes.size() > maxTlvBytes)
        return fail(Reason::tlv_malformed, "too long");
    return Parser().parse(bytes, 1);
}

const Tlv* findTlv(const std::vector<Tlv>& objects, std::uint32_t tag) {
    for (const auto& object : objects) {
        if (object.tag == tag)
            return &object;
        if (const auto* inner = findTlv(object.children, tag))
            return inner;
    }
    return nullptr;
}

} // namespace ykt::apdu
