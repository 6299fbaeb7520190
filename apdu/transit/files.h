// The files of a transit purse and what is in them (JT/T 978; docs/transit-purse.md).
#pragma once

#include "base/bytes.h"
#include "base/china_time.h"
#include "base/result.h"
#include "base/secret.h"

#include <chrono>
#include <optional>
#include <string>

namespace ykt::apdu::transit {

// File 15, 30 bytes.
struct PublicInformation {
    ByteArray<8> issuer{};
    ByteArray<10> serial{}; // twenty digits, BCD
    std::uint8_t applicationType = 0;
    std::uint8_t applicationVersion = 0;
    std::optional<std::chrono::year_month_day> start;
    std::optional<std::chrono::year_month_day> expires; // the last day of validity

    // Nineteen digits, or twenty where the first is not 0: what is printed on the card. Revocation lists name
    // all twenty.
    [[nodiscard]] PersonalData<std::string> cardNumber() const;
    // The eight bytes that MACs and diversification take.
    [[nodiscard]] ByteArray<8> shortSerial() const;
};

// File 17, 60 bytes.
struct ManagementInformation {
    std::uint16_t city = 0; // BCD
    bool interoperable = false;
    std::uint8_t cardType = 0; // 01 general, 02 student, 03 senior, 04 test, 05 soldier
};

// File 18: one purchase or load.
struct LogEntry {
    std::uint16_t counter = 0;
    std::uint32_t amountFen = 0;
    std::uint8_t type = 0; // 02 load, 05/06 purchase, 09 composite purchase
    ByteArray<6> terminal{};
    LocalTime time{};
};

// File 1E: one trip, 48 bytes.
struct TripRecord {
    enum class Kind : std::uint8_t { entry = 0x03, exit = 0x04, single = 0x06 };
    Kind kind = Kind::single;
    ByteArray<8> terminal{};      // 0000 ‖ PSAM number
    std::uint8_t industry = 0x02; // 01 rail, 02 bus
    std::uint16_t line = 0;
    std::uint16_t station = 0;
    std::uint16_t operatorCode = 0;
    std::uint32_t amountFen = 0;
    std::uint32_t balanceFen = 0; // afterwards
    LocalTime time{};
    std::uint16_t city = 0;
    ByteArray<8> acquirer{};
};

// File 1A, record 2702: a bus ride from getting on to getting off, 128 bytes.
struct BusRecord {
    struct Stop {
        std::uint16_t city = 0;
        ByteArray<8> issuer{};
        std::uint16_t operatorCode = 0;
        std::uint16_t line = 0;
        std::uint8_t station = 0;
        ByteArray<8> vehicle{};
        ByteArray<8> device{};
        LocalTime time{};
    };
    bool locked = false;
    ByteArray<8> serial{};
    bool onBoard = false; // status: on and not yet off
    Stop on;
    std::uint32_t markedFen = 0; // what is owed if the holder never taps off
    std::uint8_t direction = 0;
    Stop off;
    std::uint32_t amountFen = 0; // paid at getting off
};

// A record as 80 DC carries it.
struct RecordUpdate {
    std::uint8_t recordId = 0; // P1: 0 for the trip record (append), 2 for the bus record
    std::uint8_t sfi = 0;
    Bytes content;
};

RecordUpdate tripUpdate(const TripRecord& record);
RecordUpdate busUpdate(const BusRecord& record);

// Errors of all: card_data_malformed (too short, not BCD, not a date of the calendar, not the record's id).
Result<PublicInformation> publicInformationFrom(ByteView file15);
Result<ManagementInformation> managementInformationFrom(ByteView file17);
Result<LogEntry> logEntryFrom(ByteView record);
Result<TripRecord> tripRecordFrom(ByteView record);
Result<BusRecord> busRecordFrom(ByteView record);

} // namespace ykt::apdu::transit
