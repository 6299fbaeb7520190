#include "sim/cards/sam_purchases.h"

#include "crypto/block_cipher.h"
#include "sim/cards/purse_personalisation.h"
#include "sim/cards/status.h"

namespace ykt::sim {
namespace {

constexpr std::uint8_t maintenanceUsage = 0x45;
constexpr std::uint8_t maintenanceVersion = 0x02;
constexpr std::uint8_t macWithFirstBlock = 0x05; // P1 of 80 FA
constexpr std::size_t desBlock = crypto::blockSize(crypto::BlockCipher::triple_des);

apdu::Response refused(apdu::StatusWord status) {
    return {{}, status};
}

// What the PSAM is given at 80 70.
struct Order {
    explicit Order(ByteView data)
        : random(data.first(4)), counter(data.subspan(4, 2)), amount(data.subspan(6, 4)),
          type(data.subspan(10, 1)), time(data.subspan(11, 7)), keyVersion(data[18]), algorithm(data[19]),
          serial(data.subspan(20, 8)), issuer(data.subspan(28, 8)) {}

    static constexpr std::size_t size = 0x24;

    ByteView random, counter, amount, type, time;
    std::uint8_t keyVersion, algorithm;
    ByteView serial, issuer;
};

// The last block without the padding 80 00..., which purse MACs add themselves. nullopt: it is not padded.
std::optional<ByteView> withoutPadding(ByteView blocks) {
    auto size = blocks.size();
    while (size > 0 && blocks[size - 1] == 0x00)
        --size;
    if (size == 0 || blocks[size - 1] != 0x80 || blocks.size() - size >= desBlock)
        return std::nullopt;
    return blocks.first(size - 1);
}

} // namespace

void SamPurchases::forgetSession() {
    expectedMac2_.reset();
    maintenanceKey_.reset();
}

// The sequence moves when a debit is authorised, so that none is used twice, whatever becomes of the debit.
// That a real PSAM does not wait for 80 72 is inferred (C).
apdu::Response SamPurchases::begin(const apdu::Command& command) {
    expectedMac2_.reset();
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    if (command.data.size() != Order::size)
        return refused(status::wrongLength);
    const Order order(command.data);
    if (order.keyVersion != purchaseKeyVersion || order.algorithm != purchaseAlgorithm)
        return refused(status::keyIndexUnknown);
    Bytes sequence;
    appendBigEndian(sequence, std::uint64_t{sequence_} + 1, 4);
    const auto session =
        purseKey(masters_.purchase, order.issuer, order.serial).and_then([&](const Secret& key) {
            return purchaseSession(key, order.random, order.counter, sequence);
        });
    if (!session)
        return refused(status::internalFault);
    const auto mac1 = purseMac(*session, concat({order.amount, order.type, terminal_, order.time}));
    auto mac2 = purseMac(*session, order.amount);
    if (!mac1 || !mac2)
        return refused(status::internalFault);
    ++sequence_;
    expectedMac2_ = std::move(*mac2);
    return {concat({sequence, *mac1}), status::ok};
}

apdu::Response SamPurchases::confirm(const apdu::Command& command) {
    const auto expected = std::exchange(expectedMac2_, std::nullopt);
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    if (!expected)
        return refused(status::conditionsNotSatisfied);
    if (command.data.size() != purseMacSize)
        return refused(status::wrongLength);
    return refused(equalConstantTime(command.data, *expected) ? status::ok : status::macWrong);
}

apdu::Response SamPurchases::deriveMaintenanceKey(const apdu::Command& command) {
    maintenanceKey_.reset();
    if (command.p1 != maintenanceUsage || command.p2 != maintenanceVersion)
        return refused(status::keyIndexUnknown);
    if (command.data.size() != 2 * purseFactorSize)
        return refused(status::wrongLength);
    const ByteView data(command.data);
    auto key = purseKey(masters_.maintenance, data.subspan(purseFactorSize), data.first(purseFactorSize));
    if (!key)
        return refused(status::internalFault);
    maintenanceKey_ = std::move(*key);
    return {{}, status::ok};
}

apdu::Response SamPurchases::maintenanceCode(const apdu::Command& command) {
    const auto key = std::exchange(maintenanceKey_, std::nullopt);
    if (command.p1 != macWithFirstBlock || command.p2 != 0)
        return refused(status::wrongP1P2);
    if (!key)
        return refused(status::conditionsNotSatisfied);
    const ByteView data(command.data);
    if (data.size() < 2 * desBlock || data.size() % desBlock != 0)
        return refused(status::wrongLength);
    const auto message = withoutPadding(data.subspan(desBlock));
    if (!message)
        return refused(status::wrongData);
    auto mac = maintenanceMac(*key, data.first(desBlock), *message);
    return mac ? apdu::Response{std::move(*mac), status::ok} : refused(status::internalFault);
}

} // namespace ykt::sim
