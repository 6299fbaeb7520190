#include "tools/demo/playground.h"

#include "firmware/panel/http_service.h"
#include "firmware/panel/views.h"

#include <csignal>
#include <cstdio>

namespace ykt::demo {
namespace {

using firmware::panel::HttpAnswer;
using firmware::panel::HttpRequest;
using nlohmann::json;

HttpAnswer answerOf(const Result<json>& result) {
    if (result)
        return {200, result->dump()};
    return {result.error() == Reason::input_malformed ? 400U : 500U,
            firmware::panel::errorJson(result.error())};
}

json mediaList(const std::vector<Medium>& media) {
    json list = json::array();
    for (const auto& medium : media)
        list.push_back({{"name", medium.name}, {"what", medium.what}});
    return list;
}

std::optional<Pull> pullOf(const json& body) {
    const auto at = body.find("pull_at");
    if (at == body.end() || !at->is_number_unsigned())
        return std::nullopt;
    const bool acted = body.value("acted", false);
    return Pull{at->get<std::size_t>(),
                acted ? sim::PullMoment::after_it_acted : sim::PullMoment::before_it_acts};
}

HttpAnswer answer(World& world, Presenter& presenter, const HttpRequest& request) {
    const auto body = json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
    if (!body.is_object())
        return answerOf(fail(Reason::input_malformed, "a JSON object is expected"));
    if (request.path == "/v1/media")
        return {200, json{{"cards", mediaList(World::cards())}, {"codes", mediaList(World::codes())}}.dump()};
    if (request.path == "/v1/tap") {
        return answerOf(presenter.tap(body.value("card", ""), pullOf(body)));
    }
    if (request.path == "/v1/show-code")
        return answerOf(presenter.show(body.value("code", "")));
    if (request.path == "/v1/back-office") {
        world.backOffice().setReachable(body.value("reachable", true));
        return {200, R"({"ok":true})"};
    }
    return {404, R"({"error":"no such resource"})"};
}

} // namespace

Result<void> playUntilInterrupted(World& world, Presenter& presenter, const std::string& yktctl) {
    const auto socket = world.folder() / "world.sock";
    const auto service = firmware::panel::HttpService::start(socket, [&](const HttpRequest& request, bool) {
        return std::optional(answer(world, presenter, request));
    });
    if (!service)
        return failWith(service);
    std::printf(
        "\nEverything keeps running. In another shell:\n"
        "  export YKT_PANEL=%s\n"
        "  export YKT_WORLD=%s\n"
        "  %s status\n"
        "  %s world                   # what can be shown\n"
        "  %s tap genuine             # also: purse, legacy and what world lists; --pull-at 5\n"
        "  %s tap spare-purse --pull-at 5 --acted   # pulled after it paid; tap it again: charged once\n"
        "  %s show-code transit       # also: fusion, again, expired, tampered\n"
        "  %s back-office down        # then tap, then: back-office up\n"
        "  %s journal list\n"
        "The terminal's log: %s\n"
        "Ctrl-C ends it.\n",
        (world.terminalFolder() / "state" / "panel.sock").c_str(), socket.c_str(), yktctl.c_str(),
        yktctl.c_str(), yktctl.c_str(), yktctl.c_str(), yktctl.c_str(), yktctl.c_str(), yktctl.c_str(),
        (world.folder() / "yktd.log").c_str());
    std::fflush(stdout);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    int arrived = 0;
    sigwait(&signals, &arrived);
    return {};
}

} // namespace ykt::demo
