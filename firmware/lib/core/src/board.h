#pragma once

#include <stddef.h>
#include <stdint.h>

#include <clock.h>
#include <credentials.h>
#include <firmware_slot.h>
#include <keys.h>
#include <log.h>
#include <machine.h>
#include <mqtt_link.h>
#include <network.h>
#include <pins.h>
#include <radio.h>
#include <random.h>
#include <store.h>

#include "backoff.h"
#include "boots.h"
#include "checked_clock.h"
#include "commands.h"
#include "faults.h"
#include "light.h"
#include "messages.h"
#include "outbox.h"
#include "receiver.h"
#include "renewal.h"
#include "topics.h"
#include "trust.h"

namespace sconce {

struct Ports {
  Clock& clock;
  Network& network;
  MqttLink& link;
  Radio& radio;
  Pins& pins;
  Store& store;
  FirmwareSlot& slot;
  Keys& keys;
  Credentials& credentials;
  Random& random;
  Machine& machine;
  Log& log;
};

struct Settings {
  const char* device;
  Broker broker;
  /** The network's name, for words. */
  const char* wifi;
  BackoffBounds backoff;
  /** When the firmware was built, ms since 1970: no time before it is believed, no firmware of before taken. */
  uint64_t builtAt;
  About about;
};

/** One board. Everything it needs is in here; step() is called again and again and never waits. */
class Board {
 public:
  /** The way up is WIFI → TIME → TLS → MQTT → SUBSCRIBING → SERVING; a fault leads to WAITING and back to WIFI. */
  enum class State : uint8_t { WIFI, TIME, TLS, MQTT, SUBSCRIBING, SERVING, WAITING, LEAVING, STOPPED };

  /** All must outlive the board. */
  Board(const Ports& ports, const Settings& settings, Boots& boots);

  void step();
  /** Falls silent, says goodbye and disconnects, for good: STOPPED follows within 1.5 s, whatever the broker does. */
  void stop();
  State state() const { return state_; }

 private:
  void advance();
  void join();
  void withoutTime();
  void dial();
  void listen();
  void take(const LinkEvent& event);
  void up();
  void lost(Fault fault, const char* said);
  void leave();
  void left();
  void renew();
  bool mustChangeOver() const;
  void tellRenewal(Happening::Renewal step);
  void restart(Restart why);
  void hear();
  void tellInfo();
  void tellTelemetry();
  void flush();
  uint16_t publish(const char* topicFormat, size_t length, uint8_t qos, bool retain);
  Signal signal() const;
  void awaitUntil(uint32_t ms) { due_ = clock_.micros() + uint64_t{ms} * 1000; }
  bool isDue() { return clock_.micros() >= due_; }

  const Ports& ports_;
  const Settings& settings_;
  Boots& boots_;
  CheckedClock clock_;
  Light light_;
  Receiver receiver_;
  Outbox outbox_;
  Renewal renewal_;
  Trust trust_;
  Commands commands_;
  /** Waiting for nothing: the first step begins. */
  State state_ = State::WAITING;
  bool stopping_ = false;
  /** While WAITING. */
  Signal waitsFor_ = Signal::NO_WIFI;
  uint32_t tries_ = 0;
  uint64_t startedAt_;
  /** When there last was a network. */
  uint64_t networkAt_;
  uint64_t upAt_ = 0;
  /** When the present state is given up, left, or (SERVING) says its telemetry; by the clock's micros. */
  uint64_t due_ = 0;
  /** When this connection began, ms since 1970. */
  uint64_t since_ = 0;
  uint32_t handshakeMs_ = 0;
  uint16_t goodbye_ = 0;
  char topic_[kTopicBytes];
  char willTopic_[kTopicBytes];
  char will_[64];
  char message_[kMessageBytes];
  /** Longer than what info takes: a long network's or broker's name is cut there, not here. */
  char lastError_[kLastErrorCharacters + 56];
};

}  // namespace sconce
