#include "firmware/config/card_settings.h"

#include "firmware/config/forms.h"

namespace ykt::firmware::config {
namespace {

CardReaderSettings readCardReader(TableReader table) {
    CardReaderSettings reader;
    reader.pcsc = table.text("pcsc", forms::forPeople);
    if (table.given("kind"))
        reader.kind = table.text("kind", forms::slotKind) == "contact" ? hal::SlotKind::contact
                                                                       : hal::SlotKind::contactless;
    if (table.given("field"))
        reader.field = table.text("field", forms::identifier);
    table.close();
    return reader;
}

apdu::sam::KeyReference readKeyReference(TableReader table) {
    const apdu::sam::KeyReference reference{static_cast<std::uint8_t>(table.integer("usage", 0, 0xFF)),
                                            static_cast<std::uint8_t>(table.integer("id", 0, 0xFF))};
    table.close();
    return reference;
}

CardApplication applicationFrom(std::string_view name) {
    return name == "transit_purse"     ? CardApplication::transit_purse
           : name == "social_security" ? CardApplication::social_security
                                       : CardApplication::legacy_uid;
}

void readMilliseconds(TableReader& table, const std::string& key, std::int64_t least, std::int64_t most,
                      Milliseconds& into) {
    if (table.given(key))
        into = Milliseconds{table.integer(key, least, most)};
}

} // namespace

Readers readReaders(TableReader table) {
    Readers readers;
    for (auto& card : table.tables("card"))
        readers.cards.push_back(readCardReader(card));
    if (table.given("sam")) {
        auto sam = table.table("sam");
        readers.sam = sam.text("pcsc", forms::forPeople);
        sam.close();
    }
    table.close();
    return readers;
}

apdu::sam::SamKeyReferences readSamKeys(TableReader table) {
    apdu::sam::SamKeyReferences keys;
    if (table.given("internal"))
        keys.internalKey = readKeyReference(table.table("internal"));
    if (table.given("reading"))
        keys.readingKey = readKeyReference(table.table("reading"));
    table.close();
    return keys;
}

CardSettings readCards(TableReader table) {
    CardSettings cards;
    if (table.given("applications")) {
        cards.applications.clear();
        for (const auto& name : table.texts("applications", forms::cardApplication))
            cards.applications.push_back(applicationFrom(name));
    }
    readMilliseconds(table, "debounce_ms", 0, 60'000, cards.debounce);
    readMilliseconds(table, "recovery_window_ms", 1'000, 300'000, cards.recoveryWindow);
    readMilliseconds(table, "pin_entry_ms", 5'000, 120'000, cards.pinEntry);
    if (table.given("sm4"))
        cards.sm4 = table.boolean("sm4");
    if (table.given("lock_listed_purses"))
        cards.lockListedPurses = table.boolean("lock_listed_purses");
    table.close();
    return cards;
}

HsmSettings readHsm(TableReader table) {
    HsmSettings hsm;
    readMilliseconds(table, "timeout_ms", 100, 10'000, hsm.timeout);
    table.close();
    return hsm;
}

} // namespace ykt::firmware::config
