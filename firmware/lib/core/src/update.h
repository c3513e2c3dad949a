#pragma once

#include <stddef.h>
#include <stdint.h>

#include <firmware_slot.h>
#include <sconce_protocol.h>

#include "answer.h"
#include "command.h"
#include "trust.h"

namespace sconce {

/**
 * New firmware on its way in: offered, with the household's signature over its digest; then piece by piece in their order;
 * then made the next to start, if it has that digest. Whoever may send commands but cannot sign gets no byte of his own in.
 */
class Update {
 public:
  /** `builtAt`, ms since 1970: what was signed before this firmware was built is old, and not put over it again. */
  Update(FirmwareSlot& slot, Trust& trust, uint64_t builtAt) : slot_(slot), trust_(trust), builtAt_(builtAt) {}

  /** The same offer again takes up what is under way. `now`: the clock's micros. */
  Answer begin(const FirmwareOffer& offer, uint64_t now);
  Answer data(uint32_t at, const Base64& bytes, uint64_t now);
  /** Done: what remains is to restart. */
  Answer end();
  /** Gives up what nobody goes on with. */
  void step(uint64_t now);
  void abandon();

  bool underWay() const { return size_ > 0; }
  /** From which byte to go on. */
  uint32_t at() const { return at_; }

 private:
  bool isSigned(const FirmwareOffer& offer) const;
  Answer fail(const char* why);

  FirmwareSlot& slot_;
  Trust& trust_;
  uint64_t builtAt_;
  uint64_t heardAt_ = 0;
  /** 0: no update is under way. */
  uint32_t size_ = 0;
  uint32_t at_ = 0;
  uint8_t sha256_[32];
};

}  // namespace sconce
