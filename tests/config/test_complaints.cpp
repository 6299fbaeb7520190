#include "firmware/config/settings.h"
#include "tests/config/profile_folder.h"

#include <map>
#include <sys/stat.h>

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// The only complaint about bus.toml.
std::string complaint(const ProfileFolder& folder) {
    const auto settings = config::load(folder.at("bus.toml"));
    REQUIRE_FALSE(settings);
    CHECK(settings.error() == Reason::config_value);
    CHECK(settings.error().context.find('\n') == std::string::npos);
    return settings.error().context;
}

std::string placeOf(const ProfileFolder& folder, const std::string& part) {
    return folder.at("bus.toml").string() + ":" + std::to_string(folder.lineOf("bus.toml", part)) + ": ";
}

} // namespace

TEST_CASE("a wrong value is named with file, line, setting and remedy") {
    struct Case {
        std::string before;
        std::string after;
        std::string complaint;
    };
    const std::vector<Case> cases{
        {"id = \"NX-BUS-0001\"", "id = \"nx bus 1\"",
         "terminal.id: not of the right form; give 1 to 32 of A-Z"},
        {"id = \"NX-BUS-0001\"", "id = 7", "terminal.id: not of the right form; give 1 to 32 of A-Z"},
        {"id = \"NX-BUS-0001\"", "id = \"\"", "terminal.id: not of the right form"},
        {"region = \"640100\"", "region = \"6401\"",
         "terminal.region: not of the right form; give the six digits"},
        {"place = \"1路 宁A-00117\"", "place = \"a\\nb\"",
         "terminal.place: not of the right form; give one line"},
        {"id = \"bus.ride\"", "id = \"Bus Ride\"", "service.id: not of the right form"},
        {"id = \"bus.ride\"", "fare_yuan = 2\nid = \"bus.ride\"",
         "service.fare_yuan: unknown setting; remove it or correct it; known here: fare_fen, id"},
        {"kind = \"contactless\"", "kind = \"nfc\"",
         "readers.card[0].kind: not of the right form; give \"contact\" or"},
        {"kind = \"contactless\"", "sort = 1, kind = \"contact\"", "readers.card[0].sort: unknown setting"},
        {"card = [{", "card = [7, {", "readers.card: not a list of tables"},
        {"internal = { usage = 0x67,", "internal = { usage = 0x167,",
         "sam_keys.internal.usage: not a number in range; give a whole number from 0 to 255"},
        {"driver = \"folder\"", "driver = \"usb\"",
         "cameras[0].driver: not of the right form; give \"folder\" or \"v4l2\""},
        {"driver = \"simulated\"", "driver = \"gpio\"",
         "actuators.driver: not of the right form; give \"simulated\""},
        {"path = \"state/ykt.db\"", "path = \"\"", "store.path: not of the right form; give a path"},
        {"https://localhost:8443", "http://localhost:8443",
         "upstream.url: not of the right form; give \"https://host:port\""},
        {"https://localhost:8443", "https://localhost:0", "upstream.url: not of the right form"},
        {"https://localhost:8443", "https://localhost:65536", "upstream.url: not of the right form"},
        {"https://localhost:8443", "https://localhost:8443/api", "upstream.url: not of the right form"},
        {"https://localhost:8443", "https://", "upstream.url: not of the right form"},
        {"https://localhost:8443", "https://user@localhost", "upstream.url: not of the right form"},
        {"\"keys/publisher.pub\"", "\"keys/kek.key\"", "bulletins.publisher_key_file: "},
    };
    for (const auto& [before, after, expected] : cases) {
        const ProfileFolder folder;
        const auto place = placeOf(folder, before);
        folder.change("bus.toml", before, after);
        INFO(after);
        CHECK_THAT(complaint(folder), StartsWith(place + expected));
    }
}

TEST_CASE("a wrong setting of brokers is named") {
    for (const auto& [lines, expected] : std::map<std::string, std::string>{
             {"kind = \"amqp\"", "upstream.kind: not of the right form; give \"https\" or \"mqtt\""},
             {"kind = \"mqtt\"", "upstream.brokers: missing"},
             {"kind = \"mqtt\"\nbrokers = [\"mqtt://a.example\"]",
              "upstream.brokers[0]: not of the right form; give \"mqtts://host:port\""},
             {"kind = \"mqtt\"\nbrokers = [\"mqtts://a.example\"]\nsettle_on = \"send\"",
              "upstream.settle_on: not of the right form; give \"receipt\" or \"puback\""},
             {"brokers = [\"mqtts://a.example\"]", "upstream.brokers: unknown setting"}}) {
        const ProfileFolder folder;
        folder.change("bus.toml", "[upstream]", "[upstream]\n" + lines);
        CHECK_THAT(complaint(folder), Contains(expected));
    }
    const ProfileFolder folder;
    folder.change("bus.toml", "url = \"https://localhost:8443\"",
                  "kind = \"mqtt\"\nbrokers = [\"mqtts://a.example\"]");
    CHECK_THAT(complaint(folder), Contains("upstream: url is missing; [hsm] and [online_verifier] ask"));
}

TEST_CASE("a missing setting is complained about at its table, a missing table once") {
    const ProfileFolder folder;
    folder.change("bus.toml", "scene = \"transport\"\n", "");
    CHECK(complaint(folder) ==
          placeOf(folder, "[terminal]") + "terminal.scene: missing; add it, see docs/profiles.md");

    const ProfileFolder other;
    other.change("bus.toml", "[panel]\nsocket = \"state/panel.sock\"\n", "");
    CHECK_THAT(complaint(other), Contains(": panel: missing; add it"));
}

TEST_CASE("an unknown table is complained about at its line") {
    const ProfileFolder folder;
    folder.change("bus.toml", "[panel]", "[printer]\nport = 1\n\n[panel]");
    CHECK_THAT(complaint(folder), StartsWith(placeOf(folder, "[printer]") + "printer: unknown setting"));
}

TEST_CASE("a terminal with neither reader, camera nor scan engine is of no use") {
    const ProfileFolder folder;
    auto text = folder.text("bus.toml");
    const auto readers = text.find("[readers]");
    folder.write("bus.toml", text.substr(0, readers) + text.substr(text.find("[actuators]")));
    CHECK_THAT(complaint(folder),
               Contains("readers: neither a card reader, a camera nor a scan engine; give"));
}

TEST_CASE("all complaints come at once, in the order of their lines") {
    const ProfileFolder folder;
    folder.change("bus.toml", "socket = \"state/panel.sock\"", "plug = 1\nsocket = \"\"");
    folder.change("bus.toml", "flat_fen = 200", "flat_fen = -1");
    folder.change("bus.toml", "region = \"640100\"", "region = \"?\"");
    fs::remove(folder.at("keys/kek.key"));
    const auto settings = config::load(folder.at("bus.toml"));
    REQUIRE_FALSE(settings);
    std::istringstream lines(settings.error().context);
    for (const auto* expected :
         {"terminal.region: ", "fare.flat_fen: ", "keys.kek: ", "panel.plug: ", "panel.socket: "}) {
        std::string line;
        std::getline(lines, line);
        CHECK_THAT(line, Contains(expected));
    }
    CHECK(lines.peek() == std::char_traits<char>::eof());
}

TEST_CASE("a key file that others may use is refused, whoever they are") {
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U}) {
        for (const auto* setting : {"kek", "key_file", "pseudonym_key_file"}) {
            const ProfileFolder folder;
            const std::string file = std::string(setting) == "kek"        ? "keys/kek.key"
                                     : std::string(setting) == "key_file" ? "keys/terminal.key"
                                                                          : "keys/pseudonym.key";
            REQUIRE(::chmod(folder.at(file).c_str(), mode) == 0);
            CHECK_THAT(complaint(folder),
                       StartsWith(placeOf(folder, file + "\"")) && Contains(setting) &&
                           Contains(file + ": others than its owner may use it; chmod 600"));
        }
    }
}

TEST_CASE("files that are missing, of another kind, too long or no key are refused without their content") {
    const ProfileFolder folder;
    const auto kek = folder.at("keys/kek.key");
    fs::remove(kek);
    CHECK_THAT(complaint(folder), Contains("No such file or directory; check path and permissions"));
    fs::create_directory(kek);
    CHECK_THAT(complaint(folder), Contains("not a regular file"));
    fs::remove(kek);
    REQUIRE(::mkfifo(kek.c_str(), 0600) == 0);
    CHECK_THAT(complaint(folder), Contains("not a regular file")); // and nobody waits for a writer
    fs::remove(kek);
    folder.write("keys/kek.key", std::string(64 * 1024 + 1, '0'));
    CHECK_THAT(complaint(folder), Contains("longer than 64 KiB"));
    for (const std::string bad : {"", "00", "c0ffee", "not hexadecimal"}) {
        folder.write("keys/kek.key", bad);
        const auto text = complaint(folder);
        CHECK_THAT(text, Contains("not a key; give 32 bytes as 64 hexadecimal digits"));
        CHECK((bad.size() < 3 || text.find(bad) == std::string::npos));
    }
    folder.write("keys/kek.key", std::string(66, '0'));
    CHECK_THAT(complaint(folder), Contains("not a key"));
}

TEST_CASE("certificates and keys of another form are refused") {
    for (const auto& [file, expected] : {std::pair{"keys/upstream-ca.crt", "upstream.ca_file"},
                                         {"keys/terminal.crt", "upstream.certificate_file"},
                                         {"keys/terminal.key", "upstream.key_file"},
                                         {"keys/publisher.pub", "bulletins.publisher_key_file"}}) {
        const ProfileFolder folder;
        folder.write(file, "-----BEGIN NOTHING-----\n");
        CHECK_THAT(complaint(folder), Contains(expected) && Contains("; give "));
    }
}

TEST_CASE("a socket path that the system cannot bind is refused") {
    const ProfileFolder folder;
    folder.change("bus.toml", "state/panel.sock", std::string(100, 'x'));
    CHECK_THAT(complaint(folder), Contains("panel.socket") && Contains("put it in a shorter folder"));
}

TEST_CASE("what is no TOML is a syntax error with its line") {
    const ProfileFolder folder;
    folder.change("bus.toml", "[service]", "[service");
    const auto settings = config::load(folder.at("bus.toml"));
    REQUIRE_FALSE(settings);
    CHECK(settings.error() == Reason::config_syntax);
    CHECK_THAT(settings.error().context, StartsWith(placeOf(folder, "[service")));
}

TEST_CASE("a profile that is not there is unreadable") {
    const ProfileFolder folder;
    CHECK(config::load(folder.at("none.toml")).error() == Reason::config_unreadable);
    CHECK(config::load(folder.at("keys")).error() == Reason::config_unreadable);
}
