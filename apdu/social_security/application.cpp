#include "apdu/social_security/application.h"

#include "apdu/tlv.h"

#include <algorithm>

namespace ykt::apdu::social_security {
namespace {

// "sx1.sh." and 社会保障 in GBK
constexpr ByteArray<15> applicationId{0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9,
                                      0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
constexpr std::uint32_t fileControlInformation = 0x6F;
constexpr std::uint32_t nameOfFile = 0x84;
constexpr std::uint32_t issuerDiscretionary = 0x9F0C;
constexpr std::uint32_t algorithmTag = 0x86;

// The application's directory by its file identifier, as one vendor's software selects it.
Command selectByFileIdentifier() {
    return {0x00, 0xA4, 0x00, 0x00, {0xDD, 0xF1}, 256};
}

Result<std::vector<Tlv>> fciFrom(ByteView answer) {
    auto objects = parseTlv(answer);
    if (objects && findTlv(*objects, fileControlInformation) == nullptr)
        return fail(Reason::tlv_malformed, "not an FCI");
    return objects;
}

Result<std::optional<Algorithm>> algorithmFrom(ByteView answer) {
    if (answer.empty())
        return std::nullopt;
    const auto fci = fciFrom(answer);
    if (!fci)
        return failWith(fci);
    const auto* discretionary = findTlv(*fci, issuerDiscretionary);
    if (discretionary == nullptr)
        return std::nullopt;
    const auto inner = parseTlv(discretionary->value);
    if (!inner) // the issuer's own content, not necessarily TLV
        return std::nullopt;
    const auto* named = findTlv(*inner, algorithmTag);
    if (named == nullptr)
        return std::nullopt;
    switch (named->value.size() == 1 ? named->value[0] : 0) {
    case 1:
        return Algorithm::triple_des;
    case 2:
        return Algorithm::ssf33;
    case 3:
        return Algorithm::sm4;
    default:
        return fail(Reason::algorithm_unknown, "FCI");
    }
}

bool bearsName(ByteView answer) {
    const auto fci = fciFrom(answer);
    const auto* name = fci ? findTlv(*fci, nameOfFile) : nullptr;
    return name != nullptr && std::ranges::equal(name->value, applicationId);
}

} // namespace

Result<std::optional<Algorithm>> selectApplication(Channel& channel) {
    const auto byName = Command::select(applicationId);
    const auto response = channel.transmit(byName);
    if (!response)
        return failWith(response);
    if (response->ok())
        return algorithmFrom(response->data);
    if (!saysNoApplication(response->status))
        return tl::unexpected(statusError(byName, response->status));
    const auto directory = channel.transmit(selectByFileIdentifier());
    if (!directory)
        return failWith(directory);
    if (!directory->ok() || !bearsName(directory->data))
        return fail(Reason::application_missing, "SELECT");
    return algorithmFrom(directory->data);
}

} // namespace ykt::apdu::social_security
