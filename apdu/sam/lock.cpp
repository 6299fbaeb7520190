#include "apdu/sam/lock.h"

#include "apdu/sam/session.h"

#include <algorithm>

namespace ykt::apdu::sam {
namespace {

// The key's reference is known from one vendor's terminals only.
constexpr KeyReference maintenanceKey{0x45, 0x02};

// The header of APPLICATION BLOCK, padded to a block (ISO/IEC 9797-1, method 2).
constexpr ByteArray<8> paddedHeader{0x84, 0x1E, 0x00, 0x00, 0x04, 0x80, 0x00, 0x00};

} // namespace

Result<ByteArray<4>> applicationLockMac(Sam& sam, const ByteArray<8>& issuer, const ByteArray<8>& serial,
                                        const ByteArray<4>& challenge) {
    auto session = SamSession::begin(sam);
    if (!session)
        return failWith(session);
    const auto begun = session->require(
        Command::initialiseCipher(maintenanceKey.usage, maintenanceKey.keyId, concat({serial, issuer})));
    if (!begun)
        return failWith(begun);
    ByteArray<8> initial{}; // the challenge, filled with zeros
    std::ranges::copy(challenge, initial.begin());
    const auto answer = session->require(Command::messageMac(initial, paddedHeader));
    if (!answer)
        return failWith(answer);
    ByteArray<4> mac{};
    if (answer->size() != mac.size())
        return fail(Reason::sam_refused, "SAM: answer of wrong length");
    std::ranges::copy(*answer, mac.begin());
    return mac;
}

} // namespace ykt::apdu::sam
