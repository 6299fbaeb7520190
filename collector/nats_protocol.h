// What a NATS server sends (docs.nats.io, "Client Protocol"), cut out of a stream of bytes that may come in
// any pieces.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ykt::collector {

struct NatsMessage {
    std::string subject;
    std::uint64_t subscription = 0;
    std::string replyTo; // empty: no answer is wanted
    std::string headers; // "NATS/1.0 ...", as it came; empty: none
    std::string payload;
};

struct NatsInfo {
    std::string json;
};
struct NatsError {
    std::string text;
};
struct NatsPing {};
struct NatsPong {};
struct NatsOk {};
using NatsEvent = std::variant<NatsInfo, NatsMessage, NatsPing, NatsPong, NatsOk, NatsError>;

class NatsParser {
  public:
    static constexpr std::size_t longestLine = 64 * 1024;           // INFO tells of all servers of a cluster
    static constexpr std::size_t largestMessage = 16 * 1024 * 1024; // headers included

    void feed(std::string_view bytes);
    // The next whole event; nullopt: more bytes are needed. After an error the stream is of no use. Errors:
    // reply_malformed.
    Result<std::optional<NatsEvent>> next();

  private:
    Result<std::optional<NatsEvent>> parseMessage(std::string_view arguments, bool withHeaders,
                                                  std::size_t lineEnd);

    std::string buffer_;
    std::size_t at_ = 0; // what is before it was given out
};

// The status in the first line of headers, as JetStream answers 404 or 408; nullopt: there is none.
std::optional<unsigned> statusOf(const NatsMessage& message);

// May stand in a subject as one token: not empty, no dots, wildcards, spaces or control characters.
bool isSubjectToken(std::string_view text);

} // namespace ykt::collector
