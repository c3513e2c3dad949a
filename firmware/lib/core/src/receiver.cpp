#include "receiver.h"

#include "frame_decoder.h"

namespace sconce {

namespace {

/** A remote repeats its frame for as long as the button is held; a gap of this many µs makes it a new press. */
constexpr uint64_t kPressGap = 500000;
/** For this many µs after sending, the code just sent is taken for an echo (a receiver's automatic gain lags). */
constexpr uint64_t kEcho = 500000;

}  // namespace

bool Receiver::frame(const RfCode& heard, uint64_t now) {
  const RfCode code = heardAs(heard);
  const Quiet* known = find(code);
  const bool quiet = known && known->until > now;
  keepQuiet(code, now + kPressGap);
  return !quiet;
}

void Receiver::sent(const RfCode& code, uint64_t now) {
  keepQuiet(heardAs(code), now + kEcho);
}

Receiver::Quiet* Receiver::find(const RfCode& code) {
  for (Quiet& quiet : quiet_) {
    if (quiet.until > 0 && quiet.code == code.code && quiet.bits == code.bits && quiet.protocol == code.protocol) return &quiet;
  }
  return nullptr;
}

void Receiver::keepQuiet(const RfCode& code, uint64_t until) {
  Quiet* place = find(code);
  if (!place) {
    // Nine buttons within half a second are no person's: the one that ends first makes room.
    place = quiet_;
    for (Quiet& quiet : quiet_) {
      if (quiet.until < place->until) place = &quiet;
    }
  }
  *place = {code.code, code.bits, code.protocol, until};
}

}  // namespace sconce
