#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** Small files, by names without folders; on the chip LittleFS. What has returned is kept, whenever the power fails. */
struct Store {
  /** The file's length; -1: it is not there, or longer than `capacity`. */
  virtual int32_t read(const char* name, char* buffer, size_t capacity) = 0;
  /** Up to `capacity` bytes from the `from`th on; how many: 0 at the end, -1 if it is not there. */
  virtual int32_t readPart(const char* name, size_t from, char* buffer, size_t capacity) = 0;
  /** Makes the file, or empties it first. If the power fails meanwhile, any beginning of `data` may be what is left. */
  virtual bool write(const char* name, const char* data, size_t length) = 0;
  /** Adds to a file that is there. If the power fails meanwhile, any beginning of `data` may have been added. */
  virtual bool append(const char* name, const char* data, size_t length) = 0;
  /** `to` is replaced if it exists: all or nothing, whenever the power fails, as LittleFS promises. */
  virtual bool rename(const char* from, const char* to) = 0;
  virtual bool remove(const char* name) = 0;

 protected:
  ~Store() = default;
};

}  // namespace sconce
