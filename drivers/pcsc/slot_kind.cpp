#include "drivers/pcsc/slot_kind.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace ykt::drivers::pcsc {
namespace {

using hal::SlotKind;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isCapital(char c) {
    return c >= 'A' && c <= 'Z';
}

// In capitals, at everything that is neither letter nor digit.
std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words(1);
    for (char c : text) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        if (isDigit(c) || isCapital(c))
            words.back() += c;
        else if (!words.back().empty())
            words.emplace_back();
    }
    return words;
}

// SAM, SAM1, 1SAM.
bool meansSam(std::string_view word) {
    const auto at = word.find("SAM");
    return at != word.npos && std::ranges::all_of(word.substr(0, at), isDigit) &&
           std::ranges::all_of(word.substr(at + 3), isDigit);
}

// CL, and 5422CL as the end of a model's number.
bool meansContactless(std::string_view word) {
    constexpr std::array<std::string_view, 5> words{"CONTACTLESS", "PICC", "NFC", "RFID", "CL"};
    return std::ranges::find(words, word) != words.end() ||
           (word.size() > 2 && word.ends_with("CL") && isDigit(word[word.size() - 3]));
}

bool meansContact(std::string_view word) {
    return word == "CONTACT" || word == "ICC";
}

std::optional<SlotKind> kindByWords(std::string_view text) {
    const auto words = wordsOf(text);
    if (std::ranges::any_of(words, meansSam))
        return SlotKind::sam;
    const bool contactless = std::ranges::any_of(words, meansContactless);
    if (contactless != std::ranges::any_of(words, meansContact))
        return contactless ? SlotKind::contactless : SlotKind::contact;
    return std::nullopt; // neither, or a device that names both of its slots
}

std::string_view insideBrackets(std::string_view name) {
    const auto open = name.find('[');
    const auto close = name.find(']', open == name.npos ? 0 : open);
    return open == name.npos || close == name.npos ? std::string_view{}
                                                   : name.substr(open + 1, close - open - 1);
}

} // namespace

std::optional<SlotKind> kindByName(std::string_view readerName) {
    const auto bySlot = kindByWords(insideBrackets(readerName));
    return bySlot ? bySlot : kindByWords(readerName.substr(0, readerName.find('[')));
}

std::optional<SlotKind> kindByCardType(std::uint8_t type) {
    if (type >= 1 && type <= 4)
        return SlotKind::contact;
    if (type >= 5 && type <= 7)
        return SlotKind::contactless;
    return std::nullopt;
}

SlotKind kindByAtr(ByteView atr) {
    const bool composed =
        atr.size() >= 5 && atr[0] == 0x3B && (atr[1] & 0xF0) == 0x80 && atr[2] == 0x80 && atr[3] == 0x01;
    return composed ? SlotKind::contactless : SlotKind::contact;
}

} // namespace ykt::drivers::pcsc
