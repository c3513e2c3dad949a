#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sconce_protocol.h>

namespace sconce {

/** One radio code as rc-switch counts it; `pulse` in µs. */
struct RfCode {
  uint32_t code;
  uint8_t bits;
  uint8_t protocol;
  uint16_t pulse;
};

/** First the carrier's one state, then the other; µs. */
struct Span {
  uint32_t first;
  uint32_t second;
};

/** The edges of one frame. `firstHigh`: whether each span's first part is high. */
struct Frame {
  Span spans[protocol::kRfBitsMax + 1];
  uint8_t count;
  bool firstHigh;
};

/** Microseconds that a frame takes on the air. */
inline uint32_t airMicros(const Frame& frame) {
  uint32_t sum = 0;
  for (size_t i = 0; i < frame.count; i++) sum += frame.spans[i].first + frame.spans[i].second;
  return sum;
}

/**
 * Transmitter and receiver. Sending goes by a timer's interrupt (on the chip) and never waits: the longest frame that the
 * protocol allows takes 1.7 s, and neither MQTT nor the watchdog may starve meanwhile.
 */
struct Radio {
  /** Begins to send the frame `repeat` times in a row, and returns at once. Never called while sending. */
  virtual void start(const Frame& frame, uint8_t repeat) = 0;
  virtual bool sending() = 0;
  /** Falls silent at once. */
  virtual void stop() = 0;
  /** A frame that was heard, again and again while a button is held, and none from while it was sending; `false`: none. */
  virtual bool heard(RfCode& code) = 0;

 protected:
  ~Radio() = default;
};

}  // namespace sconce
