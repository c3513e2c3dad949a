#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "frame_decoder.h"
#include "timings.h"
#include "vectors.h"

using namespace sconce;

namespace {

/** "[1,2,3]", or "null", which has none. */
std::vector<uint32_t> numbers(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; }, ' ');
  std::istringstream words(text);
  std::vector<uint32_t> all;
  for (uint32_t number; words >> number;) all.push_back(number);
  return all;
}

RfCode rfCode(const std::vector<uint32_t>& of) {
  return {of[0], static_cast<uint8_t>(of[1]), static_cast<uint8_t>(of[2]), static_cast<uint16_t>(of[3])};
}

std::vector<uint32_t> edgesOf(const Frame& frame) {
  std::vector<uint32_t> edges;
  for (size_t i = 0; i < frame.count; i++) edges.insert(edges.end(), {frame.spans[i].first, frame.spans[i].second});
  return edges;
}

/** The edges `times` in a row, between two silences. */
std::vector<RfCode> hear(const std::vector<uint32_t>& edges, bool firstHigh, uint32_t times) {
  FrameDecoder decoder;
  std::vector<RfCode> heard;
  RfCode code;
  const auto take = [&](uint32_t micros, bool high) {
    if (decoder.take({micros, high, false}, code)) heard.push_back(code);
  };
  take(EdgeBuffer::kLongest, false);
  for (uint32_t i = 0; i < times; i++) {
    for (size_t at = 0; at < edges.size(); at++) take(edges[at], (at % 2 == 0) == firstHigh);
  }
  take(EdgeBuffer::kLongest, false);
  take(EdgeBuffer::kLongest, true);
  return heard;
}

}  // namespace

TEST_CASE("radio: each code of the samples has its edges, is heard as it should be, and noise is nothing") {
  for (Sample& sample : readVectors("radio")) {
    CAPTURE(sample["why"]);
    const std::vector<uint32_t> sent = numbers(sample["sent"]), edges = numbers(sample["edges"]), as = numbers(sample["heard"]);
    const bool firstHigh = sample["firstHigh"] == "true";
    const uint32_t times = numbers(sample["times"]).at(0);
    REQUIRE(edges.size() > 8);
    if (!sent.empty()) {
      Frame frame;
      makeFrame(rfCode(sent), frame);
      CHECK(frame.firstHigh == firstHigh);
      CHECK(edgesOf(frame) == edges);
    }
    const std::vector<RfCode> heard = hear(edges, firstHigh, times);
    CHECK(heard.empty() == as.empty());
    if (!as.empty()) CHECK(heard.size() + 2 >= times);
    for (const RfCode& code : heard) {
      CHECK(std::vector<uint32_t>{code.code, code.bits, code.protocol, code.pulse} == as);
    }
  }
}
