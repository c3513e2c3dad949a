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

/** For programs, as in services/protocol/src/faults.ts: `port_closed`. */
const char* faultCode(Fault fault);
/**
 * The fault and its remedy, for people. `notAfter`: when the board's own certificate ends, ms since 1970.
 * `said`: what the library said, for UNKNOWN.
 */
void faultWords(Writer& words, Fault fault, const Broker& broker, uint64_t notAfter, const char* said);
/** A broker that drops a board for its expired certificate often does so without a word that reaches it. */
Fault clarify(Fault fault, uint64_t notAfter, uint64_t now);

}  // namespace sconce
