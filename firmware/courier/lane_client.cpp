#include "firmware/courier/lane_client.h"

namespace ykt::firmware::courier {

namespace {

constexpr std::size_t mostReplyBytes = 4'096;

} // namespace

Result<std::unique_ptr<LaneClient>> LaneClient::create(const HttpsServer& server, Milliseconds timeout,
                                                       const hal::Clock& clock) {
    auto client = HttpsClient::create(server, clock);
    if (!client)
        return failWith(client);
    return std::unique_ptr<LaneClient>(new LaneClient(std::move(*client), timeout, clock));
}

Result<HttpsReply> LaneClient::post(const std::string& target, std::string json, const Belongs& belongs) {
    const auto end = clock_.now().monotonic + timeout_;
    if (const auto turn = takeTurn(); !turn)
        return failWith(turn);
    const auto left = std::chrono::ceil<Milliseconds>(end - clock_.now().monotonic);
    auto reply = client_.post(target, std::move(json), {left, left, left, mostReplyBytes}, stop_.get_token());
    const bool stray = reply && !belongs(*reply);
    if (stray)
        client_.disconnect();
    endTurn();
    if (!reply)
        return tl::unexpected(std::move(reply.error().error));
    if (stray)
        return fail(Reason::reply_malformed, "the answer belongs to another request");
    return std::move(*reply);
}

Result<void> LaneClient::takeTurn() {
    std::unique_lock lock(mutex_);
    const bool free = turnEnded_.wait_for(lock, stop_.get_token(), timeout_, [this] { return !busy_; });
    if (stop_.stop_requested())
        return fail(Reason::cancelled);
    if (!free)
        return fail(Reason::upstream_timeout, "another lane has the connection");
    busy_ = true;
    if (next_)
        client_ = std::move(*std::exchange(next_, std::nullopt));
    return {};
}

Result<void> LaneClient::reconnect(const HttpsServer& server) {
    auto client = HttpsClient::create(server, clock_);
    if (!client)
        return failWith(client);
    const std::lock_guard lock(mutex_);
    next_ = std::move(*client);
    return {};
}

void LaneClient::endTurn() {
    {
        const std::lock_guard lock(mutex_);
        busy_ = false;
    }
    turnEnded_.notify_one();
}

} // namespace ykt::firmware::courier
