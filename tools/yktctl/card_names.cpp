#include "tools/yktctl/card_names.h"

#include <algorithm>
#include <array>
#include <span>

namespace ykt::tools {
namespace {

template <typename Code>
struct Name {
    Code code;
    std::string_view name;
};

template <typename Code>
std::string find(std::span<const Name<Code>> names, Code code) {
    const auto found = std::ranges::find(names, code, &Name<Code>::code);
    return found == names.end() ? std::string() : std::string(found->name);
}

constexpr std::array<Name<int>, 28> areas{
    {{640000, "宁夏回族自治区"}, {640100, "银川市"},   {640104, "兴庆区"},   {640105, "西夏区"},
     {640106, "金凤区"},         {640121, "永宁县"},   {640122, "贺兰县"},   {640181, "灵武市"},
     {640200, "石嘴山市"},       {640202, "大武口区"}, {640205, "惠农区"},   {640221, "平罗县"},
     {640300, "吴忠市"},         {640302, "利通区"},   {640303, "红寺堡区"}, {640323, "盐池县"},
     {640324, "同心县"},         {640381, "青铜峡市"}, {640400, "固原市"},   {640402, "原州区"},
     {640422, "西吉县"},         {640423, "隆德县"},   {640424, "泾源县"},   {640425, "彭阳县"},
     {640500, "中卫市"},         {640502, "沙坡头区"}, {640521, "中宁县"},   {640522, "海原县"}}};

constexpr std::array<Name<std::uint32_t>, 27> tags{{{0x6F, "FCI template"},
                                                    {0x62, "FCP template"},
                                                    {0x84, "DF name"},
                                                    {0xA5, "FCI proprietary template"},
                                                    {0x50, "application label"},
                                                    {0x4F, "application identifier"},
                                                    {0x61, "application template"},
                                                    {0x70, "record template"},
                                                    {0x83, "file identifier"},
                                                    {0x86, "algorithm"},
                                                    {0x87, "application priority"},
                                                    {0x88, "SFI of the directory"},
                                                    {0x57, "track 2 equivalent data"},
                                                    {0x5A, "account number"},
                                                    {0x5F20, "cardholder name"},
                                                    {0x5F24, "expiry date"},
                                                    {0x5F2D, "language preference"},
                                                    {0x5F34, "account sequence number"},
                                                    {0x9F08, "application version"},
                                                    {0x9F0C, "issuer discretionary data"},
                                                    {0x9F11, "issuer code table"},
                                                    {0x9F12, "preferred name"},
                                                    {0x9F38, "PDOL"},
                                                    {0x9F4D, "log entry"},
                                                    {0x9F4F, "log format"},
                                                    {0x9F79, "electronic cash balance"},
                                                    {0xBF0C, "FCI issuer discretionary data"}}};

constexpr std::array<Name<std::uint8_t>, 5> purseTypes{
    {{1, "general"}, {2, "student"}, {3, "senior"}, {4, "test"}, {5, "soldier"}}};
constexpr std::array<Name<std::uint8_t>, 4> purseTransactions{
    {{2, "load"}, {5, "purchase"}, {6, "purchase"}, {9, "composite purchase"}}};

// PC/SC part 3 supplement, tables of standards and card names.
constexpr std::array<Name<std::uint8_t>, 8> standards{{{0x01, "ISO 14443 A part 1"},
                                                       {0x02, "ISO 14443 A part 2"},
                                                       {0x03, "ISO 14443 A part 3"},
                                                       {0x05, "ISO 14443 B part 1"},
                                                       {0x06, "ISO 14443 B part 2"},
                                                       {0x07, "ISO 14443 B part 3"},
                                                       {0x0B, "ISO 15693 part 3"},
                                                       {0x11, "FeliCa"}}};
constexpr std::array<Name<std::uint16_t>, 5> storageCards{{{0x0001, "MIFARE Classic 1K"},
                                                           {0x0002, "MIFARE Classic 4K"},
                                                           {0x0003, "MIFARE Ultralight"},
                                                           {0x0026, "MIFARE Mini"},
                                                           {0x003B, "FeliCa"}}};
constexpr std::array<Name<std::string_view>, 4> applications{{{"social_security", "social security card"},
                                                              {"transit", "transit purse"},
                                                              {"financial", "bank application"},
                                                              {"legacy", "card number only"}}};

std::string orNumber(const std::string& name, unsigned number) {
    return name.empty() ? std::to_string(number) : name;
}

} // namespace

std::string ningxiaName(std::string_view digits) {
    constexpr std::size_t prefecture = 4;
    constexpr std::size_t county = 6;
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if ((digits.size() != prefecture && digits.size() != county) || !std::ranges::all_of(digits, isDigit))
        return {};
    const int code = std::stoi(std::string(digits));
    return find<int>(areas, digits.size() == prefecture ? code * 100 : code);
}

std::string nameOf(apdu::social_security::Version version) {
    constexpr std::array names{"1.0", "2.0", "3.0"};
    return names.at(static_cast<std::size_t>(version));
}

std::string nameOf(apdu::social_security::Algorithm algorithm) {
    constexpr std::array names{"3DES", "SSF33", "SM4"};
    return names.at(static_cast<std::size_t>(algorithm));
}

std::string nameOfPurseType(std::uint8_t type) {
    return orNumber(find<std::uint8_t>(purseTypes, type), type);
}

std::string nameOfPurseTransaction(std::uint8_t type) {
    return orNumber(find<std::uint8_t>(purseTransactions, type), type);
}

std::string titleOfApplication(std::string_view name) {
    return find<std::string_view>(applications, name);
}

std::string nameOfTag(std::uint32_t tag) {
    return find<std::uint32_t>(tags, tag);
}

std::string nameOfStandard(std::uint8_t standard) {
    return find<std::uint8_t>(standards, standard);
}

std::string nameOfStorageCard(std::uint16_t name) {
    return find<std::uint16_t>(storageCards, name);
}

Json orNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

} // namespace ykt::tools
