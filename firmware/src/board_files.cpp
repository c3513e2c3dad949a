#include "board_files.h"

#include <Arduino.h>
#include <flash_text.h>

#include <new>

namespace sconce {

Buffer makeBuffer(size_t bytes) {
  return Buffer(new (std::nothrow) char[bytes + 1]);
}

bool complainOf(Writer& complaint, const char* file) {
  complaint.text(file).flashText(SCONCE_FLASH(" is missing or damaged. Put the board's identity there: make flash DEVICE=…"));
  return false;
}

bool BoardFiles::readIdentity(Store& store, Writer& complaint) {
  // Only while the board boots: the loop's stack has 4 kB in all.
  const Buffer buffer = makeBuffer(kIdentityFileBytes);
  const int32_t length = buffer ? store.read("device.json", buffer.get(), kIdentityFileBytes) : -1;
  if (length < 0) return complainOf(complaint, "device.json");
  return sconce::readIdentity(buffer.get(), static_cast<size_t>(length), identity, complaint);
}

bool BoardFiles::readPins(Store& store, Writer& complaint) {
  const Buffer buffer = makeBuffer(kPinFileBytes);
  const int32_t length = buffer ? store.read("pins.txt", buffer.get(), kPinFileBytes) : -1;
  if (length < 0) return true;
  if (readPinMap(buffer.get(), static_cast<size_t>(length), pins, complaint)) return true;
  pins = PinMap();
  return false;
}

}  // namespace sconce
