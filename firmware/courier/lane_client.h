// One HTTPS connection that lanes share for questions that a holder waits for: one at a time, each with one
// limit on all that it needs.
#pragma once

#include "firmware/courier/https_client.h"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace ykt::firmware::courier {

class LaneClient {
  public:
    // Over a connection of its own, so that records on their way hold up no holder. Errors:
    // certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<LaneClient>> create(const HttpsServer& server, Milliseconds timeout,
                                                      const hal::Clock& clock);

    // Whether this is the answer to the question that was asked.
    using Belongs = std::function<bool(const HttpsReply& reply)>;

    // The answer, whatever its status, within `timeout` from now: other lanes' turns, the connection, the
    // answer. Safe to call from several lanes. As with HttpsClient the request may arrive twice. An answer
    // that does not belong ends the connection, since the next one would not either.
    // Errors: unreachable, upstream_untrusted, upstream_timeout, reply_malformed (also: does not belong),
    // cancelled.
    Result<HttpsReply> post(const std::string& target, std::string json, const Belongs& belongs);

    // The next turns are over connections to `server`, as its identity there. Any thread. Errors: as create.
    Result<void> reconnect(const HttpsServer& server);

    // From now on every post(), those that wait too, ends at once.
    void stop() { stop_.request_stop(); }

  private:
    LaneClient(HttpsClient client, Milliseconds timeout, const hal::Clock& clock)
        : client_(std::move(client)), timeout_(timeout), clock_(clock) {}
    // Errors: upstream_timeout, cancelled.
    Result<void> takeTurn();
    void endTurn();

    HttpsClient client_; // of the lane whose turn it is
    Milliseconds timeout_;
    const hal::Clock& clock_;
    std::stop_source stop_;
    std::mutex mutex_; // over what follows
    std::condition_variable_any turnEnded_;
    bool busy_ = false;
    std::optional<HttpsClient> next_; // takes the place of client_ at the next turn
};

} // namespace ykt::firmware::courier
