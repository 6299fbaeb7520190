#include "apdu/transit/files.h"

#include "apdu/transit/layout.h"
#include "base/hex.h"

#include <algorithm>

namespace ykt::apdu::transit {
namespace {

using std::chrono::year_month_day;

constexpr std::uint8_t appended = 0x00; // record number of a cyclic file

// Bytes 0 to 4 of a bus record: its id, the length of the rest, and two whose meaning is not published.
constexpr ByteArray<5> busHeader{0x27, 0x02, 0x7D, 0x01, 0x01};
// The rail record's values; that the bus record has the same is inferred (docs/transit-purse.md).
constexpr std::uint8_t statusOn = 0x01;
constexpr std::uint8_t statusOff = 0x02;

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::card_data_malformed, what);
}

// Takes fields from the front; whoever has one has checked that they are all there.
class FieldReader {
  public:
    explicit FieldReader(ByteView record) : rest_(record) {}

    template <typename T>
    T number(std::size_t size = sizeof(T)) {
        return static_cast<T>(readBigEndian(take(size)));
    }
    template <std::size_t N>
    void into(ByteArray<N>& field) {
        std::ranges::copy(take(N), field.begin());
    }
    void skip(std::size_t size) { take(size); }

  private:
    ByteView take(std::size_t size) {
        const auto field = rest_.first(size);
        rest_ = rest_.subspan(size);
        return field;
    }

    ByteView rest_;
};

void appendField(Bytes& out, ByteView field) {
    out.insert(out.end(), field.begin(), field.end());
}

bool isDecimal(ByteView field) {
    return std::ranges::all_of(toHex(field), [](char c) { return c >= '0' && c <= '9'; });
}

bool isTime(const LocalTime& time) {
    return wallTimeOf(time).has_value();
}

// YYYYMMDD; an empty field is no date.
Result<std::optional<year_month_day>> dateFrom(const ByteArray<4>& field) {
    if (isEmpty(field))
        return std::nullopt;
    const auto midnight = wallTimeOf({field[0], field[1], field[2], field[3], 0, 0, 0});
    if (!midnight)
        return malformed("date");
    return year_month_day{std::chrono::floor<std::chrono::days>(*midnight + chinaOffset)};
}

BusRecord::Stop stopFrom(FieldReader& fields) {
    BusRecord::Stop stop;
    stop.city = fields.number<std::uint16_t>();
    fields.into(stop.issuer);
    stop.operatorCode = fields.number<std::uint16_t>();
    stop.line = fields.number<std::uint16_t>();
    stop.station = fields.number<std::uint8_t>();
    fields.into(stop.vehicle);
    fields.into(stop.device);
    fields.into(stop.time);
    return stop;
}

void appendStop(Bytes& out, const BusRecord::Stop& stop) {
    appendBigEndian(out, stop.city, 2);
    appendField(out, stop.issuer);
    appendBigEndian(out, stop.operatorCode, 2);
    appendBigEndian(out, stop.line, 2);
    out.push_back(stop.station);
    appendField(out, stop.vehicle);
    appendField(out, stop.device);
    appendField(out, stop.time);
}

} // namespace

PersonalData<std::string> PublicInformation::cardNumber() const {
    auto digits = toHex(serial);
    if (digits.front() == '0')
        digits.erase(0, 1);
    return PersonalData(std::move(digits));
}

ByteArray<8> PublicInformation::shortSerial() const {
    ByteArray<8> last{};
    std::copy(serial.begin() + 2, serial.end(), last.begin());
    return last;
}

Result<PublicInformation> publicInformationFrom(ByteView file15) {
    if (file15.size() < publicFile.size)
        return malformed("file 15");
    FieldReader fields(file15);
    PublicInformation card;
    fields.into(card.issuer);
    card.applicationType = fields.number<std::uint8_t>();
    card.applicationVersion = fields.number<std::uint8_t>();
    fields.into(card.serial);
    if (!isDecimal(card.serial))
        return malformed("serial number");
    ByteArray<4> date{};
    fields.into(date);
    const auto start = dateFrom(date);
    if (!start)
        return failWith(start);
    card.start = *start;
    fields.into(date);
    const auto expires = dateFrom(date);
    if (!expires)
        return failWith(expires);
    card.expires = *expires;
    return card;
}

Result<ManagementInformation> managementInformationFrom(ByteView file17) {
    if (file17.size() < managementFile.size)
        return malformed("file 17");
    FieldReader fields(file17);
    ManagementInformation management;
    fields.skip(6); // country and province
    if (!isDecimal(file17.subspan(6, 2)))
        return malformed("city");
    management.city = fields.number<std::uint16_t>();
    management.interoperable = fields.number<std::uint16_t>() != 0;
    management.cardType = fields.number<std::uint8_t>();
    return management;
}

Result<LogEntry> logEntryFrom(ByteView record) {
    if (record.size() < logFile.size)
        return malformed("log");
    FieldReader fields(record);
    LogEntry entry;
    entry.counter = fields.number<std::uint16_t>();
    fields.skip(3); // limit of the overdraft
    entry.amountFen = fields.number<std::uint32_t>();
    entry.type = fields.number<std::uint8_t>();
    fields.into(entry.terminal);
    fields.into(entry.time);
    if (!isTime(entry.time))
        return malformed("log: time");
    return entry;
}

Result<TripRecord> tripRecordFrom(ByteView record) {
    if (record.size() < tripFile.size)
        return malformed("trip record");
    FieldReader fields(record);
    TripRecord trip;
    trip.kind = fields.number<TripRecord::Kind>();
    if (trip.kind != TripRecord::Kind::entry && trip.kind != TripRecord::Kind::exit &&
        trip.kind != TripRecord::Kind::single)
        return malformed("trip record: kind");
    fields.into(trip.terminal);
    trip.industry = fields.number<std::uint8_t>();
    trip.line = fields.number<std::uint16_t>();
    trip.station = fields.number<std::uint16_t>();
    trip.operatorCode = fields.number<std::uint16_t>();
    fields.skip(1);
    trip.amountFen = fields.number<std::uint32_t>();
    trip.balanceFen = fields.number<std::uint32_t>();
    fields.into(trip.time);
    if (!isTime(trip.time))
        return malformed("trip record: time");
    trip.city = fields.number<std::uint16_t>();
    fields.into(trip.acquirer);
    return trip;
}

Result<BusRecord> busRecordFrom(ByteView record) {
    if (record.size() < compositeFile.size ||
        readBigEndian(record.first(2)) != readBigEndian(ByteView(busHeader).first(2)))
        return malformed("bus record");
    FieldReader fields(record.subspan(busHeader.size()));
    BusRecord ride;
    ride.locked = fields.number<std::uint8_t>() != 0;
    fields.into(ride.serial);
    const auto status = fields.number<std::uint8_t>();
    if (status > statusOff)
        return malformed("bus record: status");
    ride.onBoard = status == statusOn;
    ride.on = stopFrom(fields);
    ride.markedFen = fields.number<std::uint32_t>();
    ride.direction = fields.number<std::uint8_t>();
    ride.off = stopFrom(fields);
    ride.amountFen = fields.number<std::uint32_t>();
    const bool onTimeHolds = isTime(ride.on.time) || (!ride.onBoard && isEmpty(ride.on.time));
    if (!onTimeHolds || !(isTime(ride.off.time) || isEmpty(ride.off.time)))
        return malformed("bus record: time");
    return ride;
}

RecordUpdate tripUpdate(const TripRecord& record) {
    Bytes out{static_cast<std::uint8_t>(record.kind)};
    appendField(out, record.terminal);
    out.push_back(record.industry);
    appendBigEndian(out, record.line, 2);
    appendBigEndian(out, record.station, 2);
    appendBigEndian(out, record.operatorCode, 2);
    out.push_back(0);
    appendBigEndian(out, record.amountFen, 4);
    appendBigEndian(out, record.balanceFen, 4);
    appendField(out, record.time);
    appendBigEndian(out, record.city, 2);
    appendField(out, record.acquirer);
    out.resize(tripFile.size);
    return {appended, tripFile.sfi, std::move(out)};
}

RecordUpdate busUpdate(const BusRecord& record) {
    Bytes out(busHeader.begin(), busHeader.end());
    out.push_back(record.locked ? 1 : 0);
    appendField(out, record.serial);
    out.push_back(record.onBoard ? statusOn : statusOff);
    appendStop(out, record.on);
    appendBigEndian(out, record.markedFen, 4);
    out.push_back(record.direction);
    appendStop(out, record.off);
    appendBigEndian(out, record.amountFen, 4);
    out.resize(compositeFile.size); // the distance and what is reserved stay zero
    return {busRecordNumber, compositeFile.sfi, std::move(out)};
}

} // namespace ykt::apdu::transit
