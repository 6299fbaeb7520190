#include "tools/yktctl/json.h"

#include <iostream>

namespace ykt::tools {
namespace {

const Json* fieldOf(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nullptr : &*found;
}

} // namespace

std::string oneLine(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void printLine(const Json& value) {
    std::cout << oneLine(value) << '\n';
}

std::string textOf(const Json& object, const char* name) {
    const auto* field = fieldOf(object, name);
    if (!field || field->is_null())
        return {};
    return field->is_string() ? field->get<std::string>() : oneLine(*field);
}

Json objectOf(const Json& object, const char* name) {
    const auto* field = fieldOf(object, name);
    return field && field->is_object() ? *field : Json::object();
}

Json listOf(const Json& object, const char* name) {
    const auto* field = fieldOf(object, name);
    return field && field->is_array() ? *field : Json::array();
}

std::string yuan(std::uint64_t fen) {
    const auto cents = std::to_string(fen % 100);
    return std::to_string(fen / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

} // namespace ykt::tools
