#pragma once

#include <bearssl/bearssl.h>
#include <firmware_slot.h>

#include <memory>

namespace sconce {

/**
 * The free part of the flash between the firmware that runs and the files, by the core's Updater. At the restart the boot
 * loader copies what is there over the old firmware, which is gone then.
 */
class FlashSlot final : public FirmwareSlot {
 public:
  bool begin(uint32_t size) override;
  bool write(const uint8_t* bytes, size_t length) override;
  void digest(uint8_t (&sha256)[32]) override;
  bool commit() override;
  void abandon() override;

 private:
  /** While something is being written. */
  std::unique_ptr<br_sha256_context> digest_;
};

}  // namespace sconce
