#include "sim/cards/virtual_card.h"

#include "sim/cards/status.h"
#include "sim/cards/virtual_purse.h"

#include <algorithm>
#include <array>

namespace ykt::sim {
namespace {

constexpr std::uint8_t getResponseInstruction = 0xC0;
constexpr std::size_t shortMaximum = 256;
constexpr std::size_t extendedMaximum = 65536;

apdu::Response withLength(apdu::StatusWord status, std::size_t length) {
    const auto low = length >= shortMaximum ? 0U : static_cast<unsigned>(length);
    return {{}, static_cast<apdu::StatusWord>(status | low)};
}

std::shared_ptr<VirtualPurse> purseBelow(const Directory& directory) {
    auto found = directory.purse;
    for (auto child = directory.children.begin(); !found && child != directory.children.end(); ++child)
        found = purseBelow(*child);
    return found;
}

Bytes encoded(const apdu::Response& response) {
    Bytes out = response.data;
    appendBigEndian(out, response.status, 2);
    return out;
}

} // namespace

struct VirtualCard::Entry {
    std::uint16_t classAndInstruction;
    Handler handler;
};

VirtualCard::VirtualCard(Bytes atr, Directory root, CardInterface interface)
    : atr_(std::move(atr)), root_(std::move(root)), interface_(interface), directory_(&root_) {}

void VirtualCard::reset() {
    directory_ = &root_;
    file_ = nullptr;
    pending_.clear();
    forgetSession();
}

void VirtualCard::forgetSession() {
    session_ = {};
    if (const auto own = purse())
        own->forgetPurchase();
}

std::shared_ptr<VirtualPurse> VirtualCard::purse() const {
    return purseBelow(root_);
}

std::optional<Bytes> VirtualCard::answer(ByteView bytes) {
    const auto command = apdu::Command::decode(bytes);
    if (!command)
        return encoded({{}, status::wrongLength});
    if (interface_ == CardInterface::contact && command->cla == 0x00 &&
        command->ins == getResponseInstruction)
        return encoded(getResponse(*command));
    pending_.clear();
    return encoded(carried(*command, execute(*command)));
}

apdu::Response VirtualCard::execute(const apdu::Command& command) {
    static constexpr std::array<Entry, 9> commands{{{0x00A4, &VirtualCard::select},
                                                    {0x00B0, &VirtualCard::readBinary},
                                                    {0x00B2, &VirtualCard::readRecord},
                                                    {0x0084, &VirtualCard::getChallenge},
                                                    {0x0088, &VirtualCard::internalAuthenticate},
                                                    {0x0082, &VirtualCard::externalAuthenticate},
                                                    {0x0020, &VirtualCard::verify},
                                                    {0x805E, &VirtualCard::changePin},
                                                    {0x80CA, &VirtualCard::getData}}};
    if (directory_->purse) {
        if (auto response = directory_->purse->execute(command, *directory_, session_))
            return *response;
    }
    if (command.cla != 0x00 && command.cla != 0x80)
        return {{}, status::classUnknown};
    const auto wanted = command.cla << 8 | command.ins;
    const auto* entry = std::ranges::find(commands, wanted, &Entry::classAndInstruction);
    if (entry == commands.end())
        return {{}, status::instructionUnknown};
    return (this->*entry->handler)(command);
}

// T=0 has no room for an answer after data: it is announced by 61xx and fetched. And it gives no other length
// than the one that is there, where ISO 14443-4 takes Le 00 as "all".
apdu::Response VirtualCard::carried(const apdu::Command& command, apdu::Response response) {
    if (response.data.empty())
        return response;
    if (interface_ == CardInterface::contact && !command.data.empty()) {
        pending_ = std::move(response.data);
        return withLength(status::moreData, pending_.size());
    }
    const auto expected = command.expected.value_or(shortMaximum);
    const bool all =
        interface_ == CardInterface::contactless && (expected == shortMaximum || expected == extendedMaximum);
    if (expected != response.data.size() && !all)
        return withLength(status::exactLengthIs, response.data.size());
    return response;
}

apdu::Response VirtualCard::getResponse(const apdu::Command& command) {
    if (pending_.empty())
        return {{}, status::conditionsNotSatisfied};
    const auto expected = command.expected.value_or(shortMaximum);
    if (expected > pending_.size())
        return withLength(status::exactLengthIs, pending_.size());
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(expected);
    Bytes part(pending_.begin(), end);
    pending_.erase(pending_.begin(), end);
    const auto status = pending_.empty() ? status::ok : withLength(status::moreData, pending_.size()).status;
    return {std::move(part), status};
}

} // namespace ykt::sim
