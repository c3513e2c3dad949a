#pragma once

#include <stddef.h>

#include <store.h>
#include <wifi_setup.h>

#include "writer.h"

namespace sconce {

/** IEEE 802.11i: a pass phrase has 8 to 63 printable ASCII characters; 64 hexadecimal digits are the key itself. */
constexpr size_t kWifiPasswordBytes = 64;
/** Of wifi.txt: both, each with the end of its line as Windows writes it. */
constexpr size_t kWifiFileBytes = kWifiNameBytes + kWifiPasswordBytes + 4;

/** Both ended by a zero; an empty password: a network without one. */
struct WifiSettings {
  char name[kWifiNameBytes + 1];
  char password[kWifiPasswordBytes + 1];
};

/**
 * The way in for whoever sets a board up. `false`: nothing was written; `complaint` says what is wrong, and what to do,
 * never what the password was.
 */
bool makeWifiSettings(const char* name, size_t nameLength, const char* password, size_t passwordLength,
                      WifiSettings& settings, Writer& complaint);

/** Reads wifi.txt: the name, and on the second line the password. No character in it stands for another. */
bool readWifiSettings(const char* text, size_t length, WifiSettings& settings, Writer& complaint);

/** Writes what readWifiSettings reads, and gives its length; 0 if it does not fit. */
size_t formatWifiSettings(char* buffer, size_t capacity, const WifiSettings& settings);

/** From and to wifi.txt. They leave no password behind, but in `settings`. */
bool loadWifiSettings(Store& store, WifiSettings& settings, Writer& complaint);
bool keepWifiSettings(Store& store, const WifiSettings& settings);

}  // namespace sconce
