#include "improv_packet.h"

#include <string.h>

#include "wipe.h"

namespace sconce {

namespace {

/** With the version. */
constexpr uint8_t kHeader[] = {'I', 'M', 'P', 'R', 'O', 'V', 1};

uint8_t sumOf(const uint8_t* bytes, size_t length) {
  uint8_t sum = 0;
  for (size_t i = 0; i < length; i++) sum = static_cast<uint8_t>(sum + bytes[i]);
  return sum;
}

}  // namespace

ImprovReader::Heard ImprovReader::take(uint8_t byte) {
  if (position_ < kLengthAt) {
    hunt(byte);
    return Heard::NOTHING;
  }
  if (position_ == kLengthAt) {
    length_ = byte;
    position_++;
    if (length_ <= kImprovCommandBytes) return Heard::NOTHING;
    startOver();
    return Heard::DAMAGED;
  }
  if (position_ < kDataAt + length_) {
    data_[position_ - kDataAt] = byte;
    position_++;
    return Heard::NOTHING;
  }
  const uint8_t head[] = {static_cast<uint8_t>(ImprovType::RPC), static_cast<uint8_t>(length_)};
  const int sum = sumOf(kHeader, sizeof kHeader) + sumOf(head, sizeof head) + sumOf(data_, length_);
  position_ = 0;
  if (static_cast<uint8_t>(sum) == byte) return Heard::COMMAND;
  startOver();
  return Heard::DAMAGED;
}

/** Header, version and type. No beginning of these comes again within them: one byte is all there is to go back to. */
void ImprovReader::hunt(uint8_t byte) {
  const uint8_t expected = position_ < kTypeAt ? kHeader[position_] : static_cast<uint8_t>(ImprovType::RPC);
  if (byte == expected) position_++;
  else position_ = byte == kHeader[0] ? 1 : 0;
}

void ImprovReader::startOver() {
  position_ = 0;
  length_ = 0;
  wipe(data_, sizeof data_);
}

ImprovPacket::ImprovPacket(ImprovType type, uint8_t first) {
  bytes_[0] = '\n';
  memcpy(bytes_ + 1, kHeader, sizeof kHeader);
  bytes_[kLengthAt - 1] = static_cast<uint8_t>(type);
  bytes_[kDataAt] = first;
  end_ = kDataAt + 1;
  if (type == ImprovType::RPC_RESULT) bytes_[end_++] = 0;
}

ImprovPacket& ImprovPacket::string(const char* text) {
  if (end_ == kEndMost) return *this;
  const size_t room = kEndMost - end_ - 1;
  const size_t length = strlen(text) < room ? strlen(text) : room;
  bytes_[end_] = static_cast<uint8_t>(length);
  memcpy(bytes_ + end_ + 1, text, length);
  end_ += 1 + length;
  bytes_[kListLengthAt] = static_cast<uint8_t>(end_ - kListLengthAt - 1);
  return *this;
}

void ImprovPacket::writeTo(SerialLine& line) {
  bytes_[kLengthAt] = static_cast<uint8_t>(end_ - kDataAt);
  bytes_[end_] = sumOf(bytes_ + 1, end_ - 1);
  bytes_[end_ + 1] = '\n';
  line.write(bytes_, end_ + 2);
}

}  // namespace sconce
