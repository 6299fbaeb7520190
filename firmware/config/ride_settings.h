// The parts of a profile that are about rides: [service], [fare], [position], [ride]. Private to the room.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/config/table_reader.h"

namespace ykt::firmware::config {

struct Rides {
    ServiceSettings service;
    RideSettings ride;
};

Rides readRides(TableReader& root);

} // namespace ykt::firmware::config
