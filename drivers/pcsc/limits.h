// How long the driver waits where PC/SC would wait without end.
#pragma once

#include "base/time.h"

namespace ykt::drivers::pcsc {

struct Limits {
    // Of any one call that goes to a reader. ISO 14443-4 lets a card take 4.95 s for an answer (FWI 14), and
    // no card of ISO 7816-3 at its default waiting time comes near; after that the reader is the silent one.
    Milliseconds exchange{5000};
    // Of the wait for another program that holds the card. A holder does not wait longer.
    Milliseconds exclusive{1000};
};

} // namespace ykt::drivers::pcsc
