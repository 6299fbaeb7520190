// The answers to SELECT: a social security card and a purse that say anything at all.
#include "apdu/social_security/card.h"
#include "apdu/transit/purse.h"
#include "fuzz/fuzz.h"

using namespace ykt;

namespace {

constexpr std::uint8_t select = 0xA4;

// Gives `fci` to SELECT and has no files.
fuzz::ScriptedCard cardWith(ByteView fci) {
    return fuzz::ScriptedCard([fci](ByteView command) -> Result<Bytes> {
        if (command.size() < 2 || command[1] != select)
            return Bytes{0x6A, 0x83};
        return concat({fci, Bytes{0x90, 0x00}});
    });
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto fci = input.first(std::min<std::size_t>(input.size(), 256));
    auto card = cardWith(fci);
    apdu::Channel channel(card);
    fuzz::hold(!apdu::social_security::SocialSecurityCard(channel, nullptr).read()); // there is no EF05
    apdu::transit::TransitPurse purse(channel);
    if (const auto evidence = purse.open(); !evidence)
        fuzz::hold(describe(evidence.error().reason).origin == Origin::medium);
}
