// codec: the firmware's makeFrame() and FrameDecoder for a program that speaks to it line by line, a line of answer for each
// line of question, so that another implementation can be held against them.
//
//   encode <code> <bits> <protocol> <pulse>     high|low <µs> <µs> ...: a frame's edges, and the first one's level
//   decode high|low <µs> <µs> ...               <code>/<bits>/<protocol>/<pulse> ...: what is heard, silence after it
#include <iostream>
#include <sstream>
#include <string>

#include "edge_buffer.h"
#include "frame_decoder.h"
#include "timings.h"

namespace {

using namespace sconce;

bool encode(std::istream& words, std::ostream& answer) {
  unsigned bits, protocol, pulse;
  RfCode code = {};
  if (!(words >> code.code >> bits >> protocol >> pulse)) return false;
  if (bits < protocol::kRfBitsMin || bits > protocol::kRfBitsMax || protocol < protocol::kRfProtocolMin ||
      protocol > protocol::kRfProtocolMax || pulse < protocol::kRfPulseMin || pulse > protocol::kRfPulseMax) {
    return false;
  }
  code.bits = static_cast<uint8_t>(bits);
  code.protocol = static_cast<uint8_t>(protocol);
  code.pulse = static_cast<uint16_t>(pulse);
  Frame frame;
  makeFrame(code, frame);
  answer << (frame.firstHigh ? "high" : "low");
  for (size_t i = 0; i < frame.count; i++) answer << ' ' << frame.spans[i].first << ' ' << frame.spans[i].second;
  return true;
}

bool decode(std::istream& words, std::ostream& answer) {
  std::string level;
  if (!(words >> level) || (level != "high" && level != "low")) return false;
  FrameDecoder decoder;
  const char* space = "";
  const auto take = [&](bool high, uint32_t micros) {
    RfCode code;
    if (!decoder.take({micros, high, false}, code)) return;
    answer << space << code.code << '/' << int{code.bits} << '/' << int{code.protocol} << '/' << code.pulse;
    space = " ";
  };
  bool high = level == "high";
  for (uint32_t micros; words >> micros; high = !high) take(high, micros);
  // The edge after the silence tells that it was no glitch.
  take(false, EdgeBuffer::kLongest);
  take(true, EdgeBuffer::kLongest);
  return words.eof();
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line, word; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::ostringstream answer;
    words >> word;
    if (!(word == "encode" ? encode(words, answer) : word == "decode" && decode(words, answer))) {
      std::cerr << "codec: cannot read: " << line << '\n';
      return 2;
    }
    std::cout << answer.str() << '\n';
  }
}
