#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/**
 * Where new firmware is put, beside the one that runs. Writing stops everything, interrupts included, for 20 to 50 ms: not
 * while the radio sends. (Not named after the Arduino core's Updater.h: there are machines on which updater.h is the same
 * file.)
 */
struct FirmwareSlot {
  /** Makes room for `size` bytes; `false`: there is none. */
  virtual bool begin(uint32_t size) = 0;
  /** The next bytes. */
  virtual bool write(const uint8_t* bytes, size_t length) = 0;
  /** SHA-256 of what has been written since begin(). Once. */
  virtual void digest(uint8_t (&sha256)[32]) = 0;
  /** The next restart is into what has been written. `false`: it is not, and what has been written is forgotten. */
  virtual bool commit() = 0;
  /** Forgets what has been written, all of it or not; nothing, if there is nothing. */
  virtual void abandon() = 0;

 protected:
  ~FirmwareSlot() = default;
};

}  // namespace sconce
