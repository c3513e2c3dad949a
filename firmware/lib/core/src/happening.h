#pragma once

#include <stddef.h>
#include <stdint.h>

#include <log.h>

namespace sconce {

/** A line of the record: JSON in the simulator's words, without the new line; its length. `at`: ms since 1970. */
size_t formatHappening(char* buffer, size_t capacity, uint64_t at, const char* device, const Happening& happening);

}  // namespace sconce
