#include "apdu/sam/purchase.h"

#include <algorithm>

namespace ykt::apdu::sam {
namespace {

constexpr StatusWord macWrong = 0x9302;

// What 80 70 takes: 36 bytes.
Bytes purchaseData(const Purchase& purchase, const PurchaseStart& start, const ByteArray<8>& issuer,
                   const ByteArray<8>& serial) {
    Bytes data(start.random.begin(), start.random.end());
    appendBigEndian(data, start.counter, 2);
    appendBigEndian(data, purchase.amountFen, 4);
    data.push_back(static_cast<std::uint8_t>(purchase.kind));
    data.insert(data.end(), purchase.time.begin(), purchase.time.end());
    data.push_back(start.keyVersion);
    data.push_back(start.algorithm);
    return concat({data, serial, issuer});
}

} // namespace

Result<SamPurchase> SamPurchase::begin(Sam& sam, const Purchase& purchase, const PurchaseStart& start,
                                       const ByteArray<8>& issuer, const ByteArray<8>& serial) {
    auto session = SamSession::begin(sam);
    if (!session)
        return failWith(session);
    const auto answer =
        session->require(Command::initSamForPurchase(purchaseData(purchase, start, issuer, serial)));
    if (!answer)
        return failWith(answer);
    PurchaseAuthorisation authorisation;
    const auto sequenceSize = authorisation.terminalSequence.size();
    if (answer->size() != sequenceSize + authorisation.mac1.size())
        return fail(Reason::sam_refused, "SAM: answer of wrong length");
    const ByteView fields(*answer);
    std::ranges::copy(fields.first(sequenceSize), authorisation.terminalSequence.begin());
    std::ranges::copy(fields.subspan(sequenceSize), authorisation.mac1.begin());
    return SamPurchase(std::move(*session), authorisation);
}

Result<void> SamPurchase::confirm(const ByteArray<4>& mac2) {
    const auto command = Command::creditSam(mac2);
    const auto response = session_.transmit(command);
    if (!response)
        return failWith(response);
    if (response->status == macWrong)
        return fail(Reason::card_not_genuine, "MAC2");
    if (!response->ok())
        return samError(statusError(command, response->status));
    return {};
}

} // namespace ykt::apdu::sam
