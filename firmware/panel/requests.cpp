#include "firmware/panel/requests.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::panel {
namespace {

using nlohmann::json;

template <typename T>
bool read(const json& object, const char* name, std::uint64_t most, T& into) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_number_unsigned() || field->get<std::uint64_t>() > most)
        return false;
    into = static_cast<T>(field->get<std::uint64_t>());
    return true;
}

} // namespace

Result<Secret> pinFrom(std::string_view body) {
    auto object = json::parse(body, nullptr, false);
    const auto field = object.is_object() ? object.find("pin") : object.end();
    if (!object.is_object() || field == object.end() || !field->is_string())
        return fail(Reason::input_malformed, "pin");
    auto& text = field->get_ref<std::string&>();
    auto pin = Secret::copyOf(asBytes(text));
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return pin;
}

Result<policy::Position> positionFrom(std::string_view body) {
    const auto object = json::parse(body, nullptr, false);
    policy::Position position;
    const bool whole = object.is_object() && read(object, "line", UINT16_MAX, position.line) &&
                       read(object, "direction", 1, position.direction) &&
                       read(object, "station", UINT8_MAX, position.station);
    if (!whole)
        return fail(Reason::input_malformed, "line, direction or station");
    return position;
}

} // namespace ykt::firmware::panel
