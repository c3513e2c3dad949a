#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>
#include <sconce_protocol.h>

#include "base64.h"
#include "ids.h"

namespace sconce {

/** New firmware, in the words of whoever offers it. */
struct FirmwareOffer {
  uint32_t size;
  uint8_t sha256[32];
  /** ms since 1970. */
  uint64_t signedAt;
  Base64 signature;
};

/**
 * A command that is well formed. `rf` and `repeat` belong to RF_SEND, `seconds` to RF_LEARN, `pin` and `on` to PIN_SET,
 * `offer` to UPDATE_BEGIN, `at` and `data` to UPDATE_DATA; `data` as the certificate to CERTIFICATE_ISSUER, …_INSTALL and
 * AUTHORITY_TRUST, to the last also `offer.signature` and, as `alone`, `on`. Base64 stays in the payload: valid for as
 * long as that is.
 */
struct Command {
  CommandId id;
  ReplicaId replyTo;
  /** ms since 1970; not carried out at or after it. */
  uint64_t deadline;
  protocol::Do what;
  RfCode rf;
  uint8_t repeat;
  uint8_t seconds;
  uint8_t pin;
  bool on;
  FirmwareOffer offer;
  uint32_t at;
  Base64 data;
};

struct Reading {
  enum class Kind : uint8_t {
    COMMAND,
    /** `command.id` and `command.replyTo` say whom to answer, `reason` what. */
    REFUSED,
    /** Nobody can be answered. */
    UNREADABLE,
  };
  Kind kind;
  protocol::AckReason reason;
  Command command;
  /** What is wrong with it, in words, for the record. */
  char why[80];
};

/** Reads a payload of the command topic. Unknown keys are refused, and keys that stand there twice. */
void readCommand(const char* payload, size_t length, Reading& reading);

}  // namespace sconce
