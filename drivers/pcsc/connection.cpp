#include "drivers/pcsc/connection.h"

#include <array>
#include <reader.h>
#include <thread>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

constexpr Milliseconds kExclusiveLimit{1000};
constexpr DWORD kProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
constexpr std::size_t kShortestAnswer = 2; // SW1 SW2

std::uint32_t u(LONG code) {
    return static_cast<std::uint32_t>(code);
}

} // namespace

Result<std::unique_ptr<hal::CardConnection>> Connection::open(std::shared_ptr<Slot> slot) {
    const SlotState state = slot->state();
    if (!state.service)
        return fail(Reason::service_gone, "connecting to a card");
    if (!state.reader || state.name.empty())
        return fail(Reason::reader_gone, slot->name());
    auto connection = std::make_unique<Connection>(std::move(slot));
    if (auto connected = connection->connect(state.name); !connected)
        return failWith(connected);
    return connection;
}

Result<void> Connection::connect(const std::string& reader) {
    if (context_.code() != SCARD_S_SUCCESS)
        return why("SCardEstablishContext", context_.code());
    const LONG code =
        SCardConnect(context_.handle(), reader.c_str(), SCARD_SHARE_SHARED, kProtocols, &card_, &protocol_);
    if (code != SCARD_S_SUCCESS) {
        card_ = 0;
        return why("SCardConnect", u(code));
    }
    answer_.resize(MAX_BUFFER_SIZE_EXTENDED);
    readAtr();
    return {};
}

Connection::~Connection() {
    if (card_ != 0)
        SCardDisconnect(card_, SCARD_LEAVE_CARD);
}

// Not by SCardStatus: PC/SC-Lite 1.9 keeps the reader states of a process in one table without a lock, so
// only the monitor's thread makes the calls that touch it. Some drivers do not give the attribute; the
// monitor does.
void Connection::readAtr() {
    std::array<std::uint8_t, MAX_ATR_SIZE> atr{};
    DWORD size = atr.size();
    if (SCardGetAttrib(card_, SCARD_ATTR_ATR_STRING, atr.data(), &size) == SCARD_S_SUCCESS)
        atr_.assign(atr.begin(), atr.begin() + static_cast<std::ptrdiff_t>(size));
    else
        atr_ = slot_->state().atr;
}

Result<Bytes> Connection::transmit(ByteView command) {
    const auto* pci = protocol_ == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    DWORD size = answer_.size();
    const LONG code =
        SCardTransmit(card_, pci, command.data(), command.size(), nullptr, answer_.data(), &size);
    if (code != SCARD_S_SUCCESS)
        return why("SCardTransmit", u(code));
    const auto received = std::span(answer_).first(size);
    Bytes answer(received.begin(), received.end());
    wipe(received); // a later, shorter answer would leave a holder's data behind
    if (answer.size() < kShortestAnswer)
        return fail(slot_->settle({Reason::card_mute, true}, losses_), "answer without status word");
    return answer;
}

Result<void> Connection::reset() {
    const LONG code = SCardReconnect(card_, SCARD_SHARE_SHARED, kProtocols, SCARD_RESET_CARD, &protocol_);
    if (code != SCARD_S_SUCCESS)
        return why("SCardReconnect", u(code));
    readAtr();
    return {};
}

Result<void> Connection::beginExclusive() {
    // SCardBeginTransaction waits without limit for other programs and heeds no SCardCancel; it ends only
    // when its handle does.
    bool expired = false;
    LONG code = SCARD_S_SUCCESS;
    {
        const std::jthread limit([this, &expired](const std::stop_token& stop) {
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable_any never;
            never.wait_for(lock, stop, kExclusiveLimit, [] { return false; });
            if (stop.stop_requested())
                return;
            expired = true;
            SCardDisconnect(card_, SCARD_LEAVE_CARD);
        });
        code = SCardBeginTransaction(card_);
    }
    if (expired) {
        card_ = 0;
        return fail(Reason::reader_busy, slot_->name());
    }
    if (code != SCARD_S_SUCCESS)
        return why("SCardBeginTransaction", u(code));
    return {};
}

void Connection::endExclusive() {
    SCardEndTransaction(card_, SCARD_LEAVE_CARD);
}

tl::unexpected<Error> Connection::why(std::string_view call, std::uint32_t code) const {
    return failed(slot_->settle(fold(code), losses_), call, code);
}

} // namespace ykt::drivers::pcsc
