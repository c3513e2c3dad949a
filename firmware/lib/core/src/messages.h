#pragma once

#include <stddef.h>
#include <stdint.h>

#include <machine.h>
#include <radio.h>
#include <sconce_protocol.h>

#include "ids.h"

namespace sconce {

/** Large enough for info, the largest that a board says. */
constexpr size_t kMessageBytes = 800;
/** Info.lastError may be as long as this. */
constexpr size_t kLastErrorCharacters = 200;

struct Ack {
  CommandId id;
  protocol::AckOutcome outcome;
  /** Valid if `hasReason`. */
  protocol::AckReason reason;
  bool hasReason;
  /** From the command's arrival to its end, in tenths of a millisecond. */
  uint32_t tenthsOfMs;
};

/** What does not change while the board runs. */
struct About {
  const char* firmware;
  const char* hardware;
  const char* resetReason;
  const uint8_t* pins;
  size_t pinCount;
  /** It has crashed too often: no radio, no pins. */
  bool safeMode;
};

/** Authorities that a board trusts, at most. */
constexpr size_t kTrustsMost = 2;
/** Of an authority's SHA-256, as info tells it. */
constexpr size_t kFingerprintDigits = 16;

/** The board's certificate and whom it trusts: what changes when the household renews them. */
struct Standing {
  /** When its certificate ends, ms since 1970. */
  uint64_t notAfter = 0;
  /** RFC 5280: a serial number has 20 bytes at most. Empty: not known. */
  char serial[41] = "";
  char trusts[kTrustsMost][kFingerprintDigits + 1];
  size_t trustCount = 0;
};

/** Of an answer that has nothing to go on from. */
constexpr uint32_t kNowhere = UINT32_MAX;

/** Each writes JSON into the buffer and gives its length; 0 if it does not fit or a value is outside the protocol's bounds. */
/** `at`: from which byte of the firmware to go on, or kNowhere. */
size_t formatAck(char* buffer, size_t capacity, const Ack& ack, uint32_t at = kNowhere);
size_t formatStatus(char* buffer, size_t capacity, bool online, uint64_t since);
/** `lastError`: empty for none. */
size_t formatInfo(char* buffer, size_t capacity, const About& about, const Standing& standing, const char* lastError);
/** `learning`: heard during a learning window. */
size_t formatReceived(char* buffer, size_t capacity, const RfCode& code, bool learning);
size_t formatTelemetry(char* buffer, size_t capacity, const Vitals& vitals, uint64_t uptimeSeconds, uint32_t handshakeMs);

}  // namespace sconce
