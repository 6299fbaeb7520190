#include "sim/cards/sam_personalisation.h"

namespace ykt::sim {
namespace {

constexpr std::uint64_t firstTerminal = 0x649999000000; // cn, twelve digits, area of nobody

// The decimal digits of `number` (0..999999) as three bytes cn.
std::uint64_t packedDecimal(std::uint32_t number) {
    std::uint64_t packed = 0;
    for (int shift = 0; shift < 24; shift += 4, number /= 10)
        packed |= std::uint64_t{number % 10} << shift;
    return packed;
}

} // namespace

Bytes samTerminalNumber(std::uint32_t number) {
    Bytes terminalNumber;
    appendBigEndian(terminalNumber, firstTerminal | packedDecimal(number), 6);
    return terminalNumber;
}

Directory samFiles(std::uint32_t number) {
    const auto terminalNumber = samTerminalNumber(number);
    // issuer(1), serial(10), version(1), type(1), FCI(2)
    const auto card = concat({Bytes{0x01}, Bytes(4), terminalNumber, Bytes{0x01, 0x00, 0x00, 0x00}});

    Directory application;
    application.fid = samApplicationFile;
    application.name = {0xD1, 0x56, 0x00, 0x00, 0x05, 0x90};
    application.files = {ElementaryFile{0x0015, Transparent{card}, std::nullopt},
                         ElementaryFile{0x0016, Transparent{terminalNumber}, std::nullopt}};
    Directory root;
    root.fid = masterFile;
    root.children.push_back(std::move(application));
    return root;
}

Bytes samAnswerToReset(std::uint32_t number) {
    // TB1 and TC1 as on the cards, TD1: T=1; thirteen historical bytes and, as T=1 asks, a check byte
    Bytes atr{0x3B, 0xED, 0x00, 0x00, 0x01, 0x00, 0x81, 'S', 'I', 'M', 'P', 'S', 'A', 'M'};
    appendBigEndian(atr, number, 4);
    std::uint8_t check = 0;
    for (const auto byte : ByteView(atr).subspan(1))
        check ^= byte;
    atr.push_back(check);
    return atr;
}

} // namespace ykt::sim
