#include "commands.h"

#include <flash_text.h>

#include "deadline.h"
#include "writer.h"

namespace sconce {

using protocol::AckOutcome;
using protocol::AckReason;
using protocol::Do;
using Event = Happening::Event;

namespace {

const char kSafeMode[] SCONCE_FLASH_TEXT = "in safe mode, after crashes, the board does nothing that might crash it again";

const char kGarbles[] SCONCE_FLASH_TEXT = "writing would garble what the radio sends";

bool isUpdate(Do what) {
  return what == Do::UPDATE_BEGIN || what == Do::UPDATE_DATA || what == Do::UPDATE_END;
}

}  // namespace

void Commands::receive(const char* payload, size_t length) {
  const uint32_t arrived = static_cast<uint32_t>(clock_.micros());
  Reading reading;
  readCommand(payload, length, reading);
  const Command& command = reading.command;
  if (reading.kind == Reading::Kind::UNREADABLE) {
    Happening refused(Event::REFUSED);
    refused.text = reading.why;
    log_.happened(refused);
    return;
  }

  if (Remembered* known = memory_.find(command.id)) {
    Happening duplicate(Event::DUPLICATE);
    tell(duplicate, command.id);
    if (known->answered) outbox_.add(command.replyTo, known->ack);
    else known->wait(command.replyTo);
    return;
  }
  const bool passing = reading.kind == Reading::Kind::COMMAND && isUpdate(command.what);
  Remembered once = {};
  once.arrived = arrived;
  once.ack.id = command.id;
  Remembered& remembered = passing ? once : memory_.add(command.id, arrived);
  remembered.wait(command.replyTo);
  if (reading.kind == Reading::Kind::REFUSED) refuse(remembered, reading.reason, reading.why);
  else carryOut(command, remembered);
  step();
}

void Commands::carryOut(const Command& command, Remembered& remembered) {
  Happening asked(Event::COMMAND);
  asked.word = protocol::kDoWords[static_cast<size_t>(command.what)];
  // Hundreds of them would hold the serial line up.
  if (command.what != Do::UPDATE_DATA) tell(asked, command.id);

  uint64_t now = 0;
  if (!clock_.epochMs(now)) return refuse(remembered, AckReason::CLOCK_NOT_SET, SCONCE_FLASH("without the time no deadline can be kept"));
  switch (judge(command.deadline, now)) {
    case Timing::EXPIRED:
      return expire(remembered, now - command.deadline);
    case Timing::TOO_FAR:
      return refuse(remembered, AckReason::DEADLINE_TOO_FAR,
                    SCONCE_FLASH("the deadline lies too far ahead: a clock is wrong, the sender's or this board's"));
    case Timing::IN_TIME:
      // The deadline is a moment of the server's clock, and lies where ours expects it.
      clock_.confirm();
      return act(command, remembered);
  }
}

void Commands::act(const Command& command, Remembered& remembered) {
  Happening done(Event::IDENTIFY);
  switch (command.what) {
    case Do::RF_SEND:
      return send(command, remembered);
    case Do::RF_LEARN:
      return learn(command, remembered);
    case Do::PIN_SET:
      return setPin(command, remembered);
    case Do::IDENTIFY:
      light_.identify();
      tell(done, command.id);
      return finish(remembered, AckOutcome::TRANSMITTED);
    case Do::RESTART:
      done.event = Event::RESTART;
      tell(done, command.id);
      finish(remembered, AckOutcome::TRANSMITTED);
      restart_ = Restart::COMMAND;
      return;
    case Do::UPDATE_BEGIN:
    case Do::UPDATE_DATA:
    case Do::UPDATE_END:
      return update(command, remembered);
    case Do::CERTIFICATE_RENEW:
    case Do::CERTIFICATE_ISSUER:
    case Do::CERTIFICATE_INSTALL:
    case Do::AUTHORITY_TRUST:
      return renew(command, remembered);
  }
}

void Commands::send(const Command& command, Remembered& remembered) {
  if (about_.safeMode) return refuse(remembered, AckReason::NOT_CAPABLE, kSafeMode);
  const RadioJob job = {command.rf, command.repeat, memory_.indexOf(remembered), command.deadline, 0};
  if (!queue_.add(job)) refuse(remembered, AckReason::QUEUE_FULL, SCONCE_FLASH("as many commands wait for the radio as may"));
}

void Commands::learn(const Command& command, Remembered& remembered) {
  if (about_.safeMode) return refuse(remembered, AckReason::NOT_CAPABLE, kSafeMode);
  receiver_.learn(command.seconds, clock_.micros());
  Happening learning(Event::LEARN);
  learning.ms = uint64_t{command.seconds} * 1000;
  tell(learning, command.id);
  finish(remembered, AckOutcome::TRANSMITTED);
}

void Commands::setPin(const Command& command, Remembered& remembered) {
  if (about_.safeMode) return refuse(remembered, AckReason::NOT_CAPABLE, kSafeMode);
  if (!hasPin(command.pin)) return refuse(remembered, AckReason::NOT_CAPABLE, SCONCE_FLASH("this pin has no relay"));
  if (!pins_.set(command.pin, command.on)) {
    remembered.ack.hasReason = true;
    remembered.ack.reason = AckReason::HARDWARE;
    return finish(remembered, AckOutcome::FAILED);
  }
  Happening pin(Event::PIN);
  pin.pin = command.pin;
  pin.on = command.on;
  tell(pin, command.id);
  finish(remembered, AckOutcome::TRANSMITTED);
}

void Commands::update(const Command& command, Remembered& remembered) {
  if (sending()) return refuse(remembered, AckReason::QUEUE_FULL, kGarbles);
  const Answer taken = updateBy(command);
  if (taken.done && command.what == Do::UPDATE_END) {
    Happening restart(Event::RESTART);
    tell(restart, command.id);
    restart_ = Restart::UPDATE;
  }
  answer(taken, remembered);
}

void Commands::answer(const Answer& answer, Remembered& remembered) {
  if (answer.done) return finish(remembered, AckOutcome::TRANSMITTED);
  const bool failed = answer.reason == AckReason::UPDATE_FAILED || answer.reason == AckReason::HARDWARE;
  refuse(remembered, answer.reason, answer.why, failed ? AckOutcome::FAILED : AckOutcome::REFUSED);
}

void Commands::renew(const Command& command, Remembered& remembered) {
  const bool writes = command.what != Do::CERTIFICATE_RENEW;
  if (writes && sending()) return refuse(remembered, AckReason::QUEUE_FULL, kGarbles);
  answer(renewBy(command), remembered);
}

/** The time was known when the deadline was judged. */
Answer Commands::renewBy(const Command& command) {
  uint64_t now = 0;
  clock_.epochMs(now);
  if (command.what == Do::CERTIFICATE_RENEW) return renewal_.ask();
  if (command.what == Do::CERTIFICATE_ISSUER) return renewal_.issuer(command.data);
  if (command.what == Do::CERTIFICATE_INSTALL) return renewal_.install(command.data, now);
  return trust_.trust(command.data, command.offer.signature, command.on);
}

Answer Commands::updateBy(const Command& command) {
  const uint64_t now = clock_.micros();
  if (command.what == Do::UPDATE_BEGIN) return update_.begin(command.offer, now);
  return command.what == Do::UPDATE_DATA ? update_.data(command.at, command.data, now) : update_.end();
}

void Commands::step() {
  update_.step(clock_.micros());
  uint64_t now = 0;
  RadioJob job;
  for (;;) {
    // Anew each time, for the log may take a while. It was known when the job was taken, and a clock that is set stays set.
    clock_.epochMs(now);
    switch (queue_.step(now, job)) {
      case RadioQueue::Step::NOTHING:
        return;
      case RadioQueue::Step::SENT:
        sent(job);
        break;
      case RadioQueue::Step::EXPIRED:
        expire(memory_[job.memory], now - job.deadline);
        break;
    }
  }
}

void Commands::stop() {
  update_.abandon();
  RadioJob job;
  while (queue_.cut(job)) finish(memory_[job.memory], AckOutcome::FAILED);
}

void Commands::sent(const RadioJob& job) {
  Remembered& remembered = memory_[job.memory];
  receiver_.sent(job.code, clock_.micros());
  Happening sent(Event::TRANSMITTED);
  sent.rf = job.code;
  sent.repeat = job.repeat;
  sent.began = job.began;
  sent.tenthsOfMs = tenthsSince(remembered.arrived);
  tell(sent, remembered.ack.id);
  finish(remembered, AckOutcome::TRANSMITTED);
}

void Commands::tell(Happening& happening, const CommandId& id) {
  const CommandIdText text(id);
  happening.id = text.text;
  log_.happened(happening);
}

void Commands::expire(Remembered& remembered, uint64_t lateMs) {
  Happening expired(Event::EXPIRED);
  expired.ms = lateMs;
  tell(expired, remembered.ack.id);
  finish(remembered, AckOutcome::EXPIRED);
}

/** `why` may lie in the flash. */
void Commands::refuse(Remembered& remembered, AckReason reason, const char* why, AckOutcome outcome) {
  char words[96];
  Writer(words, sizeof words).flashText(why);
  Happening refused(Event::REFUSED);
  refused.word = protocol::kAckReasonWords[static_cast<size_t>(reason)];
  refused.text = words;
  tell(refused, remembered.ack.id);
  remembered.ack.hasReason = true;
  remembered.ack.reason = reason;
  finish(remembered, outcome);
}

void Commands::finish(Remembered& remembered, AckOutcome outcome) {
  remembered.ack.outcome = outcome;
  remembered.ack.tenthsOfMs = tenthsSince(remembered.arrived);
  remembered.answered = true;
  // What is not in the memory is an update's.
  const bool update = !remembered.used;
  for (size_t i = 0; i < remembered.waitingCount; i++) outbox_.add(remembered.waiting[i], remembered.ack, update);
  remembered.waitingCount = 0;
}

bool Commands::hasPin(uint8_t pin) const {
  for (size_t i = 0; i < about_.pinCount; i++) {
    if (about_.pins[i] == pin) return true;
  }
  return false;
}

// Rounded down, so that no asker hears of more time than has passed.
uint32_t Commands::tenthsSince(uint32_t arrived) {
  return (static_cast<uint32_t>(clock_.micros()) - arrived) / 100;
}

}  // namespace sconce
