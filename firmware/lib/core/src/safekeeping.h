#pragma once

#include <stddef.h>
#include <stdint.h>

#include <store.h>

namespace sconce {

/** The longest file that a board writes by itself: wifi.txt has 98 bytes at most. */
constexpr size_t kReplaceBytes = 128;
/** Of a file's name, the zero included; LittleFS on the chip takes 32, and four are for ".new". */
constexpr size_t kFileNameBytes = 28;

/**
 * Replaces a file, or makes it: whenever the power fails, there is the whole old one or the whole new one. `false`: the
 * old one is still there.
 */
bool replaceFile(Store& store, const char* name, const char* data, size_t length);

/** A number in a file of its own, as decimal digits and a line feed. A damaged file counts as not there. */
bool loadNumber(Store& store, const char* name, uint64_t& number);
bool keepNumber(Store& store, const char* name, uint64_t number);

}  // namespace sconce
