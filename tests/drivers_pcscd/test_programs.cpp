// What people have at hand beside the terminal: their programs reach the virtual card as they do a real one.
#include "sim/cards/card_issuer.h"
#include "virtual_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <sstream>

using namespace testing;

namespace {

bool installed(const std::string& program, const char* package) {
    if (std::system(("command -v " + program + " > /dev/null").c_str()) == 0)
        return true;
    WARN("skipped: " << program << " is not installed (package " << package << ")");
    return false;
}

// What the command prints within `seconds`.
std::string printed(const std::string& command, int seconds = 20) {
    const std::string bounded = "timeout " + std::to_string(seconds) + " " + command + " 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(bounded.c_str(), "r"), ::pclose);
    std::string text;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get()))
        text += static_cast<char>(c);
    return text;
}

// The bytes of opensc-tool's last dump: lines of up to 16 "XX " and the same as text.
std::string lastAnswer(const std::string& text) {
    const auto header = text.rfind("SW2=0x00");
    if (header == text.npos)
        return "no answer in: " + text;
    std::istringstream lines(text.substr(header));
    std::string line;
    std::getline(lines, line);
    std::string bytes;
    while (std::getline(lines, line))
        for (std::size_t at = 0; at + 2 < std::min<std::size_t>(line.size(), 48) && line[at + 2] == ' ';
             at += 3)
            bytes += static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16));
    return bytes;
}

const std::string kOpensc = "opensc-tool --reader 0 --card-driver default ";

} // namespace

TEST_CASE("opensc-tool lists the readers, reads the ATR and talks beside our connection") {
    if (!installed("opensc-tool", "opensc"))
        return;
    World world;
    world.insert([](ByteView command) {
        return command.size() == 5 ? Bytes{0x12, 0x34, 0x90, 0x00} : Bytes{0x6D, 0x00};
    });
    const auto card = *world.reader->connect();
    CHECK_THAT(printed("opensc-tool --list-readers"),
               Catch::Contains("Yes             Virtual PCD 00 00") &&
                   Catch::Contains("No              Virtual PCD 00 01"));
    CHECK_THAT(printed(kOpensc + "--atr"), Catch::Contains("3b:80:80:01:01"));
    CHECK_THAT(printed(kOpensc + "--send-apdu 00:84:00:00:02"),
               Catch::Contains("SW1=0x90, SW2=0x00") && Catch::Contains("12 34"));
    CHECK(card->transmit(kCommand) == Bytes{0x12, 0x34, 0x90, 0x00});
}

TEST_CASE("opensc-tool selects the social security application and reads EF05") {
    if (!installed("opensc-tool", "opensc"))
        return;
    const auto interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    World world;
    sim::CardSpec spec;
    spec.interface = interface;
    spec.name = "试验甲";
    spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1980} / 5 / 17, 1);
    spec.cardNumber8 = "A1000001";
    auto issuer = sim::CardIssuer::create();
    REQUIRE(issuer);
    world.slot.insert(issuer->personalise(spec).value());
    REQUIRE(nextEvent(*world.reader).kind == Kind::inserted);
    const auto ef05 = lastAnswer(printed(kOpensc + "--send-apdu 00A404000F7378312E73682EC9E7BBE1B1A3D5CF00 "
                                                   "--send-apdu 00B2012D40"));
    CHECK_THAT(ef05, Catch::StartsWith(std::string("\x01\x10\x64\x01\x00", 5))); // tag, length, city
    CHECK_THAT(ef05, Catch::Contains("\x07\x09"
                                     "A1000001"));
    CHECK_THAT(ef05, Catch::Contains("\x03\x04"
                                     "3.0"));
}

TEST_CASE("pcsc_scan lists the readers and sees the card") {
    if (!installed("pcsc_scan", "pcsc-tools"))
        return;
    World world;
    world.insert();
    CHECK_THAT(printed("pcsc_scan -r"),
               Catch::Contains("0: Virtual PCD 00 00") && Catch::Contains("1: Virtual PCD 00 01"));
    // It goes on until it is ended.
    CHECK_THAT(printed("pcsc_scan -n", 2),
               Catch::Contains("Card inserted") && Catch::Contains("3B 80 80 01 01"));
}
