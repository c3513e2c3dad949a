#pragma once

#include <store.h>

namespace sconce {

/** LittleFS, in the part of the flash chip that `pio run -t uploadfs` fills. */
struct FlashStore final : Store {
  /** `false`: nothing readable is there. It is never formatted: whatever may be left of an identity stays. */
  bool begin();

  int32_t read(const char* name, char* buffer, size_t capacity) override;
  int32_t readPart(const char* name, size_t from, char* buffer, size_t capacity) override;
  bool write(const char* name, const char* data, size_t length) override;
  bool append(const char* name, const char* data, size_t length) override;
  bool rename(const char* from, const char* to) override;
  bool remove(const char* name) override;

 private:
  static bool put(const char* name, const char* how, const char* data, size_t length);
};

}  // namespace sconce
