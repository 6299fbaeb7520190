// Codes of other programmes that people hold before a terminal, known by their shape alone.
#pragma once

#include "base/bytes.h"

namespace ykt::qr {

// What it is, for the operator: "web address". Empty: none that is known. Nothing of the content is told.
std::string_view foreignCode(ByteView payload);

} // namespace ykt::qr
