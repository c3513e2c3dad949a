#pragma once

#include <string>

#include <store.h>

namespace sconce {

/** A folder in the place of the chip's LittleFS. */
class FolderStore final : public Store {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  int32_t read(const char* name, char* buffer, size_t capacity) override;
  int32_t readPart(const char* name, size_t from, char* buffer, size_t capacity) override;
  bool write(const char* name, const char* data, size_t length) override;
  bool append(const char* name, const char* data, size_t length) override;
  bool rename(const char* from, const char* to) override;
  bool remove(const char* name) override;

 private:
  bool put(const char* name, int how, const char* data, size_t length);
  std::string path(const char* name) const { return folder_ + "/" + name; }

  std::string folder_;
};

}  // namespace sconce
