#pragma once

#include <stddef.h>
#include <stdint.h>

#include <log.h>
#include <pins.h>

#include "boots.h"
#include "checked_clock.h"
#include "command.h"
#include "command_memory.h"
#include "light.h"
#include "messages.h"
#include "outbox.h"
#include "radio_queue.h"
#include "receiver.h"
#include "renewal.h"
#include "trust.h"
#include "update.h"

namespace sconce {

/**
 * Carries out commands: each id once, none at or after its deadline, each answered with exactly one outcome. Those of an
 * update do no harm twice, and are not remembered: in a second they would push out all that is.
 */
class Commands {
 public:
  Commands(CheckedClock& clock, Radio& radio, Pins& pins, Light& light, Log& log, Receiver& receiver, Outbox& outbox,
           FirmwareSlot& slot, Renewal& renewal, Trust& trust, uint64_t builtAt, const About& about)
      : clock_(clock),
        pins_(pins),
        light_(light),
        log_(log),
        receiver_(receiver),
        outbox_(outbox),
        about_(about),
        renewal_(renewal),
        trust_(trust),
        queue_(radio),
        update_(slot, trust, builtAt) {}

  /** Takes a payload as it came over the wire. */
  void receive(const char* payload, size_t length);
  /** Looks after the radio. */
  void step();
  /** Falls silent; what is on the air and what waits for it has failed. */
  void stop();
  bool sending() const { return queue_.sending(); }
  bool restartAsked() const { return restart_ != Restart::UNPLANNED; }
  /** From which byte to go on with the update that is under way, or kNowhere. */
  uint32_t updateAt() const { return update_.underWay() ? update_.at() : kNowhere; }
  /** Why, if it is asked. */
  Restart restart() const { return restart_; }

 private:
  void carryOut(const Command& command, Remembered& remembered);
  void act(const Command& command, Remembered& remembered);
  void send(const Command& command, Remembered& remembered);
  void learn(const Command& command, Remembered& remembered);
  void setPin(const Command& command, Remembered& remembered);
  void update(const Command& command, Remembered& remembered);
  void renew(const Command& command, Remembered& remembered);
  Answer updateBy(const Command& command);
  Answer renewBy(const Command& command);
  void answer(const Answer& answer, Remembered& remembered);
  void sent(const RadioJob& job);
  void tell(Happening& happening, const CommandId& id);
  void expire(Remembered& remembered, uint64_t lateMs);
  void refuse(Remembered& remembered, protocol::AckReason reason, const char* why,
              protocol::AckOutcome outcome = protocol::AckOutcome::REFUSED);
  void finish(Remembered& remembered, protocol::AckOutcome outcome);
  bool hasPin(uint8_t pin) const;
  uint32_t tenthsSince(uint32_t arrived);

  CheckedClock& clock_;
  Pins& pins_;
  Light& light_;
  Log& log_;
  Receiver& receiver_;
  Outbox& outbox_;
  const About& about_;
  Renewal& renewal_;
  Trust& trust_;
  RadioQueue queue_;
  Memory memory_;
  Update update_;
  Restart restart_ = Restart::UNPLANNED;
};

}  // namespace sconce
