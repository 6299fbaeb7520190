// Payloads of records on their way between JSON and the sealed store. Private to the terminal.
#pragma once

#include "base/bytes.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::terminal {

// The store seals what this gives; the JSON text that was made on the way is wiped.
inline Bytes sealedSoon(const nlohmann::json& payload) {
    auto text = payload.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    auto bytes = toBytes(text);
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return bytes;
}

// What sealedSoon was given; an empty object where the bytes are something else.
inline nlohmann::json payloadObject(ByteView payload) {
    auto object = nlohmann::json::parse(payload.begin(), payload.end(), nullptr, false);
    return object.is_object() ? object : nlohmann::json::object();
}

} // namespace ykt::firmware::terminal
