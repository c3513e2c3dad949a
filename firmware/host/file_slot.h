#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include <firmware_slot.h>

namespace sconce {

/** New firmware as a file, firmware.bin, in the identity's folder: proof that it came, for nothing starts it. */
class FileSlot final : public FirmwareSlot {
 public:
  explicit FileSlot(const std::string& folder);

  bool begin(uint32_t size) override;
  bool write(const uint8_t* bytes, size_t length) override;
  void digest(uint8_t (&sha256)[32]) override;
  bool commit() override;
  void abandon() override;

 private:
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;
  using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

  std::string path_;
  File file_;
  Digest digest_;
};

}  // namespace sconce
