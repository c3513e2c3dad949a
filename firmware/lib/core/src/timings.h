#pragma once

#include <stdint.h>

#include <radio.h>

namespace sconce {

/** Lengths in pulses. */
struct Pulses {
  uint8_t first;
  uint8_t second;
};

/** A row of rc-switch's table. `inverted`: the first part of each pair is low. */
struct RadioProtocol {
  Pulses sync;
  Pulses zero;
  Pulses one;
  bool inverted;
};

/** rc-switch 2.6.4's protocols; [0] is number 1. */
extern const RadioProtocol kRadioProtocols[protocol::kRfProtocolMax];

/** The edges of a frame: its bits, the highest first, then the sync. `code` must be within the protocol's bounds. */
void makeFrame(const RfCode& code, Frame& frame);

}  // namespace sconce
