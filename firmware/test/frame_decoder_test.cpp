#include <doctest/doctest.h>

#include <algorithm>

#include "air.h"
#include "frame_decoder.h"
#include "listener.h"

using namespace sconce;

namespace {

constexpr uint8_t kFrames = 6;

bool same(const RfCode& a, const RfCode& b) {
  return a.code == b.code && a.bits == b.bits && a.protocol == b.protocol;
}

/** Parts in the order of time; equal levels that meet are one part. */
struct Air {
  Parts parts;
  void add(bool high, uint32_t micros) {
    if (!parts.empty() && parts.back().high == high) parts.back().micros += micros;
    else parts.push_back({high, micros});
  }
  void add(const Parts& more) {
    for (const Part& part : more) add(part.high, part.micros);
  }
  /** A super-regenerative receiver without a signal: levels of random lengths, short ones for the most part. */
  void noise(Chance& chance, uint64_t micros) {
    for (uint64_t spent = 0; spent < micros;) {
      const uint32_t longest = chance.from(0, 9) == 0 ? 6000 : 600;
      const uint32_t length = chance.from(10, longest);
      add(parts.empty() || !parts.back().high, length);
      spent += length;
    }
  }
  void silence(uint32_t micros) { add(false, micros); }
};

/** Each part up to `percent` longer or shorter. */
Parts jitter(Parts parts, Chance& chance, uint32_t percent) {
  for (Part& part : parts) part.micros = part.micros * chance.from(100 - percent, 100 + percent) / 100;
  return parts;
}

/** Every tenth part is interrupted by a glitch of the other level. */
Parts glitches(const Parts& parts, Chance& chance) {
  Parts torn;
  for (const Part& part : parts) {
    const uint32_t glitch = chance.from(5, FrameDecoder::kGlitch - 1);
    const uint32_t before = FrameDecoder::kGlitch + 5;
    if (chance.from(0, 9) > 0 || part.micros < before + glitch + FrameDecoder::kGlitch) {
      torn.push_back(part);
      continue;
    }
    torn.push_back({part.high, before});
    torn.push_back({!part.high, glitch});
    torn.push_back({part.high, part.micros - before - glitch});
  }
  return torn;
}

/** Two parts become one: an interrupt that never came. */
Parts loseEdge(Parts parts, Chance& chance) {
  const size_t at = chance.from(1, static_cast<uint32_t>(parts.size() - 1));
  parts[at].high = !parts[at].high;
  return parts;
}

/** What the decoder gives, through the buffer, as on the board. */
std::vector<RfCode> decode(const Air& air) {
  Listener listener;
  std::vector<RfCode> heard;
  uint32_t now = 4294900000u;
  RfCode code;
  for (const Part& part : air.parts) {
    listener.edge(part.high, now);
    now += part.micros;
    while (listener.heard(false, code)) heard.push_back(code);
  }
  // The next edge, and one more, which tells that it was no glitch.
  for (const bool high : {!air.parts.back().high, air.parts.back().high}) listener.edge(high, now += 1000);
  while (listener.heard(false, code)) heard.push_back(code);
  return heard;
}

size_t count(const std::vector<RfCode>& heard, const RfCode& code) {
  return static_cast<size_t>(std::count_if(heard.begin(), heard.end(), [&](const RfCode& one) { return same(one, code); }));
}

struct Tally {
  size_t rightly = 0, wrongly = 0, presses = 0, pulsesOff = 0;
  void press(const std::vector<RfCode>& heard, const RfCode& code) {
    const size_t right = count(heard, heardAs(code));
    rightly += right;
    wrongly += heard.size() - right;
    presses += right > 0;
    for (const RfCode& one : heard) {
      if (same(one, heardAs(code)) && (one.pulse < code.pulse * 0.9 || one.pulse > code.pulse * 1.1)) pulsesOff++;
    }
  }
};

}  // namespace

TEST_CASE("decoder: every protocol, 1,000 random codes each, comes back as it was sent, with its pulse") {
  Chance chance(433);
  for (uint8_t protocol = 1; protocol <= 12; protocol++) {
    CAPTURE(protocol);
    for (int i = 0; i < 1000; i++) {
      const RfCode code = chance.code(protocol);
      CAPTURE(code.code);
      CAPTURE(code.bits);
      CAPTURE(code.pulse);
      Air air;
      air.silence(10000);
      air.add(play(code, kFrames));
      const std::vector<RfCode> heard = decode(air);
      // The first frame makes no pair; an inverted one begins in the silence before it, and cannot be read either.
      REQUIRE(heard.size() >= kFrames - 3u);
      for (const RfCode& one : heard) {
        REQUIRE(same(one, heardAs(code)));
        REQUIRE(one.pulse == code.pulse);
      }
    }
  }
}

TEST_CASE("decoder: with every part up to 15 % off, between noise, it hears the press and never another code") {
  Chance chance(15);
  Tally tally;
  for (uint8_t protocol = 1; protocol <= 12; protocol++) {
    for (int i = 0; i < 1000; i++) {
      const RfCode code = chance.code(protocol);
      Air air;
      air.noise(chance, 30000);
      air.add(jitter(play(code, kFrames), chance, 15));
      air.noise(chance, 30000);
      tally.press(decode(air), code);
    }
  }
  CHECK(tally.presses == 12000);
  CHECK(tally.wrongly == 0);
  CHECK(tally.pulsesOff == 0);
}

TEST_CASE("decoder: parts 10 % off, glitches, a lost edge and two remotes in turn") {
  Chance chance(10);
  Tally tally;
  for (int i = 0; i < 3000; i++) {
    const uint8_t protocol = static_cast<uint8_t>(1 + i % 12);
    const RfCode first = chance.code(protocol), second = chance.code(static_cast<uint8_t>(chance.from(1, 12)));
    Air air;
    air.noise(chance, 20000);
    air.add(glitches(loseEdge(jitter(play(first, 8), chance, 10), chance), chance));
    air.add(glitches(loseEdge(jitter(play(second, 8), chance, 10), chance), chance));
    air.noise(chance, 20000);
    const std::vector<RfCode> heard = decode(air);
    tally.press(heard, first);
    tally.press(heard, second);
    // Each press counts the other's frames as wrong ones.
    tally.wrongly -= count(heard, heardAs(first)) + count(heard, heardAs(second));
  }
  CHECK(tally.presses == 6000);
  CHECK(tally.wrongly == 0);
}

TEST_CASE("decoder: frames that differ by a bit each time are no code at all") {
  Chance chance(2);
  for (int i = 0; i < 1200; i++) {
    RfCode code = chance.code(static_cast<uint8_t>(1 + i % 12));
    Air air;
    air.silence(10000);
    for (int frame = 0; frame < 8; frame++) {
      air.add(play(code, 1));
      // Never the highest or lowest bit: 8 and 9 trade those.
      code.code ^= 2u << (frame % (code.bits - 2));
    }
    REQUIRE(decode(air).empty());
  }
}

TEST_CASE("decoder: a minute of noise says nothing") {
  Chance chance(60);
  size_t heard = 0;
  for (int second = 0; second < 60; second++) {
    Air air;
    air.noise(chance, 1000000);
    heard += decode(air).size();
  }
  CHECK(heard == 0);
}

TEST_CASE("decoder: what is the same on the air goes by the lower protocol's name") {
  const struct { RfCode sent, heard; } cases[] = {
      {{5393, 24, 12, 320}, {5393, 24, 11, 320}}, {{5393, 24, 9, 200}, {2696, 24, 8, 200}},
      {{UINT32_MAX, 32, 9, 200}, {INT32_MAX, 32, 8, 200}}, {{5392, 24, 9, 200}, {5392, 24, 9, 200}},
      {{5393, 24, 11, 320}, {5393, 24, 11, 320}}, {{5393, 24, 8, 200}, {5393, 24, 8, 200}},
  };
  for (const auto& [sent, as] : cases) {
    CAPTURE(int(sent.protocol));
    CHECK(same(heardAs(sent), as));
    Air air;
    air.silence(10000);
    air.add(play(sent, 4));
    const std::vector<RfCode> heard = decode(air);
    REQUIRE(!heard.empty());
    CHECK(same(heard.back(), as));
  }
}

TEST_CASE("decoder: 8 bits are the fewest") {
  for (const auto& [bits, pairs] : {std::pair{7, 0u}, {8, kFrames - 1u}}) {
    Air air;
    air.silence(10000);
    air.add(play({5, static_cast<uint8_t>(bits), 1, 350}, kFrames));
    CHECK(decode(air).size() == pairs);
  }
}

TEST_CASE("decoder: what the buffer lost makes it begin anew") {
  FrameDecoder decoder;
  const Parts frame = play({5393, 24, 1, 350}, 1);
  RfCode code;
  const auto hear = [&] {
    size_t heard = 0;
    for (const Part& part : frame) heard += decoder.take({part.micros, part.high, false}, code);
    return heard;
  };
  decoder.take({10000, false, false}, code);
  CHECK(hear() + hear() == 0);
  CHECK(hear() == 1);
  CHECK(hear() == 1);
  decoder.take({0, false, true}, code);
  CHECK(hear() + hear() + hear() == 0);
  CHECK(hear() == 1);
}

TEST_CASE("listener: nothing of what the board itself sends, and a remote right after it") {
  Chance chance(4);
  for (uint8_t protocol = 1; protocol <= 12; protocol++) {
    CAPTURE(protocol);
    const RfCode own = chance.code(protocol), remote = chance.code(1);
    Listener listener;
    uint32_t now = 0;
    RfCode code;
    const auto hear = [&](const Parts& parts) {
      for (const Part& part : parts) {
        listener.edge(part.high, now);
        now += part.micros;
      }
    };
    size_t heard = 0;
    listener.deafen();
    // The loop comes round during some frames only: once long before the end, and then after it.
    hear(play(own, 3));
    CHECK_FALSE(listener.heard(true, code));
    hear(play(own, 3));
    CHECK_FALSE(listener.heard(false, code));
    for (int frame = 0; frame < 5; frame++) {
      hear(play(remote, 1));
      while (listener.heard(false, code)) heard += same(code, remote) ? 1 : 100;
    }
    CHECK(heard >= 2);
    CHECK(heard <= 4);
  }
}
