#include "safekeeping.h"

#include <string.h>

#include "wipe.h"
#include "writer.h"

namespace sconce {

namespace {

/** The digits of the largest number, and a line feed. */
constexpr size_t kNumberBytes = 21;

bool holds(Store& store, const char* name, const char* data, size_t length) {
  char copy[kReplaceBytes];
  const int32_t got = store.read(name, copy, sizeof copy);
  const bool same = got >= 0 && static_cast<size_t>(got) == length && memcmp(copy, data, length) == 0;
  // It may be the Wi-Fi's password.
  wipe(copy, sizeof copy);
  return same;
}

}  // namespace

// Not in place: opening a file for writing empties it, and the chip's file system makes that lasting at once.
bool replaceFile(Store& store, const char* name, const char* data, size_t length) {
  char fresh[kFileNameBytes + 4];
  if (length > kReplaceBytes || strlen(name) >= kFileNameBytes) return false;
  Writer(fresh, sizeof fresh).text(name).text(".new");
  // Read back, for flash that is worn out keeps something else than it was given.
  if (store.write(fresh, data, length) && holds(store, fresh, data, length)) return store.rename(fresh, name);
  store.remove(fresh);
  return false;
}

bool loadNumber(Store& store, const char* name, uint64_t& number) {
  char text[kNumberBytes];
  const int32_t length = store.read(name, text, sizeof text);
  // The line feed is the end mark: without it digits may be missing.
  if (length < 2 || text[length - 1] != '\n') return false;
  uint64_t sum = 0;
  for (int32_t i = 0; i < length - 1; i++) {
    const char digit = text[i];
    if (digit < '0' || digit > '9') return false;
    const uint64_t value = static_cast<uint64_t>(digit - '0');
    if (sum > (UINT64_MAX - value) / 10) return false;
    sum = sum * 10 + value;
  }
  number = sum;
  return true;
}

bool keepNumber(Store& store, const char* name, uint64_t number) {
  char text[kNumberBytes + 1];
  Writer writer(text, sizeof text);
  writer.number(number).character('\n');
  return replaceFile(store, name, text, writer.length());
}

}  // namespace sconce
