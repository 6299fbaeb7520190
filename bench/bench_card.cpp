// From a card that is there to the decision, over a real pcscd: the terminal's own way against a bare loop
// that sends the same APDUs with SCardTransmit. Run it as `scripts/with-pcscd build/release/bin/bench_card`.
#include "apdu/social_security/card.h"
#include "crypto/random.h"
#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "firmware/identity/identify.h"
#include "sim/cards/card_issuer.h"
#include "sim/cards/vpcd_slot.h"

#include <algorithm>
#include <cstdio>
#include <winscard.h>

namespace {

using namespace ykt;
using namespace std::chrono_literals;

constexpr int rounds = 400;

enum class Party { card, sam };
struct Sent {
    Party party;
    Bytes command;
};

// Passes everything on and keeps what was sent.
class Recording : public hal::CardConnection {
  public:
    Recording(std::unique_ptr<hal::CardConnection> inner, Party party, std::vector<Sent>& sent)
        : inner_(std::move(inner)), party_(party), sent_(sent) {}
    [[nodiscard]] Bytes atr() const override { return inner_->atr(); }
    Result<Bytes> transmit(ByteView command) override {
        sent_.push_back({party_, Bytes(command.begin(), command.end())});
        return inner_->transmit(command);
    }
    Result<void> reset() override { return inner_->reset(); }
    Result<void> beginExclusive() override { return inner_->beginExclusive(); }
    void endExclusive() override { inner_->endExclusive(); }

  private:
    std::unique_ptr<hal::CardConnection> inner_;
    Party party_;
    std::vector<Sent>& sent_;
};

// The least that a program can do: fixed bytes to two handles. Only what a card checks against its own
// challenge is copied from answer to command, so that it lets the reader in as it does the terminal.
class BareLoop {
  public:
    explicit BareLoop(std::vector<Sent> script) : script_(std::move(script)) {
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_);
        DWORD protocol = 0;
        SCardConnect(context_, "Virtual PCD 00 00", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                     &card_, &protocol);
        cardPci_ = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
        SCardConnect(context_, "Virtual PCD 00 01", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                     &sam_, &protocol);
        samPci_ = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    }
    ~BareLoop() {
        SCardDisconnect(card_, SCARD_LEAVE_CARD);
        SCardDisconnect(sam_, SCARD_LEAVE_CARD);
        SCardReleaseContext(context_);
    }
    BareLoop(const BareLoop&) = delete;
    BareLoop& operator=(const BareLoop&) = delete;

    // True: the last answer was a record of EF06, so the card let the reader in.
    bool run() {
        ByteArray<8> original{};
        ByteArray<8> factor{};
        ByteArray<8> proof{};
        int challenges = 0;
        DWORD length = 0;
        for (auto& [party, command] : script_) {
            if (challenges == 2)
                insertChallenge(party, command, original, factor, proof);
            length = transmit(party, command);
            const auto ins = command[1];
            if (party == Party::card && ins == 0x84)
                std::copy_n(answer_.begin(), 8, (challenges++ == 0 ? original : factor).begin());
            if (party == Party::sam && ins == 0xFA)
                for (std::size_t i = 0; i < 8; ++i)
                    proof[i] = static_cast<std::uint8_t>(answer_[i] ^ answer_[i + 8]);
        }
        return length > 2 && answer_[length - 2] == 0x90;
    }

  private:
    // The places of the challenge in DELIVER SESSION KEY, CIPHER DATA and EXTERNAL AUTHENTICATE.
    static void insertChallenge(Party party, Bytes& command, const ByteArray<8>& original,
                                const ByteArray<8>& factor, const ByteArray<8>& proof) {
        const auto ins = command[1];
        if (party == Party::sam && ins == 0xDE)
            std::ranges::copy(factor, command.begin() + 5 + 16);
        if (party == Party::sam && ins == 0xFA)
            std::ranges::copy(original, command.begin() + 5);
        if (party == Party::card && ins == 0x82) {
            std::ranges::copy(proof, command.begin() + 5);
            std::ranges::copy(original, command.begin() + 13);
        }
    }

    DWORD transmit(Party party, const Bytes& command) {
        DWORD length = static_cast<DWORD>(answer_.size());
        SCardTransmit(party == Party::card ? card_ : sam_, party == Party::card ? cardPci_ : samPci_,
                      command.data(), static_cast<DWORD>(command.size()), nullptr, answer_.data(), &length);
        return length;
    }

    std::vector<Sent> script_;
    SCARDCONTEXT context_ = 0;
    SCARDHANDLE card_ = 0;
    SCARDHANDLE sam_ = 0;
    const SCARD_IO_REQUEST* cardPci_ = nullptr;
    const SCARD_IO_REQUEST* samPci_ = nullptr;
    ByteArray<300> answer_{};
};

int complain(const Error& error) {
    std::fprintf(stderr, "bench_card: %s\n", explain(error).c_str());
    return 1;
}

double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

template <typename F>
double timed(const hal::Clock& clock, F&& work) {
    const auto start = clock.now().monotonic;
    work();
    return std::chrono::duration<double, std::micro>(clock.now().monotonic - start).count();
}

Result<std::unique_ptr<hal::CardConnection>> waitAndConnect(hal::CardReader& reader) {
    for (int tries = 0; tries < 100; ++tries) {
        if (auto connection = reader.connect())
            return connection;
        const auto event = reader.nextEvent({}, 100ms);
        if (!event)
            return failWith(event);
    }
    return fail(Reason::wire_timeout, reader.info().name);
}

} // namespace

int main() {
    const drivers::SystemClock clock;
    auto issuer = sim::CardIssuer::create().value();
    sim::CardSpec spec;
    spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1980} / 5 / 17, 1);
    spec.name = "试验甲";
    spec.interface = sim::CardInterface::contactless;
    sim::VpcdSlot cardSlot(sim::VpcdSlot::firstPort);
    sim::VpcdSlot samSlot(sim::VpcdSlot::firstPort + 1);
    cardSlot.insert(issuer.personalise(spec).value());
    samSlot.insert(issuer.makeSam().value());
    const auto pcsc = drivers::Pcsc::start(clock);
    const auto cardReader = pcsc->reader("Virtual PCD 00 00", hal::SlotKind::contactless);
    const auto samReader = pcsc->reader("Virtual PCD 00 01", hal::SlotKind::sam);
    const Secret key = crypto::randomSecret(32).value();

    std::vector<Sent> sent;
    auto samConnection = waitAndConnect(*samReader);
    auto firstConnection = waitAndConnect(*cardReader);
    if (!samConnection || !firstConnection)
        return complain(samConnection ? firstConnection.error() : samConnection.error());
    auto sam = apdu::sam::Sam::open(std::make_unique<Recording>(std::move(*samConnection), Party::sam, sent));
    if (!sam)
        return complain(sam.error());
    sent.clear(); // the SAM is opened once a day
    {
        Recording recorded(std::move(*firstConnection), Party::card, sent);
        apdu::Channel channel(recorded);
        if (const auto read = apdu::social_security::SocialSecurityCard(channel, sam->get()).read(); !read)
            return complain(read.error());
    }
    const auto exchanges = sent.size();
    BareLoop bare(sent);
    std::vector<double> bareTimes;
    std::vector<double> connectTimes;
    std::vector<double> ourTimes;
    for (int round = 0; round < rounds; ++round) {
        bool letIn = false;
        bareTimes.push_back(timed(clock, [&] { letIn = bare.run(); }));
        bool identified = false;
        ourTimes.push_back(timed(clock, [&] {
            Result<std::unique_ptr<hal::CardConnection>> connection;
            connectTimes.push_back(timed(clock, [&] { connection = cardReader->connect(); }));
            if (!connection)
                return;
            apdu::Channel channel(**connection);
            const auto evidence = apdu::social_security::SocialSecurityCard(channel, sam->get()).read();
            identified = evidence && firmware::identity::identify(*evidence, key, clock.now().wall);
        }));
        if (!letIn || !identified)
            return complain({Reason::status_unexpected, letIn ? "the terminal's way" : "the bare loop"});
    }
    const auto bareMedian = median(bareTimes);
    const auto ourMedian = median(ourTimes);
    std::printf("card 3.0 SM4 over pcscd, %zu APDUs (card and PSAM), %d rounds, median microseconds\n"
                "  bare SCardTransmit loop     %8.0f\n"
                "  connect, read, identify     %8.0f\n"
                "    of these, connect         %8.0f\n"
                "  ratio                       %8.2f\n",
                exchanges, rounds, bareMedian, ourMedian, median(connectTimes), ourMedian / bareMedian);
    return 0;
}
