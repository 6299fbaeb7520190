#include "drivers/pcsc/connection.h"

#include "drivers/pcsc/slot_kind.h"

#include <array>
#include <reader.h>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

constexpr DWORD kProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
constexpr std::size_t kShortestAnswer = 2; // SW1 SW2

} // namespace

Result<std::unique_ptr<hal::CardConnection>> Connection::open(const std::shared_ptr<Slot>& slot,
                                                              const std::shared_ptr<ContextPool>& contexts) {
    const SlotState state = slot->state();
    if (!state.service)
        return fail(Reason::service_gone, "connecting to a card");
    if (!state.reader || state.name.empty())
        return fail(Reason::reader_gone, slot->name());
    if (contexts->resting(slot->losses()))
        return fail(Reason::reader_silent, slot->name() + ", not asked again yet");
    if (auto idle = contexts->takeIdle()) {
        auto connection = std::make_unique<Connection>(slot, contexts, std::move(idle));
        const auto code = connection->connect(state.name);
        if (code == SCARD_S_SUCCESS)
            return connection;
        if (connection->over_ || fold(code).reason != Reason::service_gone)
            return connection->why("SCardConnect", code);
        connection->context_->hangUp(); // its pcscd is gone, but another may be there
    }
    auto connection = std::make_unique<Connection>(slot, contexts, contexts->make());
    if (const auto code = connection->context_->code(); code != SCARD_S_SUCCESS)
        return failed(Reason::service_gone, "SCardEstablishContext", code); // whatever keeps pcscd from it
    if (const auto code = connection->connect(state.name); code != SCARD_S_SUCCESS)
        return connection->why("SCardConnect", code);
    return connection;
}

// Every call that goes to a reader passes here.
template <typename Call>
std::uint32_t Connection::within(Milliseconds limit, Reason atLimit, Call&& call) {
    LONG code = SCARD_S_SUCCESS;
    {
        const auto guard = contexts_->watchdog().arm(limit, [this] { context_->hangUp(); });
        code = call();
    }
    if (!over_ && context_->hungUp()) {
        over_ = atLimit;
        if (atLimit == Reason::reader_silent)
            contexts_->gaveUp(losses_);
    }
    return static_cast<std::uint32_t>(code);
}

std::uint32_t Connection::connect(const std::string& reader) {
    const auto code = within(contexts_->limits().exchange, Reason::reader_silent, [&] {
        return SCardConnect(context_->handle(), reader.c_str(), SCARD_SHARE_SHARED, kProtocols, &card_,
                            &protocol_);
    });
    if (code != SCARD_S_SUCCESS) {
        card_ = 0;
        return code;
    }
    answer_.resize(MAX_BUFFER_SIZE_EXTENDED);
    readAtr();
    if (slot_->asksForKind())
        readCardType();
    return code;
}

Connection::~Connection() {
    if (card_ != 0) {
        const auto code = within(contexts_->limits().exchange, Reason::reader_silent,
                                 [this] { return SCardDisconnect(card_, SCARD_LEAVE_CARD); });
        if (fold(code).reason == Reason::service_gone)
            context_->hangUp();
    }
    contexts_->giveBack(std::move(context_));
}

// Not by SCardStatus: PC/SC-Lite 1.9 keeps the reader states of a process in one table without a lock, so
// only the monitor's thread makes the calls that touch it. Some drivers do not give the attribute; the
// monitor does.
void Connection::readAtr() {
    std::array<std::uint8_t, MAX_ATR_SIZE> atr{};
    DWORD size = atr.size();
    const auto code = within(contexts_->limits().exchange, Reason::reader_silent,
                             [&] { return SCardGetAttrib(card_, SCARD_ATTR_ATR_STRING, atr.data(), &size); });
    if (code == SCARD_S_SUCCESS)
        atr_.assign(atr.begin(), atr.begin() + static_cast<std::ptrdiff_t>(size));
    else
        atr_ = slot_->state().atr;
}

// Once for a reader whose name does not tell what kind of slot it is.
void Connection::readCardType() {
    std::uint8_t type = 0;
    DWORD size = sizeof type;
    const auto code = within(contexts_->limits().exchange, Reason::reader_silent, [&] {
        return SCardGetAttrib(card_, SCARD_ATTR_ICC_TYPE_PER_ATR, &type, &size);
    });
    slot_->learnKind(code == SCARD_S_SUCCESS && size == sizeof type ? kindByCardType(type) : std::nullopt);
}

Result<Bytes> Connection::transmit(ByteView command) {
    if (over_)
        return fail(*over_, slot_->name());
    const auto* pci = protocol_ == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    DWORD size = answer_.size();
    const auto code = within(contexts_->limits().exchange, Reason::reader_silent, [&] {
        return SCardTransmit(card_, pci, command.data(), command.size(), nullptr, answer_.data(), &size);
    });
    if (code != SCARD_S_SUCCESS)
        return why("SCardTransmit", code);
    contexts_->answered();
    const auto received = std::span(answer_).first(size);
    Bytes answer(received.begin(), received.end());
    wipe(received); // a later, shorter answer would leave a holder's data behind
    if (answer.size() < kShortestAnswer)
        return fail(slot_->settle({Reason::card_mute, true}, losses_), "answer without status word");
    return answer;
}

Result<void> Connection::reset() {
    if (over_)
        return fail(*over_, slot_->name());
    const auto code = within(contexts_->limits().exchange, Reason::reader_silent, [&] {
        return SCardReconnect(card_, SCARD_SHARE_SHARED, kProtocols, SCARD_RESET_CARD, &protocol_);
    });
    if (code != SCARD_S_SUCCESS)
        return why("SCardReconnect", code);
    readAtr();
    return {};
}

Result<void> Connection::beginExclusive() {
    if (over_)
        return fail(*over_, slot_->name());
    const auto code = within(contexts_->limits().exclusive, Reason::reader_busy,
                             [this] { return SCardBeginTransaction(card_); });
    if (code != SCARD_S_SUCCESS)
        return why("SCardBeginTransaction", code);
    return {};
}

void Connection::endExclusive() {
    within(contexts_->limits().exchange, Reason::reader_silent,
           [this] { return SCardEndTransaction(card_, SCARD_LEAVE_CARD); });
}

tl::unexpected<Error> Connection::why(std::string_view call, std::uint32_t code) const {
    return failed(over_ ? *over_ : slot_->settle(fold(code), losses_), call, code);
}

} // namespace ykt::drivers::pcsc
