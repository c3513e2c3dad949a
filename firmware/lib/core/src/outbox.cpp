#include "outbox.h"

#include "topics.h"

namespace sconce {

namespace {

bool older(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

}  // namespace

void Outbox::add(const ReplicaId& replyTo, const Ack& ack, bool update) {
  Slot* place = nullptr;
  Slot* free = nullptr;
  Slot* oldest = slots_;
  for (Slot& slot : slots_) {
    if (!slot.used) free = &slot;
    else if (same(slot.replyTo, replyTo) && same(slot.ack.id, ack.id)) place = &slot;
    if (older(slot.order, oldest->order)) oldest = &slot;
  }
  if (!place) place = free ? free : oldest;
  *place = {next_++, replyTo, ack, 0, update, true};
}

void Outbox::flush(MqttLink& link, const char* device, uint32_t at) {
  while (Slot* slot = nextUnsent()) {
    char topic[kTopicBytes];
    char payload[160];
    makeTopic(topic, protocol::kTopicAck, device, &slot->replyTo);
    const size_t length = formatAck(payload, sizeof payload, slot->ack, slot->update ? at : kNowhere);
    slot->packet = link.publish(topic, payload, length, 1, false);
    if (slot->packet == 0) return;
  }
}

void Outbox::acknowledged(uint16_t packet) {
  for (Slot& slot : slots_) {
    if (slot.used && slot.packet == packet) slot.used = false;
  }
}

void Outbox::lineLost() {
  for (Slot& slot : slots_) slot.packet = 0;
}

bool Outbox::empty() const {
  for (const Slot& slot : slots_) {
    if (slot.used) return false;
  }
  return true;
}

Outbox::Slot* Outbox::nextUnsent() {
  Slot* next = nullptr;
  for (Slot& slot : slots_) {
    if (slot.used && slot.packet == 0 && (!next || older(slot.order, next->order))) next = &slot;
  }
  return next;
}

}  // namespace sconce
