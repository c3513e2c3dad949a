#pragma once

#include <radio.h>

namespace sconce {

/** The edges of a frame: its bits, the highest first, then the sync. `code` must be within the protocol's bounds. */
void makeFrame(const RfCode& code, Frame& frame);

}  // namespace sconce
