#pragma once

#include <stddef.h>
#include <stdint.h>

#include <mqtt_link.h>

#include "messages.h"

namespace sconce {

/** Answers that the broker has not acknowledged; what a lost line has swallowed is given again at the next connection. */
class Outbox {
 public:
  /**
   * Takes the place of the oldest if it is full. The same answer to the same asker stands in here once.
   * `update`: it answers a command of an update.
   */
  void add(const ReplicaId& replyTo, const Ack& ack, bool update = false);
  /** Publishes what has not been, the oldest first; `at` goes with the answers to an update's commands. */
  void flush(MqttLink& link, const char* device, uint32_t at);
  void acknowledged(uint16_t packet);
  /** Whatever was on its way must go again. */
  void lineLost();
  bool empty() const;

 private:
  struct Slot {
    uint32_t order;
    ReplicaId replyTo;
    Ack ack;
    uint16_t packet;
    bool update;
    bool used;
  };
  Slot* nextUnsent();

  Slot slots_[protocol::kCommandsRemembered] = {};
  uint32_t next_ = 1;
};

}  // namespace sconce
