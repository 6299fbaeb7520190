#include "tools/yktctl/local_service.h"

#include "firmware/panel/http_client.h"

namespace ykt::tools {

Result<Json> askService(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                        const Json& body, Milliseconds timeout) {
    const auto answer =
        firmware::panel::ask(socket, method, target, body.is_null() ? "" : oneLine(body), timeout);
    if (!answer)
        return fail(Reason::local_service_failed, answer.error().context);
    auto object = Json::parse(answer->body, nullptr, false);
    if (!object.is_object())
        return fail(Reason::local_service_failed, socket.string() + ": the answer is not a JSON object");
    if (answer->status < 400 && !object.contains("error"))
        return object;
    const auto name = textOf(object, "error");
    if (const auto reason = reasonFromName(name))
        return fail(*reason, textOf(object, "context"));
    return fail(Reason::local_service_failed,
                socket.string() + ": status " + std::to_string(answer->status) + " " + name);
}

} // namespace ykt::tools
