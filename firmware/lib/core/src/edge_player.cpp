#include "edge_player.h"

#include "isr.h"

namespace sconce {

void EdgePlayer::start(const Frame& frame, uint8_t repeat, uint32_t now) {
  count_ = 0;
  for (size_t i = 0; i < frame.count; i++) {
    parts_[count_++] = frame.spans[i].first;
    parts_[count_++] = frame.spans[i].second;
  }
  part_ = 0;
  framesLeft_ = repeat;
  high_ = frame.firstHigh;
  due_ = now;
  playing_ = true;
}

SCONCE_ISR bool EdgePlayer::next(uint32_t now, bool& high, uint32_t& wait) {
  high = false;
  wait = 0;
  if (!playing_) return false;
  if (part_ == count_) {
    part_ = 0;
    framesLeft_--;
  }
  if (framesLeft_ == 0) {
    playing_ = false;
    return false;
  }
  high = high_;
  // A frame has an even number of parts, so that each begins at the same level.
  high_ = !high_;
  due_ += parts_[part_++];
  const int32_t left = static_cast<int32_t>(due_ - now);
  wait = left > 0 ? static_cast<uint32_t>(left) : 1;
  return true;
}

}  // namespace sconce
