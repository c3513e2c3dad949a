#pragma once

#include <stdint.h>

#include <radio.h>

#include "edge_buffer.h"
#include "frame_decoder.h"

namespace sconce {

/**
 * The receiver's side of a radio. The board is deaf while it sends: its own transmitter, a few centimetres away, drowns
 * everything, and its own frames are not to be reported, not even by the name of another protocol.
 *
 *     interrupt at each edge:  listener.edge(pin is high, micros());
 *     Radio::start():          listener.deafen(); ...
 *     Radio::heard(code):      return listener.heard(sending(), code);
 */
class Listener {
 public:
  /** For the interrupt; like EdgeBuffer::edge(). */
  void edge(bool high, uint32_t now);
  /** Sending begins. Everything is forgotten that comes until the first call of heard() that finds it over. */
  void deafen() { deaf_ = true; }
  /** The next frame that was heard twice in a row; `false`: none so far. Looks at kSize intervals at most. */
  bool heard(bool sending, RfCode& code);

 private:
  EdgeBuffer buffer_;
  FrameDecoder decoder_;
  bool deaf_ = false;
};

}  // namespace sconce
