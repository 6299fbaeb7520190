// What yktctl shows of a panel, and what it sends to the simulated world.
#include "base/hex.h"
#include "firmware/panel/http_service.h"
#include "sim/bulletins.h"
#include "tests/tools/program.h"

#include <catch2/catch.hpp>
#include <future>
#include <mutex>

using namespace ykt;
using firmware::panel::HttpAnswer;
using firmware::panel::HttpRequest;
using firmware::panel::HttpService;
using ykt::tests::Scratch;
using ykt::tests::yktctl;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* status =
    R"({"fare_fen":200,"journal":{"acknowledged":9,"dead":0,"leased":1,"pending":2},
 "lanes":{"card":"ready","code":"camera_gone"},"link":"online","lists":{"catalogue":{"confirmed":
 "2026-11-24T08:00:00.000Z","installed":"2026-11-24T07:00:00.000Z","not_after":"2026-12-24T07:00:00.000Z",
 "version":7},"revocation":null},"outcomes":12,"place":"银川 1 路","service":"bus.ride","terminal":"NX-BUS-0001",
 "ready":true,"time":{"trust":"synced","utc":"2026-11-24T08:00:01.000Z"}})";
constexpr const char* outcomes = R"({"outcomes":[
 {"at":"2026-11-24T08:00:01.000Z","balance_fen":4800,"commit_ms":9.5,"decision_ms":41.25,"fare_fen":200,
  "holder_text":{"en":"Welcome",
  "zh":"请上车"},"lane":"card","medium":"social_security_card","number":11,"outcome":"accepted",
  "receipt":"NX-BUS-0001-1-42","sequence":42},
 {"at":"2026-11-24T08:00:02.000Z","commit_ms":0.0,"decision_ms":3.0,"fare_fen":0,"holder_text":{"en":"Code expired",
  "zh":"二维码已过期，请刷新"},"lane":"code","medium":"transit_code","number":12,"outcome":"refused",
  "reason":"code_expired","said_by":"medium"}]})";
constexpr const char* records =
    R"({"records":[{"attempts":0,"class":"money","epoch":1,"id":"NX-BUS-0001-1-42","kind":"ride",
 "note":"已入账","sequence":42,"state":"acknowledged","written":"2026-11-24T08:00:01.000Z"},
 {"attempts":3,"class":"access","epoch":1,"id":"NX-BUS-0001-1-43","kind":"refusal","note":"","sequence":43,
 "state":"pending","written":"2026-11-24T08:00:02.000Z"}]})";
constexpr const char* record =
    R"({"class":"money","id":"NX-BUS-0001-1-42","payload":{"fare_fen":200,"medium_id":"****0001"},"sequence":42})";

std::string catalogueBody() {
    return R"({"services":[{"id":"bus.ride","name":{"zh":"公交乘车","en":"Bus ride"},"scene":"transport",
        "media":["social_security_card","transit_code"],"minimum_assurance":"authenticated","regions":["64"],
        "offline":{"allowed":true,"longest_list_age_s":86400,"trust_needed":"holdover",
        "unverified_codes":"refuse"},"repeat_interval_s":5,"disclose":[],"record_class":"money"}]})";
}

// A service with canned answers that remembers what it was asked.
class Canned {
  public:
    explicit Canned(const Scratch& scratch) : socket_(scratch.file("socket").string()) {
        auto started = HttpService::start(
            socket_, [this](const HttpRequest& request, bool lastTime) { return answer(request, lastTime); });
        REQUIRE(started);
        service_ = std::move(*started);
    }
    void say(const std::string& path, HttpAnswer what) { answers_[path] = std::move(what); }
    [[nodiscard]] std::string socket() const { return socket_; }
    HttpRequest last() {
        const std::lock_guard lock(mutex_);
        return last_;
    }
    void stop() { service_.reset(); }

  private:
    std::optional<HttpAnswer> answer(const HttpRequest& request, bool) {
        const std::lock_guard lock(mutex_);
        last_ = request;
        const auto found = answers_.find(request.path);
        return found == answers_.end() ? HttpAnswer{404, R"({"error":"no such resource"})"} : found->second;
    }

    std::string socket_;
    std::map<std::string, HttpAnswer> answers_; // all said before the first question
    std::mutex mutex_;
    HttpRequest last_;
    std::unique_ptr<HttpService> service_;
};

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("status is a table for people, and one line of JSON with --json") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/status", {200, status});
    const auto said = yktctl({"status", "--panel", panel.socket()});
    CHECK(said.status == 0);
    CHECK(said.out ==
          "terminal    NX-BUS-0001\n"
          "place       银川 1 路\n"
          "service     bus.ride, fare 2.00 yuan\n"
          "ready       yes\n"
          "link        online\n"
          "time        2026-11-24T08:00:01.000Z (synced)\n"
          "catalogue   version 7, until 2026-12-24T07:00:00.000Z, confirmed 2026-11-24T08:00:00.000Z\n"
          "revocation  none installed\n"
          "lane card   ready\n"
          "lane code   camera_gone\n"
          "journal     2 pending, 1 leased, 9 acknowledged, 0 dead\n"
          "outcomes    12\n");
    const auto json = yktctl({"status", "--panel", panel.socket(), "--json"});
    CHECK(json.object() == Json::parse(status));
}

TEST_CASE("status tells of a replaced store as long as it lives") {
    const Scratch scratch;
    Canned panel(scratch);
    auto replaced = Json::parse(status);
    replaced["journal"]["salvaged"] = 5;
    replaced["replaced"] = {
        {"damaged_file", "store.db.damaged-1"}, {"salvaged", 80}, {"unreadable", 2}, {"told", true}};
    panel.say("/v1/status", {200, replaced.dump()});
    const auto said = yktctl({"status", "--panel", panel.socket()}).out;
    CHECK(holds(said, "salvaged        5 wait\n"));
    CHECK(holds(said,
                "store replaced  80 records salvaged, 2 unreadable; the damaged one is store.db.damaged-1, "
                "upstream knows\n"));
}

TEST_CASE("status tells of a store that cannot be written") {
    const Scratch scratch;
    Canned panel(scratch);
    auto failing = Json::parse(status);
    failing["store_error"] = "store_failed";
    panel.say("/v1/status", {200, failing.dump()});
    CHECK(holds(yktctl({"status", "--panel", panel.socket()}).out,
                "store       cannot be written: store_failed\n"));
}

TEST_CASE("status shows the operator's lock and message") {
    const Scratch scratch;
    Canned panel(scratch);
    auto ordered = Json::parse(status);
    ordered["locked"] = true;
    ordered["message"] = {{"zh", "今日免费"}, {"en", "Free today"}, {"until", "2026-11-25T00:00:00.000Z"}};
    panel.say("/v1/status", {200, ordered.dump()});
    const auto said = yktctl({"status", "--panel", panel.socket()});
    CHECK(holds(said.out, "\nlocked      by the operator\n"
                          "message     今日免费 / Free today, until 2026-11-25T00:00:00.000Z\n"));
}

TEST_CASE("journal list aligns Chinese text, and prints one record a line as JSON") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/journal", {200, records});
    const auto said = yktctl({"journal", "list", "--panel", panel.socket(), "--from", "40", "--most", "7"});
    CHECK(panel.last().query.at("from") == "40");
    CHECK(panel.last().query.at("most") == "7");
    yktctl({"journal", "list", "--panel", panel.socket()});
    CHECK(panel.last().query == std::map<std::string, std::string>{{"most", "100"}}); // the newest
    CHECK(said.out ==
          "EPOCH  SEQUENCE  WRITTEN                   CLASS   KIND     STATE         TRIES  NOTE\n"
          "    1        42  2026-11-24T08:00:01.000Z  money   ride     acknowledged      0  已入账\n"
          "    1        43  2026-11-24T08:00:02.000Z  access  refusal  pending           3\n");
    const auto json = yktctl({"journal", "list", "--panel", panel.socket(), "--json"});
    REQUIRE(json.objects().size() == 2);
    CHECK(json.objects()[1] == Json::parse(records)["records"][1]);
}

TEST_CASE("journal show prints one record, and says no where there is none") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/journal/42", {200, record});
    panel.say("/v1/journal/77", {404, R"({"error":"record_not_found","context":"77","remedy":"..."})"});
    const auto said = yktctl({"journal", "show", "42", "--panel", panel.socket()});
    CHECK(said.status == 0);
    CHECK(holds(said.out, "payload.fare_fen   200\n"));
    yktctl({"journal", "show", "42", "--epoch", "1", "--panel", panel.socket()});
    CHECK(panel.last().query.at("epoch") == "1");
    const auto none = yktctl({"journal", "show", "77", "--panel", panel.socket()});
    CHECK(none.status == 1);
    CHECK(none.out.empty());
    CHECK(holds(none.err, "record_not_found (77)"));
}

TEST_CASE("journal list --dead asks for dead letters, and journal requeue wants one to be sent again") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/journal", {200, records});
    panel.say("/v1/journal/42/requeue", {200, "{}"});
    panel.say(
        "/v1/journal/77/requeue",
        {404, R"({"error":"record_not_found","context":"sequence 77 is no dead letter","remedy":"..."})"});
    CHECK(yktctl({"journal", "list", "--dead", "--panel", panel.socket()}).status == 0);
    CHECK(panel.last().query.contains("dead"));
    const auto said = yktctl({"journal", "requeue", "42", "--panel", panel.socket()});
    CHECK(said.status == 0);
    CHECK(said.out == "record 42 waits to be delivered again\n");
    CHECK(panel.last().method == "POST");
    CHECK(panel.last().query.empty());
    CHECK(yktctl({"journal", "requeue", "42", "--epoch", "1", "--panel", panel.socket()}).status == 0);
    CHECK(panel.last().query.at("epoch") == "1");
    const auto none = yktctl({"journal", "requeue", "77", "--panel", panel.socket()});
    CHECK(none.status == 1);
    CHECK(holds(none.err, "record_not_found (sequence 77 is no dead letter)"));
}

TEST_CASE("outcomes are rows of one table, or one object a line") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/outcomes", {200, outcomes});
    const auto said = yktctl({"outcomes", "--panel", panel.socket(), "--after", "10"});
    CHECK(panel.last().query.at("after") == "10");
    const auto lines = said.lines();
    REQUIRE(lines.size() == 3);
    CHECK(lines[1].find("accepted") == lines[0].find("OUTCOME"));
    CHECK(lines[1].find("请上车") == lines[0].find("HOLDER IS TOLD"));
    CHECK(lines[2].find("二维码已过期，请刷新") == lines[0].find("HOLDER IS TOLD"));
    CHECK(holds(lines[1], "2.00   48.00    41.2 ms  NX-BUS-0001-1-42"));
    CHECK(yktctl({"outcomes", "--panel", panel.socket(), "--json"}).objects().size() == 2);
}

TEST_CASE("outcomes --follow asks for what comes after the last one and ends with the panel") {
    const Scratch scratch;
    const auto socket = scratch.file("socket").string();
    std::promise<void> asked;
    auto panel =
        HttpService::start(socket, [&](const HttpRequest& request, bool) -> std::optional<HttpAnswer> {
            if (request.query.at("after") == "0")
                return HttpAnswer{200, outcomes};
            if (request.query.at("after") == "12")
                asked.set_value();
            return std::nullopt;
        });
    REQUIRE(panel);
    auto following = std::async(std::launch::async, [&] {
        return yktctl({"outcomes", "--follow", "--json", "--panel", socket});
    });
    const auto state = asked.get_future().wait_for(std::chrono::seconds{60});
    panel->reset();
    const auto said = following.get();
    CHECK(state == std::future_status::ready);
    CHECK(said.status == 3);
    CHECK(said.objects().size() == 2);
}

TEST_CASE("Columns after Chinese text align, whether it is short or long") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/journal", {200, R"({"records":[{"kind":"ride","state":"pending"},
                                                  {"kind":"乘车记录","state":"pending"}]})"});
    const auto lines = yktctl({"journal", "list", "--panel", panel.socket()}).lines();
    REQUIRE(lines.size() == 3);
    CHECK(holds(lines[1], "ride      pending"));
    CHECK(holds(lines[2], "乘车记录  pending"));
}

TEST_CASE("catalogue show tells the services") {
    const Scratch scratch;
    Canned panel(scratch);
    const Json catalogue{{"version", 7},
                         {"not_before", "2026-11-24T07:00:00.000Z"},
                         {"not_after", "2026-12-24T07:00:00.000Z"},
                         {"body", Json::parse(catalogueBody())}};
    panel.say("/v1/catalogue", {200, catalogue.dump()});
    const auto said = yktctl({"catalogue", "show", "--panel", panel.socket()});
    CAPTURE(said.err);
    CHECK(said.status == 0);
    CHECK(
        holds(said.out, "bus.ride  公交乘车  transport  social_security_card, transit_code  authenticated"));
    CHECK(yktctl({"catalogue", "show", "--json", "--panel", panel.socket()}).object() == catalogue);
}

TEST_CASE("catalogue verify holds a bulletin to its publisher, its form and its content") {
    const Scratch scratch;
    const auto publisher = sim::BulletinPublisher::create();
    const auto stranger = sim::BulletinPublisher::create();
    REQUIRE(publisher);
    REQUIRE(stranger);
    const auto write = [&](const std::string& name, const std::string& kind, const std::string& body) {
        const auto bulletin = publisher->publish(kind, 7, wallFromUnixSeconds(1767225600),
                                                 wallFromUnixSeconds(1767312000), body);
        REQUIRE(bulletin);
        return scratch.write(name, toText(*bulletin)).string();
    };
    const auto file = write("good", "catalogue", catalogueBody());
    const auto key = toHex(publisher->publicKey().compressed());
    const auto keyFile =
        scratch.write("publisher.pub", toHex(publisher->publicKey().uncompressed()) + "\n").string();

    const auto good = yktctl({"catalogue", "verify", file, "--publisher", key});
    CHECK(good.status == 0);
    CHECK(holds(good.out, "version     7\n"));
    CHECK(holds(good.out, "公交乘车"));
    const auto json = yktctl({"catalogue", "verify", file, "--publisher", keyFile, "--json"}).object();
    CHECK(json["kind"] == "catalogue");
    CHECK(json["not_after"] == "2026-01-02T00:00:00.000Z");

    const auto forged =
        yktctl({"catalogue", "verify", file, "--publisher", toHex(stranger->publicKey().compressed())});
    CHECK(forged.status == 1);
    CHECK(holds(forged.err, "bulletin_untrusted"));
    const auto other =
        yktctl({"catalogue", "verify", write("other", "revocation", catalogueBody()), "--publisher", key});
    CHECK(other.status == 1);
    CHECK(holds(other.err, "bulletin_malformed"));
    const auto empty = yktctl({"catalogue", "verify", write("empty", "catalogue", "{}"), "--publisher", key});
    CHECK(empty.status == 1);
    CHECK(holds(empty.err, "bulletin_malformed"));
    CHECK(yktctl({"catalogue", "verify", scratch.file("missing").string(), "--publisher", key}).status == 3);
}

TEST_CASE("Nobody at the socket, or nonsense from it, ends with 3") {
    const Scratch scratch;
    const auto nobody = yktctl({"status", "--panel", scratch.file("socket").string()});
    CHECK(nobody.status == 3);
    CHECK(nobody.out.empty());
    CHECK(holds(nobody.err, "local_service_failed"));
    Canned panel(scratch);
    panel.say("/v1/status", {200, "hello"});
    panel.say("/v1/catalogue", {500, R"({"error":"store_failed","context":"disk"})"});
    CHECK(yktctl({"status", "--panel", panel.socket()}).status == 3);
    CHECK(yktctl({"catalogue", "show", "--panel", panel.socket()}).status == 3);
    CHECK(yktctl({"journal", "list", "--panel", panel.socket()}).status == 3);
    CHECK(yktctl({"status", "--panel", std::string(300, 'x')}).status == 3);
}

TEST_CASE("Foreign text cannot steer the window") {
    const Scratch scratch;
    Canned panel(scratch);
    panel.say("/v1/journal", {200, R"({"records":[{"sequence":1,"note":"\u001b[2Jgone"}]})"});
    const auto said = yktctl({"journal", "list", "--panel", panel.socket()});
    CHECK(holds(said.out, "?[2Jgone"));
    CHECK_FALSE(holds(said.out, "\x1b"));
}

TEST_CASE("tap and show-code tell the world what to present, and print the outcome") {
    const Scratch scratch;
    Canned world(scratch);
    const auto list = Json::parse(outcomes)["outcomes"];
    world.say("/v1/tap", {200, list[0].dump()});
    world.say("/v1/show-code", {200, list[1].dump()});
    const auto tapped = yktctl({"tap", "adult", "--pull-at", "0", "--world", world.socket()});
    CHECK(world.last().method == "POST");
    CHECK(Json::parse(world.last().body) == Json{{"card", "adult"}, {"pull_at", 0}});
    CHECK(tapped.status == 0);
    CHECK(holds(tapped.out, "accepted"));
    yktctl({"tap", "adult", "--world", world.socket()});
    CHECK(Json::parse(world.last().body) == Json{{"card", "adult"}});
    yktctl({"tap", "adult", "--pull-at", "5", "--acted", "--world", world.socket()});
    CHECK(Json::parse(world.last().body) == Json{{"card", "adult"}, {"pull_at", 5}, {"acted", true}});
    CHECK(yktctl({"tap", "adult", "--acted", "--world", world.socket()}).status == 2);
    const auto shown = yktctl({"show-code", "old", "--world", world.socket(), "--json"});
    CHECK(Json::parse(world.last().body) == Json{{"code", "old"}});
    CHECK(shown.status == 1); // the terminal refused it
    CHECK(shown.object() == list[1]);
}

TEST_CASE("back-office, world and errors of the world") {
    const Scratch scratch;
    Canned world(scratch);
    world.say("/v1/back-office", {200, R"({"ok":true})"});
    world.say(
        "/v1/media",
        {200, R"({"cards":[{"name":"adult","what":"成人卡"}],"codes":[{"name":"old","what":"expired"}]})"});
    world.say("/v1/tap", {404, R"({"error":"record_not_found","context":"no such card","remedy":"..."})"});
    CHECK(yktctl({"back-office", "down", "--world", world.socket()}).status == 0);
    CHECK(Json::parse(world.last().body) == Json{{"reachable", false}});
    CHECK(yktctl({"back-office", "up", "--world", world.socket()}).out == "done\n");
    CHECK(Json::parse(world.last().body) == Json{{"reachable", true}});
    CHECK(yktctl({"world", "--world", world.socket()}).out == "PRESENT WITH  NAME   WHAT IT IS\n"
                                                              "tap           adult  成人卡\n"
                                                              "show-code     old    expired\n");
    const auto unknown = yktctl({"tap", "nobody", "--world", world.socket()});
    CHECK(unknown.status == 1);
    CHECK(holds(unknown.err, "no such card"));
}

TEST_CASE("Every command's help has an example, and the program's help its exit statuses") {
    CHECK(holds(yktctl({"--help"}).out, "Exit status: 0 done; 1 the answer is no"));
    for (const auto* command : {"status", "journal", "outcomes", "catalogue", "world", "tap", "show-code",
                                "back-office", "decode-symbol", "decode-code", "decode-tlv", "decode-apdu"}) {
        CAPTURE(command);
        const auto said = yktctl({command, "--help"});
        CHECK(said.status == 0);
        CHECK(holds(said.out, "Example:\n  yktctl "));
    }
}
