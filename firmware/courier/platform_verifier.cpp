#include "firmware/courier/platform_verifier.h"

#include "base/hex.h"
#include "qr/code.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

using identity::OnlineAnswer;
using nlohmann::json;

namespace {

constexpr unsigned ok = 200;
constexpr unsigned tooManyRequests = 429;
constexpr std::string_view valid = "000000";
constexpr std::size_t longestCardNumber = 32;
constexpr std::size_t longestCode = 16; // of msgCode and signLevel
constexpr std::size_t regionDigits = 6;

std::string format(const qr::OnlineCode& code, const std::string& requestId,
                   const std::string& businessType) {
    return json{{"requestId", requestId},
                {"codeFormat", qr::nameOf(code.format)},
                {"qrCode", toText(code.token.reveal())},
                {"busiType", businessType}}
        .dump();
}

bool isAlphanumeric(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

bool isRegion(std::string_view text) {
    return text.size() == regionDigits &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// nullptr: not there, or no text of 1 to `most` ASCII letters and digits.
const std::string* textOf(const json& object, const char* name, std::size_t most) {
    const auto member = object.is_object() ? object.find(name) : object.end();
    if (member == object.end() || !member->is_string())
        return nullptr;
    const auto& text = member->get_ref<const std::string&>();
    return !text.empty() && text.size() <= most && isAlphanumeric(text) ? &text : nullptr;
}

json parsed(const HttpsReply& reply) {
    return json::parse(reply.body, nullptr, false);
}

tl::unexpected<Error> malformed(const char* member) {
    return fail(Reason::reply_malformed, std::string("online verifier: ") + member);
}

Result<OnlineAnswer> read(const json& answer) {
    const auto* code = textOf(answer, "msgCode", longestCode);
    if (!code)
        return malformed("msgCode");
    const auto result = answer.find("result");
    const bool none = result == answer.end() || result->is_null();
    if (*code != valid || none)
        return fail(Reason::code_not_valid, "msgCode " + *code);
    const auto* cardNumber = textOf(*result, "esscNo", longestCardNumber);
    if (!cardNumber)
        return malformed("esscNo");
    OnlineAnswer holder{PersonalData<std::string>{*cardNumber}, {}, {}};
    if (result->contains("signLevel")) {
        const auto* level = textOf(*result, "signLevel", longestCode);
        if (!level)
            return malformed("signLevel");
        holder.signLevel = *level;
    }
    if (result->contains("region")) {
        const auto* region = textOf(*result, "region", regionDigits);
        if (!region || !isRegion(*region))
            return malformed("region");
        holder.region = *region;
    }
    return holder;
}

} // namespace

Result<std::unique_ptr<PlatformVerifier>> PlatformVerifier::create(const HttpsServer& server,
                                                                   PlatformVerifierSettings settings,
                                                                   const hal::Clock& clock) {
    auto client = LaneClient::create(server, settings.timeout, clock);
    if (!client)
        return failWith(client);
    return std::unique_ptr<PlatformVerifier>(
        new PlatformVerifier(std::move(*client), std::move(settings.businessType)));
}

Result<OnlineAnswer> PlatformVerifier::verify(const qr::OnlineCode& code,
                                              const identity::QuestionId& question) {
    const auto requestId = toHex(question);
    const auto belongs = [&](const HttpsReply& reply) {
        if (reply.status != ok)
            return true; // it names nobody
        const auto answer = parsed(reply);
        const auto* id = textOf(answer, "requestId", requestId.size());
        return id && *id == requestId;
    };
    const auto reply =
        client_->post("/v1/ecard/qrcode/valid", format(code, requestId, businessType_), belongs);
    if (!reply)
        return failWith(reply);
    if (reply->status == ok)
        return read(parsed(*reply));
    const auto context = "online verifier: HTTP " + std::to_string(reply->status);
    const bool cannotSay = reply->status >= 500 || reply->status == tooManyRequests;
    return fail(cannotSay ? Reason::unreachable : Reason::upstream_rejected, context);
}

} // namespace ykt::firmware::courier
