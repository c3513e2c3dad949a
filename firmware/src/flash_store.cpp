#include "flash_store.h"

#include <LittleFS.h>

namespace sconce {

bool FlashStore::begin() {
  LittleFSConfig config;
  config.setAutoFormat(false);
  LittleFS.setConfig(config);
  return LittleFS.begin();
}

int32_t FlashStore::read(const char* name, char* buffer, size_t capacity) {
  File file = LittleFS.open(name, "r");
  if (!file || !file.isFile() || file.size() > capacity) return -1;
  const int length = static_cast<int>(file.size());
  return file.read(reinterpret_cast<uint8_t*>(buffer), file.size()) == length ? length : -1;
}

int32_t FlashStore::readPart(const char* name, size_t from, char* buffer, size_t capacity) {
  File file = LittleFS.open(name, "r");
  if (!file || !file.isFile()) return -1;
  if (from >= file.size()) return 0;
  if (!file.seek(from)) return -1;
  const size_t left = file.size() - from;
  return file.read(reinterpret_cast<uint8_t*>(buffer), left < capacity ? left : capacity);
}

bool FlashStore::write(const char* name, const char* data, size_t length) {
  return put(name, "w", data, length);
}

bool FlashStore::append(const char* name, const char* data, size_t length) {
  return LittleFS.exists(name) && put(name, "a", data, length);
}

bool FlashStore::put(const char* name, const char* how, const char* data, size_t length) {
  File file = LittleFS.open(name, how);
  if (!file || file.write(data, length) != length) return false;
  // What is not flushed is not there after a power cut; close() says nothing of a full chip.
  file.flush();
  file.close();
  return true;
}

bool FlashStore::rename(const char* from, const char* to) {
  return LittleFS.rename(from, to);
}

bool FlashStore::remove(const char* name) {
  return LittleFS.remove(name);
}

}  // namespace sconce
