// The files of a purse; the records that a terminal writes are read back as they were.
#include "apdu/transit/files.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::apdu::transit;

namespace {

template <typename T>
bool malformedOrOk(const Result<T>& result) {
    return result.has_value() || result.error() == Reason::card_data_malformed;
}

void readAndWriteTrip(ByteView input) {
    const auto trip = tripRecordFrom(input);
    fuzz::hold(malformedOrOk(trip));
    if (!trip)
        return;
    const auto written = tripUpdate(*trip);
    const auto again = tripRecordFrom(written.content);
    fuzz::hold(written.content.size() == 48 && again.has_value());
    fuzz::hold(tripUpdate(*again).content == written.content);
}

void readAndWriteBus(ByteView input) {
    const auto bus = busRecordFrom(input);
    fuzz::hold(malformedOrOk(bus));
    if (!bus)
        return;
    const auto written = busUpdate(*bus);
    const auto again = busRecordFrom(written.content);
    fuzz::hold(written.content.size() == 128 && again.has_value());
    fuzz::hold(busUpdate(*again).content == written.content);
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto information = publicInformationFrom(input);
    fuzz::hold(malformedOrOk(information));
    if (information) {
        const auto number = information->cardNumber();
        fuzz::hold(number.reveal().size() == 19 || number.reveal().size() == 20);
        fuzz::hold(!information->start || information->start->ok());
        fuzz::hold(!information->expires || information->expires->ok());
    }
    fuzz::hold(malformedOrOk(managementInformationFrom(input)));
    fuzz::hold(malformedOrOk(logEntryFrom(input)));
    readAndWriteTrip(input);
    readAndWriteBus(input);
}
