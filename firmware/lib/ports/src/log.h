#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sconce_protocol.h>

#include "radio.h"

namespace sconce {

/** Something that has happened on the board, for whoever watches. Pointers are valid during the call only. */
struct Happening {
  enum class Event : uint8_t {
    CONNECTED,
    DISCONNECTED,
    COMMAND,
    TRANSMITTED,
    LEARN,
    PIN,
    IDENTIFY,
    RESTART,
    RECEIVED,
    REFUSED,
    EXPIRED,
    DUPLICATE,
    ERROR,
    RENEWAL,
  };
  /**
   * The board has asked for a certificate; has one, and connects anew with it; tries the other one that it has, since this
   * one is refused; trusts other authorities than before.
   */
  enum class Renewal : uint8_t { RENEW, INSTALLED, FORMER, TRUSTED };
  explicit Happening(Event what) : event(what) {}

  Event event;
  /** The command's id; empty where nobody could be answered. */
  const char* id = "";
  /** What was asked (COMMAND), the reason (REFUSED), the fault's code (ERROR), where to (CONNECTED). */
  const char* word = "";
  /** REFUSED, DISCONNECTED: why; ERROR: the fault and its remedy, in words. */
  const char* text = "";
  RfCode rf = {0, 0, 0, 0};
  uint8_t repeat = 0;
  /** When the first frame began, ms since 1970. */
  uint64_t began = 0;
  /** From the command's arrival to the end of sending, in tenths of a millisecond. */
  uint64_t tenthsOfMs = 0;
  /** CONNECTED: the handshake; EXPIRED: how late; LEARN: how long; DISCONNECTED: until the next try, 0 for none. */
  uint64_t ms = 0;
  uint8_t pin = 0;
  /** PIN: on or off; RECEIVED: whether it was learning. */
  bool on = false;
  Renewal renewal = Renewal::RENEW;
};

/** On the chip the serial line, on the host the record. Told before the command in question is answered. */
struct Log {
  virtual void happened(const Happening& happening) = 0;

 protected:
  ~Log() = default;
};

}  // namespace sconce
