// The parts of a profile that are about cards: [readers], [sam_keys], [cards], [hsm]. Private to the room.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/config/table_reader.h"

namespace ykt::firmware::config {

struct Readers {
    std::vector<CardReaderSettings> cards;
    std::optional<std::string> sam;
};

Readers readReaders(TableReader table);
apdu::sam::SamKeyReferences readSamKeys(TableReader table);
CardSettings readCards(TableReader table);
HsmSettings readHsm(TableReader table);

} // namespace ykt::firmware::config
