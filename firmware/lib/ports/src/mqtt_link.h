#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

namespace sconce {

/** Retained, QoS 1. Must stay where it is until the connection is up or lost. */
struct Will {
  const char* topic;
  const char* payload;
  size_t length;
};

struct LinkEvent {
  enum class Kind : uint8_t {
    NOTHING,
    /** The TLS handshake is done; `handshakeMs`. */
    SECURED,
    /** The broker has let us in (CONNACK). */
    ACCEPTED,
    /** The broker has acknowledged the subscription. */
    SUBSCRIBED,
    /** It has acknowledged the publication `packet`. */
    PUBLISHED,
    /** `payload` and `length`, valid until the next call of any method. */
    MESSAGE,
    /** The connection, or the attempt at one, is over; `fault`, and `said` where the fault is UNKNOWN. */
    LOST,
  };
  Kind kind = Kind::NOTHING;
  Fault fault = Fault::UNKNOWN;
  uint16_t packet = 0;
  uint32_t handshakeMs = 0;
  const char* payload = nullptr;
  size_t length = 0;
  const char* said = "";
};

/**
 * MQTT 3.1.1 over mutual TLS 1.2, clean session, QoS 1. The adapter knows the identity and where the broker is, and
 * checks the broker's name. Events are fetched, never called back: publishing in a callback overwrites the message in
 * the buffer of both PubSubClients.
 */
struct MqttLink {
  /** Begins to connect; poll() says how it goes. */
  virtual void connect(const Will& will) = 0;
  virtual bool subscribe(const char* topic) = 0;
  /** The packet's number, which PUBLISHED will bear; for QoS 0 any number but 0. 0: it could not be taken. */
  virtual uint16_t publish(const char* topic, const char* payload, size_t length, uint8_t qos, bool retain) = 0;
  /** Works for a moment, without waiting, and gives what has happened. */
  virtual LinkEvent poll() = 0;
  /** Says DISCONNECT, so that the broker keeps the will to itself, and hangs up. No LOST follows. */
  virtual void disconnect() = 0;
  /** Hangs up without a word. No LOST follows. */
  virtual void drop() = 0;

 protected:
  ~MqttLink() = default;
};

}  // namespace sconce
