#include "der.h"

namespace sconce {

bool Der::take(uint8_t tag, Bytes& content) {
  const size_t left = static_cast<size_t>(end_ - at_);
  if (left < 2 || *at_ != tag) return false;
  size_t head = 2, length = at_[1];
  if (length >= 0x80) {
    // One or two bytes of length are enough for what a board is sent; and only the shortest form is DER.
    const size_t count = length & 0x7f;
    if (count < 1 || count > 2 || left < 2 + count) return false;
    length = count == 1 ? at_[2] : static_cast<size_t>(at_[2] << 8 | at_[3]);
    if (length < (count == 1 ? 0x80u : 0x100u)) return false;
    head += count;
  }
  if (left - head < length) return false;
  content.data = at_ + head;
  content.length = length;
  at_ += head + length;
  return true;
}

bool Der::takeWhole(uint8_t tag, Bytes& whole) {
  const uint8_t* const begin = at_;
  if (!take(tag, whole)) return false;
  whole.data = begin;
  whole.length = static_cast<size_t>(at_ - begin);
  return true;
}

}  // namespace sconce
