#include <doctest/doctest.h>

#include "air.h"

using namespace sconce;

namespace {

/** rc-switch 2.6.4's table in pulses: sync, zero, one, inverted. Typed from its documentation, not from ours. */
const struct { uint32_t sync[2], zero[2], one[2]; bool inverted; } documented[12] = {
    {{1, 31}, {1, 3}, {3, 1}, false},   {{1, 10}, {1, 2}, {2, 1}, false},   {{30, 71}, {4, 11}, {9, 6}, false},
    {{1, 6}, {1, 3}, {3, 1}, false},    {{6, 14}, {1, 2}, {2, 1}, false},   {{23, 1}, {1, 2}, {2, 1}, true},
    {{2, 62}, {1, 6}, {6, 1}, false},   {{3, 130}, {7, 16}, {3, 16}, false}, {{130, 7}, {16, 7}, {16, 3}, true},
    {{18, 1}, {3, 1}, {1, 3}, true},    {{36, 1}, {1, 2}, {2, 1}, true},    {{36, 1}, {1, 2}, {2, 1}, true},
};

/** Bits from the highest, then the sync; of inverted protocols the first part is low. */
Parts expected(const RfCode& code, uint8_t repeat) {
  const auto& row = documented[code.protocol - 1];
  Parts parts;
  const auto pair = [&](const uint32_t (&pulses)[2]) {
    parts.push_back({!row.inverted, pulses[0] * code.pulse});
    parts.push_back({row.inverted, pulses[1] * code.pulse});
  };
  for (int i = 0; i < repeat; i++) {
    for (int bit = code.bits - 1; bit >= 0; bit--) pair(code.code >> bit & 1 ? row.one : row.zero);
    pair(row.sync);
  }
  return parts;
}

uint64_t sum(const Parts& parts) {
  uint64_t micros = 0;
  for (const Part& part : parts) micros += part.micros;
  return micros;
}

}  // namespace

TEST_CASE("player: every protocol's edges, to the microsecond, as rc-switch documents them") {
  for (uint8_t protocol = 1; protocol <= 12; protocol++) {
    for (uint8_t bits = 1; bits <= 32; bits++) {
      const uint32_t ones = UINT32_MAX >> (32 - bits);
      for (const uint32_t code : {0u, ones, 0x5A5AA5A5u & ones, 5393u & ones, 1u}) {
        for (const uint16_t pulse : {uint16_t{50}, uint16_t{99}, uint16_t{350}, uint16_t{2000}}) {
          for (const uint8_t repeat : {uint8_t{1}, uint8_t{2}, uint8_t{40}}) {
            const RfCode rf = {code, bits, protocol, pulse};
            REQUIRE(play(rf, repeat, 4294967000u) == expected(rf, repeat));
          }
        }
      }
    }
  }
}

TEST_CASE("player: low at its end, and no longer playing when the last part is over") {
  for (uint8_t protocol = 1; protocol <= 12; protocol++) {
    CAPTURE(protocol);
    Frame frame;
    makeFrame({5, 3, protocol, 100}, frame);
    EdgePlayer player;
    CHECK_FALSE(player.playing());
    player.start(frame, 2, 0);
    uint32_t now = 0;
    bool high = false;
    for (uint32_t wait; player.next(now, high, wait); now += wait) CHECK(player.playing());
    CHECK(now == 2 * airMicros(frame));
    CHECK_FALSE(high);
    CHECK_FALSE(player.playing());
  }
}

TEST_CASE("player: stopped in the middle of a frame, it plays nothing more, and can start anew") {
  Frame frame;
  makeFrame({5393, 24, 6, 350}, frame);
  EdgePlayer player;
  for (int edges = 0; edges < 130; edges++) {
    player.start(frame, 3, 0);
    bool high = false;
    uint32_t wait = 0;
    for (int i = 0; i < edges; i++) REQUIRE(player.next(0, high, wait));
    player.stop();
    REQUIRE_FALSE(player.playing());
    REQUIRE_FALSE(player.next(0, high, wait));
    REQUIRE_FALSE(high);
  }
  CHECK(play({5393, 24, 6, 350}, 3) == expected({5393, 24, 6, 350}, 3));
}

TEST_CASE("player: an interrupt that comes up to 20 µs late delays its own edge, and no other") {
  Chance chance(20);
  for (const RfCode& code : {RfCode{0xA5A5A5A5, 32, 1, 50}, RfCode{5393, 24, 9, 350}}) {
    const Parts plan = expected(code, 40);
    Frame frame;
    makeFrame(code, frame);
    EdgePlayer player;
    const uint32_t begin = 4294900000u;
    player.start(frame, 40, begin);
    uint32_t due = 0, armed = 0, worst = 0;
    for (const Part& part : plan) {
      const uint32_t at = armed + chance.from(0, 20);
      REQUIRE(at >= due);
      REQUIRE(at - due <= 20);
      worst = at - due > worst ? at - due : worst;
      bool high;
      uint32_t wait;
      REQUIRE(player.next(begin + at, high, wait));
      REQUIRE(high == part.high);
      armed = at + wait;
      due += part.micros;
    }
    CHECK(worst == 20);
    CHECK(armed == sum(plan));
  }
}

TEST_CASE("player: held up for longer than a part, it catches up") {
  Frame frame;
  makeFrame({5393, 24, 1, 350}, frame);
  EdgePlayer player;
  player.start(frame, 2, 0);
  bool high;
  uint32_t now = 0, wait;
  for (int i = 0; player.next(now, high, wait); i++) {
    CHECK(wait >= 1);
    now += wait + (i == 10 ? 5000 : 0);
  }
  CHECK(now == 2 * airMicros(frame));
}
