#include "edge_buffer.h"

#include "isr.h"

namespace sconce {

// An acquire or release of one word is a plain access on one core; it keeps the compiler from moving the entry past it.

SCONCE_ISR void EdgeBuffer::edge(bool high, uint32_t now) {
  uint32_t micros = now - last_;
  if (micros > kLongest) micros = kLongest;
  if (micros == 0) micros = 1;
  // The level until now is what the last edge left: of two edges too close for two interrupts, both are missed.
  const uint32_t entry = lost_ ? 0 : micros << 1 | (high_ ? 1 : 0);
  last_ = now;
  high_ = high;
  lost_ = written_ - __atomic_load_n(&read_, __ATOMIC_ACQUIRE) == kSize;
  if (lost_) return;
  entries_[written_ & kMask] = entry;
  __atomic_store_n(&written_, written_ + 1, __ATOMIC_RELEASE);
}

bool EdgeBuffer::next(Interval& interval) {
  if (read_ == __atomic_load_n(&written_, __ATOMIC_ACQUIRE)) return false;
  const uint32_t entry = entries_[read_ & kMask];
  interval = {entry >> 1, (entry & 1) != 0, entry == 0};
  __atomic_store_n(&read_, read_ + 1, __ATOMIC_RELEASE);
  return true;
}

void EdgeBuffer::clear() {
  __atomic_store_n(&read_, __atomic_load_n(&written_, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
}

}  // namespace sconce
