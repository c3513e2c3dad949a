#include "timings.h"

namespace sconce {

void makeFrame(const RfCode& code, Frame& frame) {
  const protocol::RadioProtocol& row = protocol::kRadioProtocols[code.protocol - 1];
  const auto span = [&](const protocol::Pulses& pulses) {
    return Span{static_cast<uint32_t>(pulses.first) * code.pulse, static_cast<uint32_t>(pulses.second) * code.pulse};
  };
  frame.count = 0;
  frame.firstHigh = !row.inverted;
  for (unsigned bit = code.bits; bit > 0; bit--) {
    frame.spans[frame.count++] = span((code.code >> (bit - 1)) & 1 ? row.one : row.zero);
  }
  frame.spans[frame.count++] = span(row.sync);
}

}  // namespace sconce
