#include "listener.h"

#include "isr.h"

namespace sconce {

SCONCE_ISR void Listener::edge(bool high, uint32_t now) {
  buffer_.edge(high, now);
}

bool Listener::heard(bool sending, RfCode& code) {
  if (deaf_) {
    deaf_ = sending;
    buffer_.clear();
    decoder_.reset();
    return false;
  }
  Interval interval;
  for (uint32_t i = 0; i < EdgeBuffer::kSize && buffer_.next(interval); i++) {
    if (decoder_.take(interval, code)) return true;
  }
  return false;
}

}  // namespace sconce
