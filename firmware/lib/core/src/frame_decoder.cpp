#include "frame_decoder.h"

namespace sconce {

namespace {

using protocol::Pulses;
using protocol::RadioProtocol;

uint32_t difference(uint32_t a, uint32_t b) {
  return a > b ? a - b : b - a;
}

/** rc-switch's 60 % of a pulse; of longer parts a quarter, because clocks and receivers err in proportion. */
uint32_t tolerance(uint32_t expected, uint32_t pulse) {
  const uint32_t short60 = pulse * 6 / 10, long25 = expected / 4;
  return short60 > long25 ? short60 : long25;
}

/** Whether a bit's first part is nearer to a one's share of the whole bit than to a zero's. */
bool isOne(const RadioProtocol& row, uint32_t first, uint32_t second) {
  const uint32_t zero = row.zero.first, one = row.one.first;
  const uint32_t zeroSum = zero + row.zero.second, oneSum = one + row.one.second;
  // share > (zero / zeroSum + one / oneSum) / 2, without divisions; 600 ms * 2 * 23 * 19 at most, which 32 bits hold.
  const uint32_t share = first * 2 * zeroSum * oneSum, middle = (first + second) * (zero * oneSum + one * zeroSum);
  return one * zeroSum > zero * oneSum ? share > middle : share < middle;
}

}  // namespace

void FrameDecoder::reset() {
  current_ = {0, false, true};
  filled_ = 0;
  lastAt_ = count_;
  last_ = {};
}

bool FrameDecoder::take(const Interval& interval, RfCode& code) {
  if (interval.lost) {
    reset();
    return false;
  }
  const uint32_t micros = interval.micros > EdgeBuffer::kLongest ? EdgeBuffer::kLongest : interval.micros;
  if (!current_.lost && (micros < kGlitch || interval.high == current_.high)) {
    current_.micros = micros > EdgeBuffer::kLongest - current_.micros ? EdgeBuffer::kLongest : current_.micros + micros;
    return false;
  }
  const Interval done = current_;
  current_ = {micros, interval.high, false};
  return !done.lost && add(done, code);
}

bool FrameDecoder::add(const Interval& interval, RfCode& code) {
  history_[count_++ % kHistory] = interval.micros;
  if (filled_ < kHistory) filled_++;
  Packet packet;
  if (interval.high || !findPacket(packet) || !readPacket(packet, code)) return false;
  const bool follows = count_ - lastAt_ == 2 * packet.bits + 2u;
  const bool again = follows && code.code == last_.code && code.bits == last_.bits && code.protocol == last_.protocol;
  last_ = code;
  lastAt_ = count_;
  return again;
}

/** Back from the low that has just ended to the one that is about as long: gaps, if all between them are shorter. */
bool FrameDecoder::findPacket(Packet& packet) const {
  const uint32_t gap = back(0);
  for (size_t distance = 2; distance <= kPartsMax + 1 && distance < filled_; distance += 2) {
    const uint32_t low = back(distance);
    // Protocol 4's gap is only twice its longest low; 7/10 parts them when both err by 15 %.
    if (low < gap * 7 / 10) continue;
    // At a transmission's ends one of the two is silence. Taking the same for every protocol keeps 8 and 9 equal.
    packet = {static_cast<uint8_t>((distance - 2) / 2), low < gap ? low : gap};
    return packet.bits >= kBitsMin;
  }
  return false;
}

bool FrameDecoder::readPacket(const Packet& packet, RfCode& code) const {
  uint32_t least = UINT32_MAX;
  for (uint8_t number = protocol::kRfProtocolMin; number <= protocol::kRfProtocolMax; number++) {
    RfCode candidate = {0, packet.bits, number, 0};
    uint32_t error = 0;
    if (!fits(packet, protocol::kRadioProtocols[number - 1], candidate, error) || error >= least) continue;
    least = error;
    code = candidate;
  }
  return least < UINT32_MAX;
}

/** Reads the bits, measures the pulse by them, then compares each part with what it should be; `error`: µs in all. */
bool FrameDecoder::fits(const Packet& packet, const RadioProtocol& row, RfCode& code, uint32_t& error) const {
  // An inverted frame's sync comes before it on the air: its long part is the gap, its short part is the first.
  const size_t firstBit = row.inverted ? 1 : 0;
  const uint32_t sync = part(packet, row.inverted ? 0 : 2 * size_t{packet.bits});
  const uint32_t syncPulses = row.inverted ? row.sync.second : row.sync.first;
  const uint32_t gapPulses = row.inverted ? row.sync.first : row.sync.second;

  uint32_t micros = sync, pulses = syncPulses;
  for (size_t bit = 0; bit < packet.bits; bit++) {
    const uint32_t first = part(packet, firstBit + 2 * bit), second = part(packet, firstBit + 2 * bit + 1);
    const bool one = isOne(row, first, second);
    const Pulses& expected = one ? row.one : row.zero;
    code.code = code.code << 1 | (one ? 1 : 0);
    micros += first + second;
    pulses += uint32_t{expected.first} + expected.second;
  }
  const uint32_t pulse = (micros + pulses / 2) / pulses;
  if (pulse < protocol::kRfPulseMin || pulse > protocol::kRfPulseMax) return false;
  code.pulse = static_cast<uint16_t>(pulse);

  const auto near = [&](uint32_t heard, uint32_t expectedPulses) {
    const uint32_t expected = expectedPulses * pulse, off = difference(heard, expected);
    error += off;
    return off < tolerance(expected, pulse);
  };
  if (!near(packet.gap, gapPulses)) return false;
  // The gap, as long as many bits, must not outvote them.
  error /= 4;
  if (!near(sync, syncPulses)) return false;
  for (size_t bit = 0; bit < packet.bits; bit++) {
    const Pulses& expected = code.code >> (packet.bits - 1 - bit) & 1 ? row.one : row.zero;
    if (!near(part(packet, firstBit + 2 * bit), expected.first)) return false;
    if (!near(part(packet, firstBit + 2 * bit + 1), expected.second)) return false;
  }
  return true;
}

RfCode heardAs(const RfCode& code) {
  RfCode heard = code;
  if (code.protocol == 12) heard.protocol = 11;
  // 8 and 9 are each other's inverse: 9's short sync looks like a first 0 of 8, and a last 1 of 9 like 8's short sync.
  if (code.protocol == 9 && (code.code & 1)) {
    heard.protocol = 8;
    heard.code = code.code >> 1;
  }
  return heard;
}

}  // namespace sconce
