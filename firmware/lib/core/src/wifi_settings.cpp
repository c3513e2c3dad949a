#include "wifi_settings.h"

#include <flash_text.h>
#include <stdint.h>
#include <string.h>

#include "safekeeping.h"
#include "wipe.h"

namespace sconce {

namespace {

constexpr char kWifiFile[] = "wifi.txt";

bool isHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isPrintable(char c) {
  return c >= ' ' && c <= '~';
}

/** Names may be UTF-8; a zero or a line feed in one could not be kept. */
bool isControl(char c) {
  const uint8_t byte = static_cast<uint8_t>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool all(bool (*is)(char), const char* text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (!is(text[i])) return false;
  }
  return true;
}

bool any(bool (*is)(char), const char* text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (is(text[i])) return true;
  }
  return false;
}

/** In the flash, as all words here; `nullptr`: nothing is wrong. */
const char* wrongName(const char* name, size_t length) {
  if (length == 0) return SCONCE_FLASH("The Wi-Fi network's name is missing. Write it on the first line of wifi.txt.");
  if (length > kWifiNameBytes) return SCONCE_FLASH("The Wi-Fi network's name has more than 32 bytes, which no network's has. Correct it.");
  if (any(isControl, name, length)) return SCONCE_FLASH("The Wi-Fi network's name has a control character, a tab perhaps. Leave it out.");
  return nullptr;
}

const char* wrongPassword(const char* password, size_t length) {
  if (length == 0) return nullptr;
  if (!all(isPrintable, password, length)) {
    return SCONCE_FLASH("The Wi-Fi password has a character that no password can have: letters of ASCII, digits, signs and spaces can be.");
  }
  if (length < 8) return SCONCE_FLASH("The Wi-Fi password has fewer than 8 characters, which no network takes. Correct it.");
  if (length == 64 && !all(isHex, password, length)) {
    return SCONCE_FLASH("The Wi-Fi password has 64 characters: then they must be hexadecimal digits. A pass phrase has 63 at most.");
  }
  if (length > 64) return SCONCE_FLASH("The Wi-Fi password has more than 63 characters, which no network takes. Correct it.");
  return nullptr;
}

/** Of a line that ends at `end`, without what Windows puts there. */
size_t lineLength(const char* line, const char* end) {
  return static_cast<size_t>(end - line) - (end > line && end[-1] == '\r' ? 1 : 0);
}

}  // namespace

bool makeWifiSettings(const char* name, size_t nameLength, const char* password, size_t passwordLength,
                      WifiSettings& settings, Writer& complaint) {
  const char* wrong = wrongName(name, nameLength);
  if (!wrong) wrong = wrongPassword(password, passwordLength);
  if (wrong) {
    complaint.flashText(wrong);
    return false;
  }
  memcpy(settings.name, name, nameLength);
  settings.name[nameLength] = '\0';
  memcpy(settings.password, password, passwordLength);
  settings.password[passwordLength] = '\0';
  return true;
}

bool readWifiSettings(const char* text, size_t length, WifiSettings& settings, Writer& complaint) {
  const char* const end = text + length;
  const char* const nameEnd = length == 0 ? nullptr : static_cast<const char*>(memchr(text, '\n', length));
  if (!nameEnd || nameEnd + 1 == end) {
    complaint.flashText(SCONCE_FLASH(
        "wifi.txt has no second line. Write the Wi-Fi network's name on the first line and the password on the second, "
        "which stays empty for a network without one."));
    return false;
  }
  const char* const password = nameEnd + 1;
  const char* const newline = static_cast<const char*>(memchr(password, '\n', static_cast<size_t>(end - password)));
  if (newline && newline + 1 != end) {
    complaint.flashText(
        SCONCE_FLASH("wifi.txt has more than two lines. Leave only the network's name and the password in it."));
    return false;
  }
  return makeWifiSettings(text, lineLength(text, nameEnd), password, lineLength(password, newline ? newline : end),
                          settings, complaint);
}

size_t formatWifiSettings(char* buffer, size_t capacity, const WifiSettings& settings) {
  Writer writer(buffer, capacity);
  writer.text(settings.name).character('\n').text(settings.password).character('\n');
  return writer.fits() ? writer.length() : 0;
}

bool loadWifiSettings(Store& store, WifiSettings& settings, Writer& complaint) {
  char text[kWifiFileBytes];
  const int32_t length = store.read(kWifiFile, text, sizeof text);
  if (length < 0) complaint.text("There is no wifi.txt, or it has more than two lines of a name and a password.");
  const bool read = length >= 0 && readWifiSettings(text, static_cast<size_t>(length), settings, complaint);
  wipe(text, sizeof text);
  return read;
}

bool keepWifiSettings(Store& store, const WifiSettings& settings) {
  char text[kWifiFileBytes];
  const size_t length = formatWifiSettings(text, sizeof text, settings);
  const bool kept = length > 0 && replaceFile(store, kWifiFile, text, length);
  wipe(text, sizeof text);
  return kept;
}

}  // namespace sconce
