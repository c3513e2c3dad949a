#include "flash_slot.h"

#include <Arduino.h>
#include <Updater.h>

#include <new>

namespace sconce {

bool FlashSlot::begin(uint32_t size) {
  digest_.reset(new (std::nothrow) br_sha256_context);
  if (!digest_ || !::Update.begin(size)) return false;
  br_sha256_init(digest_.get());
  return true;
}

bool FlashSlot::write(const uint8_t* bytes, size_t length) {
  br_sha256_update(digest_.get(), bytes, length);
  return ::Update.write(const_cast<uint8_t*>(bytes), length) == length;
}

void FlashSlot::digest(uint8_t (&sha256)[32]) {
  br_sha256_out(digest_.get(), sha256);
}

bool FlashSlot::commit() {
  digest_.reset();
  return ::Update.end();
}

/** The Updater cannot be told to forget, and end() would make bootable what is complete: only an error stops it. */
void FlashSlot::abandon() {
  digest_.reset();
  ::Update.write(nullptr, ::Update.size() + 1);
}

}  // namespace sconce
