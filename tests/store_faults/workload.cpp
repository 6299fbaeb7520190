#include "workload.h"

#include "base/base64.h"
#include "base/hex.h"
#include "tests/noise.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

namespace ykt::test {

using namespace offline_store;
using What = Event::What;

namespace {

constexpr auto foreverMs = std::int64_t{4'000'000'000'000};

// Never 0; nobody draws one twice.
std::uint64_t newClaim(std::mt19937_64& random) {
    return random() | 1;
}

Entry randomEntry(std::mt19937_64& random) {
    const auto size = std::uniform_int_distribution<std::size_t>(10, 700)(random);
    const auto recordClass = static_cast<RecordClass>(std::uniform_int_distribution<>(0, 3)(random));
    return {recordClass, "ride", noise(random, size), {}};
}

Claim claimOf(std::uint64_t claim) {
    return {claimKey(claim), wallFromUnixMilliseconds(foreverMs), Reason::already_used};
}

const crypto::Sm2PrivateKey& publisher() {
    static const auto key = *crypto::Sm2PrivateKey::generate();
    return key;
}

Bytes signedCatalogue(std::uint64_t version) {
    const nlohmann::json content{{"kind", "catalogue"},
                                 {"version", version},
                                 {"not_before", 0},
                                 {"not_after", foreverMs / 1000},
                                 {"body", {{"services", std::string(3000, 's')}}}};
    const auto bytes = toBytes(content.dump());
    return toBytes(
        nlohmann::json{{"content", toBase64(bytes)}, {"signature", toHex(*publisher().sign(bytes))}}.dump());
}

} // namespace

Workload::Workload(Tell tell, std::uint64_t seed, std::uint64_t lastBulletin, bool threads)
    : tell_(std::move(tell)), random_(seed), bulletin_(lastBulletin), threads_(threads) {}

Result<void> Workload::step(Store& store) {
    switch (std::uniform_int_distribution<>(0, 13)(random_)) {
    case 0:
    case 1:
    case 2:
        return deliver(store);
    case 3:
        return openIntent(store);
    case 4:
        return settleIntent(store);
    case 5:
        return install(store);
    case 6:
    case 7:
        return threads_ ? appendFromThreads(store) : append(store, random_);
    default:
        return append(store, random_);
    }
}

Result<void> Workload::append(Store& store, std::mt19937_64& random) const {
    const auto claim = newClaim(random);
    auto entry = randomEntry(random);
    entry.claims = {claimOf(claim)};
    const auto record = store.append(entry);
    if (!record)
        return failWith(record);
    tell_({What::appended, record->id.sequence, claim, record->hash});
    return {};
}

Result<void> Workload::appendFromThreads(Store& store) {
    constexpr std::size_t lanes = 3;
    constexpr int records = 4;
    std::vector<Result<void>> results(lanes);
    {
        std::vector<std::jthread> threads;
        for (auto& result : results)
            threads.emplace_back([this, &store, &result, seed = random_()] {
                std::mt19937_64 random(seed);
                for (int i = 0; i < records && result; ++i)
                    result = append(store, random);
            });
    }
    const auto failed = std::ranges::find_if(results, [](const auto& result) { return !result; });
    return failed == results.end() ? Result<void>{} : *failed;
}

Result<void> Workload::openIntent(Store& store) {
    const auto claim = newClaim(random_);
    const auto intent = store.openIntent({claimKey(claim), Bytes(300, 'i'), {claimOf(claim)}});
    if (!intent)
        return failWith(intent);
    tell_({What::intent_opened, intent->number, claim, {}});
    return {};
}

Result<void> Workload::settleIntent(Store& store) {
    const auto open = store.openIntents();
    if (!open)
        return failWith(open);
    if (open->empty())
        return {};
    const auto number = open->at(random_() % open->size()).number;
    const auto outcome = random_() % 2 == 0 ? Store::Purchase::made : Store::Purchase::not_made;
    tell_({What::intent_closing, number, 0, {}});
    const auto record = store.settleIntent(number, outcome, randomEntry(random_));
    if (!record)
        return failWith(record);
    tell_({What::appended, (*record)->id.sequence, 0, (*record)->hash});
    tell_({What::intent_closed, number, 0, {}});
    return {};
}

Result<void> Workload::acknowledge(Store& store, const std::vector<Record>& batch) const {
    std::vector<Store::Settled> settled;
    for (const auto& record : batch) {
        tell_({What::settling, record.id.sequence, 0, {}});
        settled.push_back({record.id.sequence, "R-" + std::to_string(record.id.sequence)});
    }
    if (const auto done = store.acknowledge(settled); !done)
        return done;
    for (const auto& record : batch)
        tell_({What::acknowledged, record.id.sequence, 0, {}});
    return {};
}

Result<void> Workload::deliver(Store& store) {
    const auto batch = store.lease(1 + random_() % 6, 10'000, std::chrono::minutes{1});
    if (!batch)
        return failWith(batch);
    std::vector<std::uint64_t> sequences;
    for (const auto& record : *batch) {
        tell_({What::delivered, record.id.sequence, 0, record.hash});
        sequences.push_back(record.id.sequence);
    }
    if (batch->empty())
        return {};
    switch (std::uniform_int_distribution<>(0, 9)(random_)) {
    case 0:
        return store.release(sequences, true);
    case 1:
        return store.release(sequences, false);
    case 2:
        return store.defer(sequences, std::chrono::minutes{10});
    case 3: {
        tell_({What::settling, sequences[0], 0, {}});
        const auto buried = store.bury(sequences[0], "rejected: in a test");
        if (buried)
            tell_({What::buried, sequences[0], 0, {}});
        return buried;
    }
    default:
        return acknowledge(store, *batch);
    }
}

Result<void> Workload::drain(Store& store) {
    for (;;) {
        const auto batch = store.lease(50, 100'000, std::chrono::minutes{1});
        if (!batch)
            return failWith(batch);
        if (batch->empty())
            return {};
        for (const auto& record : *batch)
            tell_({What::delivered, record.id.sequence, 0, record.hash});
        if (const auto done = acknowledge(store, *batch); !done)
            return done;
    }
}

Result<void> Workload::install(Store& store) {
    tell_({What::installing, ++bulletin_, 0, {}});
    const auto done = store.install(signedCatalogue(bulletin_), publisher().publicKey());
    if (done)
        tell_({What::installed, bulletin_, 0, {}});
    return done;
}

} // namespace ykt::test
