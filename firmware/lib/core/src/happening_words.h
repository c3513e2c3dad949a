#pragma once

#include <log.h>

#include "writer.h"

namespace sconce {

/** A happening in a sentence, for a person at the serial line. */
void tellHappening(Writer& words, const Happening& happening);

}  // namespace sconce
