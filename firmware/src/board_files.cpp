#include "board_files.h"

#include <Arduino.h>
#include <flash_text.h>
#include <wipe.h>

#include <memory>
#include <new>

namespace sconce {

namespace {

constexpr size_t kPemBytes = 2048;

/** On the heap and only while the board boots: the loop's stack has 4 kB in all. */
using Buffer = std::unique_ptr<char[]>;

Buffer makeBuffer(size_t bytes) {
  return Buffer(new (std::nothrow) char[bytes + 1]);
}

bool complain(Writer& complaint, const char* file) {
  complaint.text(file).flashText(SCONCE_FLASH(" is missing or damaged. Put the board's identity there: make flash DEVICE=…"));
  return false;
}

/** A PEM file, ended by a zero, as BearSSL's helpers read it. */
bool readPem(Store& store, const char* name, char* buffer) {
  const int32_t length = store.read(name, buffer, kPemBytes);
  if (length <= 0) return false;
  buffer[length] = '\0';
  return true;
}

}  // namespace

bool BoardFiles::readIdentity(Store& store, Writer& complaint) {
  const Buffer buffer = makeBuffer(kPemBytes);
  if (!buffer) return complain(complaint, "device.json");
  const int32_t length = store.read("device.json", buffer.get(), kIdentityFileBytes);
  if (length < 0) return complain(complaint, "device.json");
  if (!sconce::readIdentity(buffer.get(), static_cast<size_t>(length), identity, complaint)) return false;

  if (!readPem(store, "ca.pem", buffer.get()) || !credentials.authority.append(buffer.get())) {
    return complain(complaint, "ca.pem");
  }
  if (!readPem(store, "cert.pem", buffer.get()) || !credentials.certificate.append(buffer.get())) {
    return complain(complaint, "cert.pem");
  }
  const bool keyRead = readPem(store, "key.pem", buffer.get()) && credentials.key.parse(buffer.get());
  wipe(buffer.get(), kPemBytes);
  return (keyRead && credentials.complete()) || complain(complaint, "key.pem");
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
