#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "radio_queue.h"
#include "receiver.h"
#include "timings.h"

using namespace sconce;
using Report = Receiver::Report;

namespace {

struct HandRadio final : Radio {
  void start(const Frame& frame, uint8_t repeat) override {
    started.push_back({frame, repeat});
    onAir = true;
  }
  bool sending() override { return onAir; }
  void stop() override { onAir = false; }
  bool heard(RfCode&) override { return false; }
  std::vector<std::pair<Frame, uint8_t>> started;
  bool onAir = false;
};

RadioJob job(uint32_t code, uint64_t deadline = 1000) {
  return {{code, 24, 1, 350}, 4, 0, deadline, 0};
}

}  // namespace

TEST_CASE("timings: each protocol's edges, in pulses, as rc-switch 2.6.4 has them: a 1, a 0, the sync") {
  const struct { bool firstHigh; uint32_t edges[6]; } table[] = {
      {true, {3, 1, 1, 3, 1, 31}},     {true, {2, 1, 1, 2, 1, 10}},   {true, {9, 6, 4, 11, 30, 71}},
      {true, {3, 1, 1, 3, 1, 6}},      {true, {2, 1, 1, 2, 6, 14}},   {false, {2, 1, 1, 2, 23, 1}},
      {true, {6, 1, 1, 6, 2, 62}},     {true, {3, 16, 7, 16, 3, 130}}, {false, {16, 3, 16, 7, 130, 7}},
      {false, {1, 3, 3, 1, 18, 1}},    {false, {2, 1, 1, 2, 36, 1}},  {false, {2, 1, 1, 2, 36, 1}},
  };
  for (uint8_t number = 1; number <= 12; number++) {
    CAPTURE(number);
    Frame frame;
    makeFrame({2, 2, number, 100}, frame);
    const auto& [firstHigh, edges] = table[number - 1];
    REQUIRE(frame.count == 3);
    CHECK(frame.firstHigh == firstHigh);
    for (size_t i = 0; i < 3; i++) {
      CHECK(frame.spans[i].first == edges[2 * i] * 100);
      CHECK(frame.spans[i].second == edges[2 * i + 1] * 100);
    }
  }
}

TEST_CASE("timings: how long a frame takes") {
  Frame frame;
  makeFrame({5393, 24, 1, 350}, frame);
  CHECK(airMicros(frame) == 44800);
  makeFrame({UINT32_MAX, 32, 12, 2000}, frame);
  CHECK(frame.count == 33);
  CHECK(airMicros(frame) == (32 * 3 + 37) * 2000);
}

TEST_CASE("queue: one on the air and eight waiting, in the order of asking") {
  HandRadio radio;
  RadioQueue queue(radio);
  RadioJob done;
  CHECK(queue.add(job(1)));
  CHECK(queue.step(0, done) == RadioQueue::Step::NOTHING);
  for (uint32_t code = 2; code < 10; code++) CHECK(queue.add(job(code)));
  CHECK_FALSE(queue.add(job(10)));
  for (uint32_t code = 1; code < 10; code++) {
    CHECK(queue.sending());
    radio.onAir = false;
    CHECK(queue.step(code, done) == RadioQueue::Step::SENT);
    CHECK(done.code.code == code);
    CHECK(queue.step(code, done) == RadioQueue::Step::NOTHING);
  }
  CHECK(radio.started.size() == 9);
  CHECK(radio.started[0].second == 4);
  CHECK_FALSE(queue.sending());
}

TEST_CASE("queue: what waits past its deadline is not sent, what is behind it is") {
  HandRadio radio;
  RadioQueue queue(radio);
  RadioJob done;
  for (const uint64_t deadline : {1000, 500, 1000}) queue.add(job(static_cast<uint32_t>(deadline), deadline));
  CHECK(queue.step(0, done) == RadioQueue::Step::NOTHING);
  radio.onAir = false;
  CHECK(queue.step(500, done) == RadioQueue::Step::SENT);
  CHECK(queue.step(500, done) == RadioQueue::Step::EXPIRED);
  CHECK(done.deadline == 500);
  CHECK(queue.step(500, done) == RadioQueue::Step::NOTHING);
  CHECK(radio.started.size() == 2);
}

TEST_CASE("queue: cut, everything comes back once and the radio is silent") {
  HandRadio radio;
  RadioQueue queue(radio);
  RadioJob done;
  for (uint32_t code = 1; code < 4; code++) queue.add(job(code));
  queue.step(0, done);
  std::string codes;
  while (queue.cut(done)) codes += std::to_string(done.code.code);
  CHECK(codes == "123");
  CHECK_FALSE(radio.onAir);
  CHECK(queue.step(0, done) == RadioQueue::Step::NOTHING);
}

TEST_CASE("receiver: each press once, and no echo") {
  const RfCode red = {5393, 24, 1, 350}, blue = {5396, 24, 1, 350};
  const uint64_t ms = 1000;
  Receiver receiver;
  CHECK(receiver.frame(red, 1000 * ms) == Report::PRESS);
  CHECK(receiver.frame({5393, 24, 1, 362}, 1045 * ms) == Report::NOT);
  CHECK(receiver.frame(blue, 1050 * ms) == Report::PRESS);
  CHECK(receiver.frame(red, 1500 * ms) == Report::NOT);
  CHECK(receiver.frame(red, 1999 * ms) == Report::NOT);
  CHECK(receiver.frame(red, 2499 * ms) == Report::PRESS);
  receiver.sent(red, 9000 * ms);
  CHECK(receiver.frame(red, 9249 * ms) == Report::NOT);
  CHECK(receiver.frame({5393, 24, 2, 350}, 9249 * ms) == Report::PRESS);
  CHECK(receiver.frame(red, 9250 * ms) == Report::PRESS);
  CHECK(receiver.frame(red, 9295 * ms) == Report::NOT);
  receiver.sent(blue, 20000 * ms);
  CHECK(receiver.frame(blue, 20250 * ms) == Report::PRESS);
}

TEST_CASE("receiver: a storm of codes does not fill it up") {
  Receiver receiver;
  receiver.sent({1, 24, 1, 350}, 1000);
  for (uint32_t code = 2; code < 9; code++) CHECK(receiver.frame({code, 24, 1, 350}, 2000 + code) == Report::PRESS);
  CHECK(receiver.frame({1, 24, 1, 350}, 3000) == Report::NOT);
  for (uint32_t code = 100; code < 1000; code++) CHECK(receiver.frame({code, 24, 1, 350}, 4000 + code) == Report::PRESS);
}

TEST_CASE("receiver: no echo by the name of another protocol either") {
  Receiver receiver;
  receiver.sent({5393, 24, 12, 320}, 1000);
  CHECK(receiver.frame({5393, 24, 11, 320}, 2000) == Report::NOT);
  receiver.sent({5393, 24, 9, 200}, 1000);
  CHECK(receiver.frame({2696, 24, 8, 200}, 2000) == Report::NOT);
  CHECK(receiver.frame({5393, 24, 8, 200}, 2000) == Report::PRESS);
}

TEST_CASE("receiver: while learning, each frame, but for echoes and what comes too fast; then each press again") {
  const RfCode red = {5393, 24, 1, 350}, blue = {5396, 24, 1, 350};
  const uint64_t ms = 1000, gap = protocol::kLearnGapMs;
  Receiver receiver;
  CHECK(receiver.frame(red, 900 * ms) == Report::PRESS);
  receiver.learn(5, 1000 * ms);
  CHECK(receiver.frame(red, 1000 * ms) == Report::LEARNING);
  for (uint32_t frame = 1; frame < protocol::kLearnAtOnce; frame++) CHECK(receiver.frame(red, 1000 * ms) == Report::LEARNING);
  CHECK(receiver.frame(red, (1000 + gap) * ms - 1) == Report::NOT);
  CHECK(receiver.frame(red, (1000 + gap) * ms) == Report::LEARNING);
  CHECK(receiver.frame(blue, (1000 + gap) * ms) == Report::NOT);
  CHECK(receiver.frame(blue, (1000 + 2 * gap) * ms) == Report::LEARNING);

  receiver.sent(blue, 2000 * ms);
  CHECK(receiver.frame(blue, 2249 * ms) == Report::NOT);
  CHECK(receiver.frame(red, 2249 * ms) == Report::LEARNING);
  CHECK(receiver.frame(blue, 2250 * ms) == Report::LEARNING);

  CHECK(receiver.frame(red, 5999 * ms) == Report::LEARNING);
  CHECK(receiver.frame(red, 6000 * ms) == Report::NOT);
  CHECK(receiver.frame(blue, 6000 * ms) == Report::PRESS);
  CHECK(receiver.frame(red, 6500 * ms) == Report::PRESS);

  receiver.learn(60, 10000 * ms);
  receiver.learn(5, 11000 * ms);
  CHECK(receiver.frame(red, 15999 * ms) == Report::LEARNING);
  CHECK(receiver.frame(blue, 16000 * ms) == Report::PRESS);
}
