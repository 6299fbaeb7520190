#include "sim/cards/financial_personalisation.h"

#include "sim/cards/digits.h"

#include <array>
#include <cstdio>

namespace ykt::sim {
namespace {

constexpr std::uint8_t recordTemplate = 0x70;
constexpr std::uint64_t largestCash = 999'999'999'999; // n12

ElementaryFile recordFile(std::uint16_t fid, ByteView content) {
    return {fid, VariableRecords{{tlv(recordTemplate, content)}}, std::nullopt};
}

std::string yearMonth(std::chrono::year_month date) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%02d%02u", static_cast<int>(date.year()) % 100,
                  static_cast<unsigned>(date.month()));
    return text.data();
}

// number ‖ D ‖ YYMM ‖ service code, filled with F: the bytes of 57. The separator is put in by hand, since
// it is no digit.
Result<Bytes> track2(const FinancialSpec& spec) {
    const auto digits = spec.accountNumber + "0" + yearMonth(spec.expires) + "220";
    auto packed = packedDigits(digits, (digits.size() + 1) / 2);
    if (packed) {
        const auto separator = spec.accountNumber.size();
        auto& byte = (*packed)[separator / 2];
        byte = static_cast<std::uint8_t>(separator % 2 == 0 ? 0xD0 | (byte & 0x0F) : (byte & 0xF0) | 0x0D);
    }
    return packed;
}

} // namespace

Result<Directory> financialApplication(const FinancialSpec& spec) {
    constexpr std::size_t shortest = 12;
    constexpr std::size_t longest = 19;
    const auto& number = spec.accountNumber;
    const auto packed = packedDigits(number, (number.size() + 1) / 2);
    const auto track = track2(spec);
    if (!packed || !track || number.size() < shortest || number.size() > longest)
        return fail(Reason::input_malformed, "bank application: account number");
    const auto date = packedDigits(yearMonth(spec.expires) + "28", 3);
    if (!date)
        return failWith(date);
    if (spec.electronicCashFen.value_or(0) > largestCash)
        return fail(Reason::input_malformed, "bank application: electronic cash");

    Directory application;
    application.fid = 0xDDF3;
    application.name = {0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01};
    application.proprietary = tlv(0x50, asBytes("SIMULATED"));
    application.files = {
        recordFile(0x0002, tlv(0x57, *track)),
        recordFile(0x0003, concat({tlv(0x5A, *packed), tlv(0x5F24, *date), tlv(0x5F34, Bytes{0x00})}))};
    if (spec.electronicCashFen) {
        auto digits = std::to_string(*spec.electronicCashFen);
        digits.insert(0, 12 - digits.size(), '0');
        const auto cash = packedDigits(digits, 6);
        if (!cash)
            return failWith(cash);
        application.dataObjects.push_back({0x9F79, *cash});
    }
    return application;
}

} // namespace ykt::sim
