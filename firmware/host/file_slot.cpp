#include "file_slot.h"

#include <stdio.h>
#include <unistd.h>

namespace sconce {

FileSlot::FileSlot(const std::string& folder)
    : path_(folder + "/firmware.bin"),
      file_(nullptr, fclose),
      digest_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {}

bool FileSlot::begin(uint32_t) {
  file_.reset(fopen((path_ + ".new").c_str(), "w"));
  return file_ && EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr) == 1;
}

bool FileSlot::write(const uint8_t* bytes, size_t length) {
  return fwrite(bytes, 1, length, file_.get()) == length && EVP_DigestUpdate(digest_.get(), bytes, length) == 1;
}

void FileSlot::digest(uint8_t (&sha256)[32]) {
  EVP_DigestFinal_ex(digest_.get(), sha256, nullptr);
}

bool FileSlot::commit() {
  const bool whole = fclose(file_.release()) == 0;
  return whole && rename((path_ + ".new").c_str(), path_.c_str()) == 0;
}

void FileSlot::abandon() {
  file_.reset();
  unlink((path_ + ".new").c_str());
}

}  // namespace sconce
