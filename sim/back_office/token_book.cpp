#include "sim/back_office/token_book.h"

#include "base/hex.h"
#include "crypto/random.h"

#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t requestIdDigits = 32;
constexpr std::size_t tokenBytes = 12;
constexpr auto validity = 60s;
constexpr auto clocksDiffer = 20s;
constexpr auto electronicCard = "electronic_card_code";

constexpr auto valid = "000000";
constexpr auto unknown = "100001";
constexpr auto over = "100002";
constexpr auto used = "100003";

json refusal(const char* code, const char* why) {
    return {{"msgCode", code}, {"msg", why}, {"result", nullptr}};
}

} // namespace

Result<TokenQuestion> parseTokenQuestion(std::string_view body) {
    try {
        const auto object = json::parse(body);
        TokenQuestion question{
            object.at("requestId").get<std::string>(), object.at("codeFormat").get<std::string>(),
            object.at("qrCode").get<std::string>(), object.at("busiType").get<std::string>()};
        if (question.requestId.size() != requestIdDigits || !fromHex(question.requestId))
            return fail(Reason::input_malformed, "requestId");
        return question;
    } catch (const json::exception&) {
        return fail(Reason::input_malformed, "not the documented JSON");
    }
}

std::string TokenBook::issue(const std::string& cardNumber) {
    auto token = toHex(crypto::randomBytes(tokenBytes).value());
    enter(electronicCard, token, cardNumber);
    return token;
}

void TokenBook::enter(const std::string& format, const std::string& token, const std::string& cardNumber) {
    const std::scoped_lock lock(mutex_);
    issued_[{format, token}] = {cardNumber, clock_.now().wall, {}};
}

std::string TokenBook::answer(const TokenQuestion& question) {
    const auto judged = [&]() -> json {
        const std::scoped_lock lock(mutex_);
        auto* token = find(question.codeFormat, question.token);
        if (!token)
            return refusal(unknown, "unknown code");
        if (token->usedBy != question.requestId && !token->usedBy.empty())
            return refusal(used, "the code was used");
        if (token->usedBy.empty() && clock_.now().wall > token->at + validity)
            return refusal(over, "the code is over");
        token->usedBy = question.requestId;
        return {{"msgCode", valid},
                {"msg", "ok"},
                {"result",
                 {{"esscNo", token->cardNumber},
                  {"signLevel", "1"},
                  {"region", "640100"},
                  {"checkNo", toHex(crypto::randomBytes(16).value())}}}};
    };
    auto answer = judged();
    answer["requestId"] = question.requestId;
    return answer.dump();
}

bool TokenBook::settleDeferred(const Deferral& deferral) {
    const std::scoped_lock lock(mutex_);
    auto* issued = find(deferral.format, deferral.token);
    if (!issued)
        return false;
    auto& usedBy = issued->usedBy;
    if (!usedBy.empty() && usedBy != deferral.record && usedBy != deferral.requestId)
        return false;
    if (deferral.at < issued->at - clocksDiffer || deferral.at > issued->at + validity + clocksDiffer)
        return false;
    usedBy = deferral.record;
    return true;
}

TokenBook::Issued* TokenBook::find(const std::string& format, const std::string& token) {
    const auto found = issued_.find({format, token});
    return found == issued_.end() ? nullptr : &found->second;
}

} // namespace ykt::sim
