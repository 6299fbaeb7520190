#include "apdu/sam/session.h"

namespace ykt::apdu::sam {

tl::unexpected<Error> samError(const Error& error) {
    const auto& info = describe(error.reason);
    const std::string context = "SAM: " + std::string(info.name) + " " + error.context;
    if (info.layer == Layer::wire)
        return fail(Reason::sam_missing, context);
    const bool locked =
        error.reason == Reason::authentication_blocked || error.reason == Reason::application_locked;
    return fail(locked ? Reason::sam_locked : Reason::sam_refused, context);
}

Result<SamSession> SamSession::begin(Sam& sam) {
    std::unique_lock lock(sam.mutex_);
    auto exclusive = Exclusive::begin(*sam.connection_);
    if (!exclusive)
        return samError(exclusive.error());
    return SamSession(sam.channel_, std::move(lock), std::move(*exclusive));
}

Result<Response> SamSession::transmit(const Command& command) {
    auto response = channel_->transmit(command);
    if (!response)
        return samError(response.error());
    return response;
}

Result<Bytes> SamSession::require(const Command& command) {
    auto answer = channel_->require(command);
    if (!answer)
        return samError(answer.error());
    return answer;
}

} // namespace ykt::apdu::sam
