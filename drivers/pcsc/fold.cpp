#include "drivers/pcsc/fold.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

struct Row {
    std::uint32_t code;
    Folding folding;
};

constexpr std::uint32_t u(LONG code) {
    return static_cast<std::uint32_t>(code);
}
constexpr bool ask = true;

constexpr std::array kRows{
    // The exchange broke, and the reader's next state tells why.
    Row{u(SCARD_E_NOT_TRANSACTED), {Reason::card_mute, ask}},
    Row{u(SCARD_E_COMM_DATA_LOST), {Reason::card_mute, ask}},
    Row{u(SCARD_W_UNRESPONSIVE_CARD), {Reason::card_mute, ask}},
    Row{u(SCARD_W_UNPOWERED_CARD), {Reason::card_mute, ask}},
    Row{u(SCARD_E_NOT_READY), {Reason::card_mute, ask}},
    Row{u(SCARD_F_UNKNOWN_ERROR), {Reason::wire_failed, ask}},
    Row{u(SCARD_E_UNEXPECTED), {Reason::wire_failed, ask}}, // SCARD_E_UNSUPPORTED_FEATURE has this value too
    Row{u(SCARD_E_READER_UNAVAILABLE), {Reason::reader_gone, ask}},
    Row{u(SCARD_E_INVALID_HANDLE), {Reason::service_gone, ask}}, // a handle that outlived pcscd or its reader
    Row{u(SCARD_E_INVALID_VALUE), {Reason::wire_failed, ask}},   // pcscd's word for a handle it has forgotten

    // The card of this connection is over, whatever comes next.
    Row{u(SCARD_E_NO_SMARTCARD), {Reason::card_gone}},
    Row{u(SCARD_W_REMOVED_CARD), {Reason::card_gone}},
    Row{u(SCARD_W_RESET_CARD), {Reason::card_gone}}, // reset by another program: its security state is lost

    // A card is there that this reader cannot talk to.
    Row{u(SCARD_E_PROTO_MISMATCH), {Reason::card_mute}},
    Row{u(SCARD_E_INVALID_ATR), {Reason::card_mute}},
    Row{u(SCARD_E_UNKNOWN_CARD), {Reason::card_mute}},
    Row{u(SCARD_E_CARD_UNSUPPORTED), {Reason::card_mute}},
    Row{u(SCARD_W_UNSUPPORTED_CARD), {Reason::card_mute}},

    Row{u(SCARD_E_UNKNOWN_READER), {Reason::reader_gone}},
    Row{u(SCARD_E_NO_READERS_AVAILABLE), {Reason::reader_gone}},
    Row{u(SCARD_E_READER_UNSUPPORTED), {Reason::reader_gone}},
    Row{u(SCARD_E_DUPLICATE_READER), {Reason::reader_gone}},

    Row{u(SCARD_E_SHARING_VIOLATION), {Reason::reader_busy}},
    Row{u(SCARD_E_SERVER_TOO_BUSY), {Reason::reader_busy}},

    Row{u(SCARD_E_NO_SERVICE), {Reason::service_gone}},
    Row{u(SCARD_E_SERVICE_STOPPED), {Reason::service_gone}},
    Row{u(SCARD_F_COMM_ERROR), {Reason::service_gone}}, // between us and pcscd, not between reader and card
    Row{u(SCARD_P_SHUTDOWN), {Reason::service_gone}},
    // PC/SC-Lite's word for a connection that pcscd closed: by polkit's rules, or because it was killed.
    Row{u(SCARD_W_SECURITY_VIOLATION), {Reason::service_gone}},

    Row{u(SCARD_E_CANCELLED), {Reason::cancelled}},
    Row{u(SCARD_E_SYSTEM_CANCELLED), {Reason::cancelled}},
    Row{u(SCARD_W_CANCELLED_BY_USER), {Reason::cancelled}},

    Row{u(SCARD_E_TIMEOUT), {Reason::wire_timeout}},
    Row{u(SCARD_F_WAITED_TOO_LONG), {Reason::wire_timeout}},

    // Faults of a caller or of pcscd, and codes of Windows' card modules that PC/SC-Lite only declares.
    Row{u(SCARD_F_INTERNAL_ERROR), {Reason::wire_failed}},
    Row{u(SCARD_E_INVALID_PARAMETER), {Reason::wire_failed}},
    Row{u(SCARD_E_INVALID_TARGET), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_MEMORY), {Reason::wire_failed}},
    Row{u(SCARD_E_INSUFFICIENT_BUFFER), {Reason::wire_failed}},
    Row{u(SCARD_E_CANT_DISPOSE), {Reason::wire_failed}},
    Row{u(SCARD_E_PCI_TOO_SMALL), {Reason::wire_failed}},
    Row{u(SCARD_E_ICC_INSTALLATION), {Reason::wire_failed}},
    Row{u(SCARD_E_ICC_CREATEORDER), {Reason::wire_failed}},
    Row{u(SCARD_E_DIR_NOT_FOUND), {Reason::wire_failed}},
    Row{u(SCARD_E_FILE_NOT_FOUND), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_DIR), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_FILE), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_ACCESS), {Reason::wire_failed}},
    Row{u(SCARD_E_WRITE_TOO_MANY), {Reason::wire_failed}},
    Row{u(SCARD_E_BAD_SEEK), {Reason::wire_failed}},
    Row{u(SCARD_E_INVALID_CHV), {Reason::wire_failed}},
    Row{u(SCARD_E_UNKNOWN_RES_MNG), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_SUCH_CERTIFICATE), {Reason::wire_failed}},
    Row{u(SCARD_E_CERTIFICATE_UNAVAILABLE), {Reason::wire_failed}},
    Row{u(SCARD_E_NO_KEY_CONTAINER), {Reason::wire_failed}},
    Row{u(SCARD_W_WRONG_CHV), {Reason::wire_failed}},
    Row{u(SCARD_W_CHV_BLOCKED), {Reason::wire_failed}},
    Row{u(SCARD_W_EOF), {Reason::wire_failed}},
    Row{u(SCARD_W_CARD_NOT_AUTHENTICATED), {Reason::wire_failed}},
};

} // namespace

Folding fold(std::uint32_t code) {
    const auto* row = std::ranges::find(kRows, code, &Row::code);
    return row == kRows.end() ? Folding{Reason::wire_failed} : row->folding;
}

bool isListed(std::uint32_t code) {
    return std::ranges::find(kRows, code, &Row::code) != kRows.end();
}

tl::unexpected<Error> failed(Reason reason, std::string_view call, std::uint32_t code) {
    std::array<char, 12> hex{};
    std::snprintf(hex.data(), hex.size(), " %08X", code);
    return fail(reason, std::string(call) + hex.data());
}

} // namespace ykt::drivers::pcsc
