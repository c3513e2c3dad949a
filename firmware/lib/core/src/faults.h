#pragma once

#include <stddef.h>
#include <stdint.h>

#include <fault.h>

#include "writer.h"

namespace sconce {

/** Where the board connects: `host` and `port`; the certificate there must be for `name`. */
struct Broker {
  const char* host;
  uint16_t port;
  const char* name;
};

/** What the words of faults name. `said`: what the library said, for UNKNOWN, or the time servers, for TIME_PAST. */
struct Circumstances {
  Broker broker;
  /** The network's name. */
  const char* wifi;
  /** When the board's own certificate ends, ms since 1970. */
  uint64_t notAfter;
  const char* said;
};

/** For programs, as in services/protocol/src/faults.ts: `port_closed`. */
void faultCode(Writer& code, Fault fault);
/** The fault and its remedy, for people. */
void faultWords(Writer& words, Fault fault, const Circumstances& circumstances);
/** A broker that drops a board for its expired certificate often does so without a word that reaches it. */
Fault clarify(Fault fault, uint64_t notAfter, uint64_t now);

}  // namespace sconce
