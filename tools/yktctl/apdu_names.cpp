#include "tools/yktctl/apdu_names.h"

#include <algorithm>
#include <array>

namespace ykt::tools {
namespace {

struct InstructionName {
    std::uint8_t ins;
    std::string_view name;
};

// Interindustry instructions (ISO/IEC 7816-4, table 4.2; class 0x and its secured forms).
constexpr std::array<InstructionName, 16> interindustry{{{0x0E, "ERASE BINARY"},
                                                         {0x20, "VERIFY"},
                                                         {0x24, "CHANGE REFERENCE DATA"},
                                                         {0x2C, "RESET RETRY COUNTER"},
                                                         {0x70, "MANAGE CHANNEL"},
                                                         {0x82, "EXTERNAL AUTHENTICATE"},
                                                         {0x84, "GET CHALLENGE"},
                                                         {0x88, "INTERNAL AUTHENTICATE"},
                                                         {0xA4, "SELECT"},
                                                         {0xB0, "READ BINARY"},
                                                         {0xB2, "READ RECORD"},
                                                         {0xC0, "GET RESPONSE"},
                                                         {0xCA, "GET DATA"},
                                                         {0xD6, "UPDATE BINARY"},
                                                         {0xDC, "UPDATE RECORD"},
                                                         {0xE2, "APPEND RECORD"}}};

// Class 80: PBOC and JT/T 978 purses, LD/T 32 cards and PSAMs.
constexpr std::array<InstructionName, 11> proprietary{{{0x50, "INITIALIZE FOR PURCHASE"},
                                                       {0x54, "DEBIT FOR PURCHASE"},
                                                       {0x5A, "GET TRANSACTION PROOF"},
                                                       {0x5C, "GET BALANCE"},
                                                       {0x5E, "CHANGE PIN"},
                                                       {0x70, "INITIALIZE SAM FOR PURCHASE"},
                                                       {0x72, "CREDIT SAM FOR PURCHASE"},
                                                       {0xA8, "GET PROCESSING OPTIONS"},
                                                       {0xCA, "GET DATA"},
                                                       {0xDC, "UPDATE CAPP DATA CACHE"},
                                                       {0xFA, "CIPHER DATA"}}};

// Class 84: with a MAC.
constexpr std::array<InstructionName, 3> secured{
    {{0x16, "CARD BLOCK"}, {0x1E, "APPLICATION BLOCK"}, {0x24, "PIN CHANGE/UNBLOCK"}}};

// Class BF: PSAMs of LD/T 32.
constexpr std::array<InstructionName, 2> sam{
    {{0xDE, "DELIVERY SESSION KEY"}, {0xEC, "INITIALIZE ENVIRONMENT"}}};

template <std::size_t N>
std::string find(const std::array<InstructionName, N>& names, std::uint8_t ins) {
    const auto found = std::ranges::find(names, ins, &InstructionName::ins);
    return found == names.end() ? std::string{} : std::string{found->name};
}

struct StatusMeaning {
    apdu::StatusWord status;
    std::string_view meaning;
};

// ISO/IEC 7816-4, tables 5 and 6; 93xx and 94xx of the card standards.
constexpr std::array<StatusMeaning, 33> statuses{{{0x9000, "done"},
                                                  {0x6200, "warning without further information"},
                                                  {0x6281, "part of the data may be corrupted"},
                                                  {0x6282, "end of file or record before Le bytes"},
                                                  {0x6283, "the selected file or application is blocked"},
                                                  {0x6300, "authentication failed"},
                                                  {0x6400, "execution error, memory unchanged"},
                                                  {0x6581, "memory failure"},
                                                  {0x6700, "wrong length"},
                                                  {0x6881, "logical channel not supported"},
                                                  {0x6882, "secure messaging not supported"},
                                                  {0x6981, "command does not fit the file's structure"},
                                                  {0x6982, "security status not satisfied"},
                                                  {0x6983, "authentication method blocked"},
                                                  {0x6984, "reference data not usable"},
                                                  {0x6985, "conditions of use not satisfied"},
                                                  {0x6986, "command not allowed, no current file"},
                                                  {0x6988, "secure messaging data incorrect"},
                                                  {0x6A80, "wrong data"},
                                                  {0x6A81, "function not supported, or application blocked"},
                                                  {0x6A82, "file or application not found"},
                                                  {0x6A83, "record not found"},
                                                  {0x6A86, "wrong P1 or P2"},
                                                  {0x6A88, "referenced data or key not found"},
                                                  {0x6B00, "wrong P1 or P2, or offset outside the file"},
                                                  {0x6D00, "instruction not supported"},
                                                  {0x6E00, "class not supported"},
                                                  {0x9302, "MAC wrong"},
                                                  {0x9303, "application permanently locked"},
                                                  {0x9401, "balance too low"},
                                                  {0x9403, "key index not supported"},
                                                  {0x9406, "MAC not available"},
                                                  {0x9407, "application locked"}}};

} // namespace

std::string nameOfCommand(const apdu::Command& command) {
    if (command.cla == 0xBF)
        return find(sam, command.ins);
    if (command.cla == 0x84)
        return find(secured, command.ins);
    if (command.cla == 0x80)
        return find(proprietary, command.ins);
    return command.cla < 0x80 ? find(interindustry, command.ins) : std::string{};
}

std::string meaningOf(apdu::StatusWord status) {
    const auto low = std::to_string(status & 0xFF);
    if (status >> 8 == 0x61)
        return (low == "0" ? "256 or more" : low) + " more bytes to fetch with GET RESPONSE";
    if (status >> 8 == 0x6C)
        return "wrong Le; " + (low == "0" ? "256" : low) + " bytes are available";
    if (status >> 4 == 0x63C)
        return "wrong reference data; " + std::to_string(status & 0x0F) + " tries left";
    const auto found = std::ranges::find(statuses, status, &StatusMeaning::status);
    return found == statuses.end() ? std::string{} : std::string{found->meaning};
}

} // namespace ykt::tools
