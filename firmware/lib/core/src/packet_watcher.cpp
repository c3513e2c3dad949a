#include "packet_watcher.h"

namespace sconce {

namespace {

// MQTT 3.1.1, 2.2.1
constexpr uint8_t kPublish = 3;
constexpr uint8_t kPuback = 4;
constexpr uint8_t kSuback = 9;

}  // namespace

void PacketWatcher::begin() {
  *this = PacketWatcher();
}

PacketWatcher::Ack PacketWatcher::received(uint8_t byte, uint16_t& packet) {
  switch (part_) {
    case Part::TYPE:
      type_ = byte >> 4;
      shift_ = 0;
      left_ = at_ = 0;
      part_ = Part::LENGTH;
      return Ack::NONE;
    case Part::LENGTH:
      // Seven bits a byte, the lowest first, four bytes at most (2.2.3).
      left_ |= static_cast<uint32_t>(byte & 0x7f) << shift_;
      shift_ = static_cast<uint8_t>(shift_ + 7);
      if ((byte & 0x80) && shift_ < 28) return Ack::NONE;
      part_ = Part::BODY;
      return left_ > 0 ? Ack::NONE : endOfPacket(packet);
    case Part::BODY:
      if (at_ < 2) number_ = static_cast<uint16_t>(number_ << 8 | byte);
      at_++;
      return at_ < left_ ? Ack::NONE : endOfPacket(packet);
  }
  return Ack::NONE;
}

PacketWatcher::Ack PacketWatcher::endOfPacket(uint16_t& packet) {
  part_ = Part::TYPE;
  if (at_ < 2) return Ack::NONE;
  packet = number_;
  switch (type_) {
    case kPuback: return Ack::PUBLISHED;
    case kSuback: return Ack::SUBSCRIBED;
    default: return Ack::NONE;
  }
}

uint16_t PacketWatcher::numberOf(const uint8_t* bytes, size_t length) {
  if (length < 4 || bytes[0] >> 4 != kPublish || (bytes[0] & 0x06) == 0) return 0;
  size_t at = 1;
  while (at < length && at < 5 && (bytes[at] & 0x80)) at++;
  at++;
  if (at + 2 > length) return 0;
  at += 2 + static_cast<size_t>(bytes[at] << 8 | bytes[at + 1]);
  if (at + 2 > length) return 0;
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

}  // namespace sconce
