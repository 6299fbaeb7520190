#include "apdu/transit/files.h"
#include "base/hex.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu::transit;

namespace {

constexpr LocalTime morning{0x20, 0x26, 0x11, 0x24, 0x07, 0x58, 0x59};
constexpr LocalTime later{0x20, 0x26, 0x11, 0x24, 0x08, 0x20, 0x00};

// Issuer, type, version, serial, start, expiry, two of the issuer's own. An invented card.
const std::string file15 = "0999640100FFFFFF"
                           "01"
                           "02"
                           "00999964000012345678"
                           "20240301"
                           "20340228"
                           "0100";

Bytes bytesOf(const std::string& hex) {
    return fromHex(hex).value();
}

// The field of `hex` at `offset`, in bytes.
std::string fieldOf(const Bytes& record, std::size_t offset, std::size_t size) {
    return toHex(ByteView(record).subspan(offset, size));
}

Bytes changed(Bytes record, std::size_t offset, const std::string& hex) {
    const auto field = bytesOf(hex);
    std::ranges::copy(field, record.begin() + static_cast<std::ptrdiff_t>(offset));
    return record;
}

Bytes management() {
    auto file = bytesOf("00000156"
                        "6400"
                        "6401"
                        "0001"
                        "03");
    file.resize(60);
    return file;
}

TripRecord trip() {
    TripRecord record;
    record.kind = TripRecord::Kind::exit;
    record.terminal = {0, 0, 0x64, 0x99, 0x99, 0x00, 0x00, 0x01};
    record.industry = 0x02;
    record.line = 0x0102;
    record.station = 0x0304;
    record.operatorCode = 0x0506;
    record.amountFen = 0x0708090A;
    record.balanceFen = 0x0B0C0D0E;
    record.time = morning;
    record.city = 0x6401;
    record.acquirer = {1, 2, 3, 4, 5, 6, 7, 8};
    return record;
}

BusRecord ride() {
    BusRecord record;
    record.serial = {0x64, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x90};
    record.onBoard = true;
    record.on = {0x6401,
                 {1, 1, 1, 1, 1, 1, 1, 1},
                 0x0203,
                 0x0405,
                 0x06,
                 {7, 7, 7, 7, 7, 7, 7, 7},
                 {8, 8, 8, 8, 8, 8, 8, 8},
                 morning};
    record.markedFen = 0x090A0B0C;
    record.direction = 0x01;
    record.off = {0x6402,
                  {2, 2, 2, 2, 2, 2, 2, 2},
                  0x0D0E,
                  0x0F10,
                  0x11,
                  {3, 3, 3, 3, 3, 3, 3, 3},
                  {4, 4, 4, 4, 4, 4, 4, 4},
                  later};
    record.amountFen = 0x12131415;
    return record;
}

} // namespace

TEST_CASE("File 15 tells issuer, card number, short serial and validity") {
    using namespace std::chrono;
    const auto card = publicInformationFrom(bytesOf(file15)).value();
    CHECK(toHex(card.issuer) == "0999640100ffffff");
    CHECK(card.applicationType == 1);
    CHECK(card.applicationVersion == 2);
    CHECK(card.cardNumber().reveal() == "0999964000012345678");
    CHECK(toHex(card.shortSerial()) == "9964000012345678");
    CHECK(card.start == year{2024} / 3 / 1);
    CHECK(card.expires == year{2034} / 2 / 28);
}

TEST_CASE("A serial number of twenty digits keeps them all") {
    const auto card = publicInformationFrom(changed(bytesOf(file15), 10, "31")).value();
    CHECK(card.cardNumber().reveal() == "31999964000012345678");
}

TEST_CASE("Empty dates of file 15 are none, others must be of the calendar") {
    const auto file = bytesOf(file15);
    CHECK_FALSE(publicInformationFrom(changed(file, 20, "00000000")).value().start);
    CHECK_FALSE(publicInformationFrom(changed(file, 24, "FFFFFFFF")).value().expires);
    for (const auto* date : {"20230229", "20241301", "2024022A"}) {
        CHECK(publicInformationFrom(changed(file, 20, date)).error() == Reason::card_data_malformed);
        CHECK(publicInformationFrom(changed(file, 24, date)).error() == Reason::card_data_malformed);
    }
}

TEST_CASE("A file 15 that is short or whose serial number is not decimal is refused") {
    const auto file = bytesOf(file15);
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK(publicInformationFrom(ByteView(file).first(size)).error() == Reason::card_data_malformed);
    CHECK(publicInformationFrom(changed(file, 19, "7F")).error() == Reason::card_data_malformed);
}

TEST_CASE("File 17 tells city, interoperability and card type") {
    const auto read = managementInformationFrom(management()).value();
    CHECK(read.city == 0x6401);
    CHECK(read.interoperable);
    CHECK(read.cardType == 3);
    CHECK_FALSE(managementInformationFrom(changed(management(), 8, "0000")).value().interoperable);
    CHECK(managementInformationFrom(changed(management(), 6, "64A1")).error() == Reason::card_data_malformed);
    CHECK(managementInformationFrom(ByteView(management()).first(59)).error() == Reason::card_data_malformed);
}

TEST_CASE("An entry of the log tells counter, amount, type, terminal and time") {
    const auto record = bytesOf("0102"
                                "000304"
                                "05060708"
                                "09"
                                "649999000001"
                                "20261124075859");
    const auto entry = logEntryFrom(record).value();
    CHECK(entry.counter == 0x0102);
    CHECK(entry.amountFen == 0x05060708);
    CHECK(entry.type == 9);
    CHECK(toHex(entry.terminal) == "649999000001");
    CHECK(entry.time == morning);
    CHECK(logEntryFrom(ByteView(record).first(22)).error() == Reason::card_data_malformed);
    CHECK(logEntryFrom(changed(record, 20, "24")).error() == Reason::card_data_malformed);
}

TEST_CASE("A trip record has its fields where the standard has them, and reads back") {
    const auto update = tripUpdate(trip());
    CHECK(update.recordId == 0x00);
    CHECK(update.sfi == 0x1E);
    REQUIRE(update.content.size() == 48);
    CHECK(toHex(update.content) == "04"
                                   "0000649999000001"
                                   "02"
                                   "0102"
                                   "0304"
                                   "0506"
                                   "00"
                                   "0708090a"
                                   "0b0c0d0e"
                                   "20261124075859"
                                   "6401"
                                   "0102030405060708"
                                   "000000000000");
    const auto read = tripRecordFrom(update.content).value();
    CHECK(tripUpdate(read).content == update.content);
    CHECK(read.kind == TripRecord::Kind::exit);
    CHECK(read.station == 0x0304);
    CHECK(read.balanceFen == 0x0B0C0D0E);
    CHECK(read.acquirer == trip().acquirer);
}

TEST_CASE("A trip record that is short, of an unknown kind or without a time is refused") {
    const auto content = tripUpdate(trip()).content;
    CHECK(tripRecordFrom(ByteView(content).first(47)).error() == Reason::card_data_malformed);
    for (const auto* kind : {"00", "05", "12", "FF"})
        CHECK(tripRecordFrom(changed(content, 0, kind)).error() == Reason::card_data_malformed);
    CHECK(tripRecordFrom(changed(content, 25, "00000000000000")).error() == Reason::card_data_malformed);
    CHECK(tripRecordFrom(changed(content, 27, "13")).error() == Reason::card_data_malformed);
}

TEST_CASE("A bus record has its fields where the standard has them, and reads back") {
    const auto update = busUpdate(ride());
    CHECK(update.recordId == 0x02);
    CHECK(update.sfi == 0x1A);
    const auto& content = update.content;
    REQUIRE(content.size() == 128);
    CHECK(fieldOf(content, 0, 5) == "27027d0101");
    CHECK(fieldOf(content, 5, 1) == "00");
    CHECK(fieldOf(content, 6, 8) == "6400001234567890");
    CHECK(fieldOf(content, 14, 1) == "01");
    CHECK(fieldOf(content, 15, 2) == "6401");
    CHECK(fieldOf(content, 17, 8) == "0101010101010101");
    CHECK(fieldOf(content, 25, 2) == "0203");
    CHECK(fieldOf(content, 27, 2) == "0405");
    CHECK(fieldOf(content, 29, 1) == "06");
    CHECK(fieldOf(content, 30, 8) == "0707070707070707");
    CHECK(fieldOf(content, 38, 8) == "0808080808080808");
    CHECK(fieldOf(content, 46, 7) == toHex(morning));
    CHECK(fieldOf(content, 53, 4) == "090a0b0c");
    CHECK(fieldOf(content, 57, 1) == "01");
    CHECK(fieldOf(content, 58, 2) == "6402");
    CHECK(fieldOf(content, 60, 8) == "0202020202020202");
    CHECK(fieldOf(content, 68, 2) == "0d0e");
    CHECK(fieldOf(content, 70, 2) == "0f10");
    CHECK(fieldOf(content, 72, 1) == "11");
    CHECK(fieldOf(content, 73, 8) == "0303030303030303");
    CHECK(fieldOf(content, 81, 8) == "0404040404040404");
    CHECK(fieldOf(content, 89, 7) == toHex(later));
    CHECK(fieldOf(content, 96, 4) == "12131415");
    CHECK(std::ranges::all_of(ByteView(content).subspan(100), [](auto byte) { return byte == 0; }));

    const auto read = busRecordFrom(content).value();
    CHECK(busUpdate(read).content == content);
    CHECK(read.onBoard);
    CHECK_FALSE(read.locked);
    CHECK(read.off.station == 0x11);
    CHECK(read.amountFen == 0x12131415);
}

TEST_CASE("A ride that is over, a locked card and a card that never rode read as such") {
    auto over = ride();
    over.onBoard = false;
    over.locked = true;
    const auto read = busRecordFrom(busUpdate(over).content).value();
    CHECK_FALSE(read.onBoard);
    CHECK(read.locked);

    auto fresh = bytesOf("27027D0101");
    fresh.resize(128);
    CHECK_FALSE(busRecordFrom(fresh).value().onBoard);
    auto firstRide = ride(); // nobody got off yet
    firstRide.off = {};
    CHECK(busRecordFrom(busUpdate(firstRide).content).value().onBoard);
}

TEST_CASE("A bus record that is short, another's, of unknown status or on board since never is refused") {
    const auto content = busUpdate(ride()).content;
    CHECK(busRecordFrom(ByteView(content).first(127)).error() == Reason::card_data_malformed);
    CHECK(busRecordFrom(changed(content, 1, "01")).error() == Reason::card_data_malformed);
    CHECK(busRecordFrom(changed(content, 14, "03")).error() == Reason::card_data_malformed);
    CHECK(busRecordFrom(changed(content, 46, "00000000000000")).error() == Reason::card_data_malformed);
    CHECK(busRecordFrom(changed(content, 89, "20261131")).error() == Reason::card_data_malformed);
}
