// From a card that is there to the decision and the record, over a real pcscd, split into the card's time and
// the terminal's. Run it as `scripts/with-pcscd build/release/bin/bench_card`.
#include "bench/bare_loop.h"
#include "bench/card_terminal.h"
#include "bench/idle_and_events.h"
#include "bench/series.h"
#include "sim/cards/card_issuer.h"

#include <cstdio>
#include <spdlog/spdlog.h>

namespace {

using namespace ykt;
using namespace ykt::bench;
using namespace std::chrono_literals;

constexpr int rounds = 300;

// The same APDUs by the driver and by the bare loop, in turn, with cards that answer at once.
void compareTransmit(drivers::Pcsc& pcsc, const std::vector<Exchange>& script, const hal::Clock& clock) {
    sim::VpcdSlot cardSlot(sim::VpcdSlot::firstPort);
    sim::VpcdSlot samSlot(sim::VpcdSlot::firstPort + 1);
    cardSlot.insert(std::make_shared<Playback>(script, Party::card));
    samSlot.insert(std::make_shared<Playback>(script, Party::sam));
    const auto cardReader = pcsc.reader("Virtual PCD 00 00");
    const auto samReader = pcsc.reader("Virtual PCD 00 01");
    const auto card = connectSoon(*cardReader);
    const auto sam = connectSoon(*samReader);
    BareLoop bare;
    Series ours;
    Series theirs;
    for (int round = 0; round < 3 * rounds; ++round) {
        const auto byDriver = [&] {
            const auto begin = clock.now().monotonic;
            for (const auto& exchange : script)
                (exchange.party == Party::card ? card : sam)->transmit(exchange.command).value();
            ours.add(clock.now().monotonic - begin);
        };
        const auto byBareLoop = [&] {
            const auto begin = clock.now().monotonic;
            for (const auto& exchange : script)
                bare.transmit(exchange.party, exchange.command);
            theirs.add(clock.now().monotonic - begin);
        };
        if (round % 2 == 0) { // whoever comes second finds warmer caches
            byDriver();
            byBareLoop();
        } else {
            byBareLoop();
            byDriver();
        }
    }
    theirs.print("the same APDUs played back, bare SCardTransmit");
    ours.print("the same by the driver");
    std::printf("  %-46s %8.3f\n", "ratio of medians", ours.at(0.5) / theirs.at(0.5));
}

void measure(const char* title, drivers::Pcsc& pcsc, sim::CardIssuer& issuer, const sim::CardSpec& spec,
             const firmware::config::CardSettings& cards, const firmware::config::RideSettings& ride,
             const hal::Clock& clock) {
    std::vector<Exchange> script;
    {
        sim::VpcdSlot cardSlot(sim::VpcdSlot::firstPort);
        sim::VpcdSlot samSlot(sim::VpcdSlot::firstPort + 1);
        cardSlot.insert(issuer.personalise(spec).value());
        samSlot.insert(issuer.makeSam().value());
        connectSoon(*pcsc.reader("Virtual PCD 00 00"));
        connectSoon(*pcsc.reader("Virtual PCD 00 01"));
        CardTerminal terminal(pcsc, cards, ride, clock);
        terminal.present(); // opens the SAM, once a day
        Series total;
        Series afterDecision;
        Series transmitting;
        Series connecting;
        Series rest;
        for (int round = 0; round < rounds; ++round) {
            const auto outcome = terminal.present();
            const Microseconds took = outcome.toCommit;
            const auto& ledger = terminal.ledger();
            total.add(took);
            afterDecision.add(outcome.toCommit - outcome.toDecision);
            transmitting.add(ledger.transmitting);
            connecting.add(ledger.connecting);
            rest.add(took - ledger.transmitting - ledger.connecting);
        }
        script = terminal.ledger().exchanges;
        std::printf("%s, %zu APDUs (card and PSAM), %d rounds, microseconds\n  %-46s %8s %8s\n", title,
                    script.size(), rounds, "", "median", "p99");
        total.print("from the event to the record on disk");
        transmitting.print("  of these, card and PSAM (transmit)");
        connecting.print("  of these, connect");
        rest.print("  of these, the terminal, its commits included");
        afterDecision.print("from the decision to the record (debit, commits)");
        std::printf("  %-46s %8.3f\n", "ratio of all to transmit", total.at(0.5) / transmitting.at(0.5));
    }
    waitUntilEmpty(*pcsc.reader("Virtual PCD 00 00"));
    waitUntilEmpty(*pcsc.reader("Virtual PCD 00 01"));
    compareTransmit(pcsc, script, clock);
    waitUntilEmpty(*pcsc.reader("Virtual PCD 00 00"));
    waitUntilEmpty(*pcsc.reader("Virtual PCD 00 01"));
}

void run() {
    EventWitness witness; // forks: before there are threads
    const drivers::SystemClock clock;
    auto issuer = sim::CardIssuer::create().value();
    const auto pcsc = drivers::Pcsc::start(clock);
    std::printf("idle: %.0f microseconds of CPU a second\n", idleCpu(5s).count());
    measureEvents(*pcsc, witness, clock);

    sim::CardSpec spec;
    spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1980} / 5 / 17, 1);
    spec.name = "试验甲";
    spec.interface = sim::CardInterface::contactless;
    firmware::config::CardSettings cards;
    cards.debounce = 0ms;
    measure("identity: card 3.0 SM4", *pcsc, issuer, spec, cards, {}, clock);

    spec.purse = sim::PurseSpec{};
    spec.purse->balanceFen = 1'000'000;
    cards.applications = {firmware::config::CardApplication::transit_purse,
                          firmware::config::CardApplication::social_security};
    firmware::config::RideSettings ride;
    ride.fare.flatFen = 200;
    ride.city = 0x6401;
    measure("fare: transit purse, flat fare", *pcsc, issuer, spec, cards, ride, clock);
}

} // namespace

int main() {
    spdlog::set_level(spdlog::level::off); // a line for each round would be measured too
    try {
        run();
        return 0;
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "bench_card: %s\n", exception.what());
        return 1;
    }
}
