#include "base/result.h"

namespace ykt {

std::string explain(const Error& error) {
    const auto& info = describe(error.reason);
    std::string text{info.name};
    if (!error.context.empty())
        text += " (" + error.context + ")";
    text += ": ";
    text += info.meaning;
    text += " Remedy: ";
    text += info.remedy;
    return text;
}

} // namespace ykt
