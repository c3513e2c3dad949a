#include "receiver.h"

#include "frame_decoder.h"

namespace sconce {

namespace {

/** A remote repeats its frame for as long as the button is held; a gap of this many µs makes it a new press. */
constexpr uint64_t kPressGap = 500000;
/**
 * For this many µs after sending, the code just sent is taken for an echo: the receiver's automatic gain lags, and two more
 * frames would have to be heard.
 */
constexpr uint64_t kEcho = 250000;
constexpr uint64_t kLearnGap = uint64_t{protocol::kLearnGapMs} * 1000;
constexpr uint64_t kLearnAhead = (protocol::kLearnAtOnce - 1) * kLearnGap;

}  // namespace

Receiver::Report Receiver::frame(const RfCode& heard, uint64_t now) {
  const RfCode code = heardAs(heard);
  const Quiet* known = find(code);
  const bool samePress = known && known->until > now;
  // It does not go on as a press would: somebody who presses now and holds on is heard as soon as it cannot be an echo.
  if (known && known->echoUntil > now) return Report::NOT;
  // While learning, too: a button that is held beyond the window's end is not pressed anew.
  keepQuiet(code, now + kPressGap);
  if (now >= learnUntil_) return samePress ? Report::NOT : Report::PRESS;
  if (now + kLearnAhead < learnNext_) return Report::NOT;
  learnNext_ = (learnNext_ > now ? learnNext_ : now) + kLearnGap;
  return Report::LEARNING;
}

void Receiver::sent(const RfCode& code, uint64_t now) {
  keepQuiet(heardAs(code), now + kEcho).echoUntil = now + kEcho;
}

void Receiver::learn(uint32_t seconds, uint64_t now) {
  learnUntil_ = now + uint64_t{seconds} * 1000000;
}

Receiver::Quiet* Receiver::find(const RfCode& code) {
  for (Quiet& quiet : quiet_) {
    if (quiet.until > 0 && quiet.code == code.code && quiet.bits == code.bits && quiet.protocol == code.protocol) return &quiet;
  }
  return nullptr;
}

Receiver::Quiet& Receiver::keepQuiet(const RfCode& code, uint64_t until) {
  if (Quiet* known = find(code)) {
    known->until = until;
    return *known;
  }
  // Nine buttons within half a second are no person's: the one that ends first makes room.
  Quiet* place = quiet_;
  for (Quiet& quiet : quiet_) {
    if (quiet.until < place->until) place = &quiet;
  }
  *place = {code.code, code.bits, code.protocol, until, 0};
  return *place;
}

}  // namespace sconce
