#include "timings.h"

namespace sconce {

const RadioProtocol kRadioProtocols[protocol::kRfProtocolMax] = {
    {{1, 31}, {1, 3}, {3, 1}, false},
    {{1, 10}, {1, 2}, {2, 1}, false},
    {{30, 71}, {4, 11}, {9, 6}, false},
    {{1, 6}, {1, 3}, {3, 1}, false},
    {{6, 14}, {1, 2}, {2, 1}, false},
    {{23, 1}, {1, 2}, {2, 1}, true},       // HT6P20B
    {{2, 62}, {1, 6}, {6, 1}, false},      // HS2303-PT
    {{3, 130}, {7, 16}, {3, 16}, false},   // Conrad RS-200, receiver
    {{130, 7}, {16, 7}, {16, 3}, true},    // Conrad RS-200, transmitter
    {{18, 1}, {3, 1}, {1, 3}, true},       // 1ByOne doorbell
    {{36, 1}, {1, 2}, {2, 1}, true},       // HT12E
    {{36, 1}, {1, 2}, {2, 1}, true},       // SM5212
};

void makeFrame(const RfCode& code, Frame& frame) {
  const RadioProtocol& row = kRadioProtocols[code.protocol - 1];
  const auto span = [&](const Pulses& pulses) {
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
