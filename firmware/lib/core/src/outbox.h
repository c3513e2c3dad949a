#pragma once

#include <stddef.h>
#include <stdint.h>

#include <mqtt_link.h>

#include "messages.h"

namespace sconce {

/** Answers that the broker has not acknowledged; what a lost line has swallowed is given again at the next connection. */
class Outbox {
 public:
  /** Takes the place of the oldest if it is full. The same answer to the same asker stands in here once. */
  void add(const ReplicaId& replyTo, const Ack& ack, uint32_t at = kNowhere);
  /** Publishes what has not been, the oldest first. */
  void flush(MqttLink& link, const char* device);
  void acknowledged(uint16_t packet);
  /** Whatever was on its way must go again. */
  void lineLost();
  bool empty() const;

 private:
  struct Slot {
    uint32_t order;
    ReplicaId replyTo;
    Ack ack;
    uint32_t at;
    uint16_t packet;
    bool used;
  };
  Slot* nextUnsent();

  Slot slots_[protocol::kCommandsRemembered] = {};
  uint32_t next_ = 1;
};

}  // namespace sconce
