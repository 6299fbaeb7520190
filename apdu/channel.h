// Commands to a card and its answers, with GET RESPONSE and wrong-length handled within bounds.
#pragma once

#include "apdu/command.h"
#include "hal/card_reader.h"

namespace ykt::apdu {

class Channel {
  public:
    explicit Channel(hal::CardConnection& card) : card_(card) {}

    // Sends `command`, follows 61xx (GET RESPONSE) and 6Cxx (same command, corrected Le) at most
    // `maxFollowUps` times and `maxAnswerBytes` in all (ISO 7816-4, 5.1.3). Any other status word is the
    // caller's to judge. An answer longer than was asked for is malformed. Errors: those of
    // CardConnection::transmit, apdu_malformed, answer_too_long.
    Result<Response> transmit(const Command& command);

    // As transmit, and any status but 9000 is an error: `unexpected`, or the one that the status word names
    // (6982 access_denied, 6983 authentication_blocked, 6A82 file_missing, 6A83 record_missing, ...).
    Result<Bytes> require(const Command& command, Reason unexpected = Reason::status_unexpected);

    [[nodiscard]] std::size_t exchanges() const { return exchanges_; } // raw APDUs sent, for budgets
    hal::CardConnection& card() { return card_; }

    static constexpr int maxFollowUps = 64;
    static constexpr std::size_t maxAnswerBytes = 65536;

  private:
    Result<Response> exchange(const Command& command);

    hal::CardConnection& card_;
    std::size_t exchanges_ = 0;
};

// What a status word other than 9000 says: the reason that it names, else `unexpected`. The context holds the
// instruction byte and the status word.
Error statusError(const Command& command, StatusWord status, Reason unexpected = Reason::status_unexpected);

// To SELECT: there is no such application here, or nothing that can be selected at all. Cards without a file
// system, and readers that speak for them, say that in several ways (6A82 by ISO/IEC 7816-4; 6A81, 6D00, 6E00
// and 6300 were seen from readers with a card of the storage kind, grade C).
bool saysNoApplication(StatusWord status);

} // namespace ykt::apdu
