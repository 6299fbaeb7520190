// Templates that a parser must refuse or survive.
#pragma once

#include "base/bytes.h"

#include <functional>

namespace ykt::sim {

using Draw = std::function<std::size_t(std::size_t limit)>; // 0 .. limit - 1

// FCIs and records that are cut off anywhere. Without status.
Bytes truncatedTlv(const Draw& draw);
// Right tags, wrong lengths: too long, of too many bytes, without end, nested too deep.
Bytes evilTlv(const Draw& draw);

} // namespace ykt::sim
