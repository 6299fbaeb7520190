#include "apdu/social_security/text.h"

#include <algorithm>
#include <iconv.h>
#include <memory>

namespace ykt::apdu::social_security {
namespace {

constexpr const char* cardCharset = "GB18030";
constexpr std::size_t growth = 4; // neither direction makes a text more than four times as long

Result<std::string> convert(const char* to, const char* from, ByteView text, Reason invalid) {
    const iconv_t opened = iconv_open(to, from);
    if (opened == reinterpret_cast<iconv_t>(-1)) // NOLINT(performance-no-int-to-ptr): POSIX defines it so
        return fail(Reason::wire_failed, "iconv has no GB18030");
    const std::unique_ptr<void, decltype(&iconv_close)> converter(opened, &iconv_close);
    Bytes input(text.begin(), text.end());
    std::string output(text.size() * growth, '\0');
    auto* source = reinterpret_cast<char*>(input.data());
    auto* target = output.data();
    std::size_t sourceLeft = input.size();
    std::size_t targetLeft = output.size();
    const auto irreversible = iconv(opened, &source, &sourceLeft, &target, &targetLeft);
    wipe(input);
    if (irreversible != 0)
        return fail(invalid, "character set");
    output.resize(output.size() - targetLeft);
    return output;
}

// C0 and DEL, and C1 (U+0080..U+009F, in UTF-8 C2 80..C2 9F): nothing that a screen or a log would obey.
bool hasControlCharacter(std::string_view utf8) {
    unsigned char before = 0;
    return std::ranges::any_of(utf8, [&before](char c) {
        const auto byte = static_cast<unsigned char>(c);
        const bool control = byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte < 0xA0);
        before = byte;
        return control;
    });
}

} // namespace

Result<std::string> textFromCard(ByteView gb18030) {
    auto text = convert("UTF-8", cardCharset, gb18030, Reason::card_data_malformed);
    if (text && hasControlCharacter(*text))
        return fail(Reason::card_data_malformed, "control character");
    return text;
}

Result<Bytes> textForCard(std::string_view utf8) {
    const auto text = convert(cardCharset, "UTF-8", asBytes(utf8), Reason::input_malformed);
    if (!text)
        return failWith(text);
    return toBytes(*text);
}

} // namespace ykt::apdu::social_security
