// Who was given which token, and who asked for it: the national platform's side of electronic card codes and
// of the online form of fusion codes. POST /v1/ecard/qrcode/valid of docs/back-office-api.md, read and
// written without the terminal's code. Thread-safe.
#pragma once

#include "base/result.h"
#include "hal/clock.h"

#include <map>
#include <mutex>

namespace ykt::sim {

struct TokenQuestion {
    std::string requestId;
    std::string codeFormat;
    std::string token;
    std::string businessType;
};

// Errors: input_malformed.
Result<TokenQuestion> parseTokenQuestion(std::string_view body);

class TokenBook {
  public:
    explicit TokenBook(const hal::Clock& clock) : clock_(clock) {}

    // A new token of an electronic card, as its app shows it: good for 60 s, and for one use.
    std::string issue(const std::string& cardNumber);
    // A token that another issuer made: "electronic_card_code" or "fusion_code".
    void enter(const std::string& format, const std::string& token, const std::string& cardNumber);

    // The answer's JSON. The same request gets the same answer again.
    std::string answer(const TokenQuestion& question);
    struct Deferral {
        std::string format;
        std::string token;
        WallTime at{};         // when it was taken on trust
        std::string record;    // that took it
        std::string requestId; // that was put for it and got no answer in time; empty: nobody was asked
    };
    // Whether the token was good at that time, give or take what clocks differ, and used by nobody else.
    bool settleDeferred(const Deferral& deferral);

  private:
    struct Issued {
        std::string cardNumber;
        WallTime at{};
        std::string usedBy; // a request or a record; empty: nobody
    };
    Issued* find(const std::string& format, const std::string& token);

    const hal::Clock& clock_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Issued> issued_; // by format and token
};

} // namespace ykt::sim
