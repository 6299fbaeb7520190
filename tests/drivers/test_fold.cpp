#include "drivers/pcsc/fold.h"

#include <catch2/catch.hpp>
#include <string_view>
#include <winscard.h>

using namespace ykt;
using namespace ykt::drivers::pcsc;

namespace {

struct Expected {
    LONG code;
    Reason reason;
    bool ask;
};

std::uint32_t u(LONG code) {
    return static_cast<std::uint32_t>(code);
}

} // namespace

TEST_CASE("the codes that a terminal meets have the meaning that it acts on") {
    constexpr bool ask = true;
    for (const Expected& row : {
             Expected{SCARD_E_NOT_TRANSACTED, Reason::card_mute, ask},
             Expected{SCARD_E_COMM_DATA_LOST, Reason::card_mute, ask},
             Expected{SCARD_W_UNRESPONSIVE_CARD, Reason::card_mute, ask},
             Expected{SCARD_W_UNPOWERED_CARD, Reason::card_mute, ask},
             Expected{SCARD_E_INVALID_HANDLE, Reason::service_gone, ask},
             Expected{SCARD_E_READER_UNAVAILABLE, Reason::reader_gone, ask},
             Expected{SCARD_E_NO_SMARTCARD, Reason::card_gone, !ask},
             Expected{SCARD_W_REMOVED_CARD, Reason::card_gone, !ask},
             Expected{SCARD_W_RESET_CARD, Reason::card_gone, !ask},
             Expected{SCARD_E_PROTO_MISMATCH, Reason::card_mute, !ask},
             Expected{SCARD_W_UNSUPPORTED_CARD, Reason::card_mute, !ask},
             Expected{SCARD_E_UNKNOWN_READER, Reason::reader_gone, !ask},
             Expected{SCARD_E_NO_READERS_AVAILABLE, Reason::reader_gone, !ask},
             Expected{SCARD_E_SHARING_VIOLATION, Reason::reader_busy, !ask},
             Expected{SCARD_E_NO_SERVICE, Reason::service_gone, !ask},
             Expected{SCARD_E_SERVICE_STOPPED, Reason::service_gone, !ask},
             Expected{SCARD_F_COMM_ERROR, Reason::service_gone, !ask},
             Expected{SCARD_E_CANCELLED, Reason::cancelled, !ask},
             Expected{SCARD_E_TIMEOUT, Reason::wire_timeout, !ask},
             Expected{SCARD_F_INTERNAL_ERROR, Reason::wire_failed, !ask},
             Expected{SCARD_E_INVALID_PARAMETER, Reason::wire_failed, !ask},
             Expected{SCARD_W_SECURITY_VIOLATION, Reason::service_gone, !ask},
         }) {
        INFO(pcsc_stringify_error(row.code));
        CHECK(fold(u(row.code)).reason == row.reason);
        CHECK(fold(u(row.code)).ask == row.ask);
    }
}

TEST_CASE("every code that PC/SC-Lite has a text for is in the table") {
    int known = 0;
    for (std::uint32_t code = 0x80100001; code < 0x80100100; ++code) {
        const std::string_view text = pcsc_stringify_error(static_cast<LONG>(code));
        const bool named = !text.starts_with("Unknown error");
        INFO(std::hex << code << " " << text);
        if (named)
            CHECK(isListed(code));
        known += named ? 1 : 0;
    }
    CHECK(known >= 30);
    CHECK_FALSE(isListed(SCARD_S_SUCCESS));
    CHECK_FALSE(isListed(0x80100099));
    CHECK(fold(0x80100099).reason == Reason::wire_failed);
}

TEST_CASE("an error names the call and the code, nothing else") {
    const Result<void> error = failed(Reason::card_gone, "SCardTransmit", u(SCARD_E_NOT_TRANSACTED));
    CHECK(error.error() == Reason::card_gone);
    CHECK(error.error().context == "SCardTransmit 80100016");
}
