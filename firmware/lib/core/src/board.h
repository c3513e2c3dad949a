#pragma once

#include <stddef.h>
#include <stdint.h>

#include <clock.h>
#include <log.h>
#include <machine.h>
#include <mqtt_link.h>
#include <pins.h>
#include <radio.h>
#include <random.h>

#include "backoff.h"
#include "commands.h"
#include "faults.h"
#include "messages.h"
#include "outbox.h"
#include "receiver.h"
#include "topics.h"

namespace sconce {

struct Ports {
  Clock& clock;
  MqttLink& link;
  Radio& radio;
  Pins& pins;
  Random& random;
  Machine& machine;
  Log& log;
};

struct Settings {
  const char* device;
  Broker broker;
  BackoffBounds backoff;
  About about;
};

/** One board. Everything it needs is in here; step() is called again and again and never waits. */
class Board {
 public:
  /** The way up is WIFI → TIME → TLS → MQTT → SUBSCRIBING → SERVING; a fault leads to WAITING and back to WIFI. */
  enum class State : uint8_t { WIFI, TIME, TLS, MQTT, SUBSCRIBING, SERVING, WAITING, LEAVING, STOPPED };

  /** Both must outlive the board. */
  Board(const Ports& ports, const Settings& settings);

  void step();
  /** Falls silent, says goodbye and disconnects, for good: STOPPED follows within 1.5 s, whatever the broker does. */
  void stop();
  State state() const { return state_; }

 private:
  void dial();
  void listen();
  void take(const LinkEvent& event);
  void up();
  void lost(Fault fault, const char* said);
  void leave();
  void left();
  void hear();
  void tellTelemetry();
  uint16_t publish(const char* topicFormat, size_t length, uint8_t qos, bool retain);
  void awaitUntil(uint32_t ms) { due_ = ports_.clock.micros() + uint64_t{ms} * 1000; }
  bool isDue() { return ports_.clock.micros() >= due_; }

  const Ports& ports_;
  const Settings& settings_;
  Receiver receiver_;
  Outbox outbox_;
  Commands commands_;
  State state_ = State::WIFI;
  bool stopping_ = false;
  uint32_t tries_ = 0;
  uint64_t startedAt_;
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
  char lastError_[320];
};

}  // namespace sconce
