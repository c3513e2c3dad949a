#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "deadline.h"
#include "fakes.h"
#include "judge.h"

using namespace sconce;
using State = Board::State;
using Event = Happening::Event;

namespace {

const char* const kIdentify = ",\"do\":\"identify\"";
const char* const kSend = ",\"do\":\"rf.send\",\"code\":5393,\"bits\":24,\"protocol\":1,\"pulse\":350,\"repeat\":4";
const char* const kPinOn = ",\"do\":\"pin.set\",\"pin\":4,\"on\":true";

std::unique_ptr<Bench> serving() {
  auto bench = std::make_unique<Bench>();
  bench->run(5);
  REQUIRE(bench->board.state() == State::SERVING);
  return bench;
}

bool contains(const char* text, const char* part) {
  return std::string(text).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("board: the way up waits for the network, then for the time, then for the broker") {
  Bench bench;
  bench.network.there = bench.clock.known = false;
  bench.run(10);
  CHECK(bench.board.state() == State::WIFI);
  bench.network.there = true;
  bench.run(10);
  CHECK(bench.board.state() == State::TIME);
  CHECK(bench.link.connects == 0);
  bench.clock.known = true;
  bench.run(3);
  CHECK(bench.board.state() == State::SERVING);
  CHECK(contains(bench.link.will, "\"online\":false"));
  CHECK(std::string(bench.link.subscribed) == "sconce/v1/00112233445566778899aabbccddeeff/command");
  CHECK(judgeMessage("status", bench.link.last(1).payload));
  CHECK(judgeMessage("info", bench.link.last().payload));
  CHECK_FALSE(contains(bench.link.last().payload, "lastError"));
  bench.run(300);
  CHECK(judgeMessage("telemetry", bench.link.last().payload));
}

TEST_CASE("board: a silent broker is given up after 10 s, and tried again") {
  Bench bench;
  bench.link.silent = true;
  bench.run(10005);
  CHECK(bench.board.state() == State::WAITING);
  bench.link.silent = false;
  bench.run(600);
  CHECK(bench.board.state() == State::SERVING);
  CHECK(contains(bench.link.last().payload, "127.0.0.1:8883 does not answer"));
}

TEST_CASE("board: a line that is lost comes back, with what had not been acknowledged") {
  auto bench = serving();
  bench->link.acknowledges = false;
  bench->ask(1, kIdentify);
  bench->link.tell(LinkEvent::Kind::LOST);
  bench->run(1);
  CHECK(bench->board.state() == State::WAITING);
  bench->link.acknowledges = true;
  bench->run(600);
  REQUIRE(bench->board.state() == State::SERVING);
  int acks = 0;
  for (size_t i = 0; i < bench->link.saidCount; i++) acks += contains(bench->link.said[i].topic, "/ack/a1b2c3d4") ? 1 : 0;
  CHECK(acks == 2);
  CHECK(bench->log.of(Event::IDENTIFY) == 1);
  CHECK(bench->link.connects == 2);
}

TEST_CASE("commands: each with its one outcome") {
  const struct { const char* why; const char* body; int64_t deadlineIn; const char* answer; } cases[] = {
      {"identify", kIdentify, 4000, "\"outcome\":\"transmitted\""},
      {"a pin", kPinOn, 4000, "\"outcome\":\"transmitted\""},
      {"a pin without a relay", ",\"do\":\"pin.set\",\"pin\":16,\"on\":true", 4000, "\"reason\":\"not_capable\""},
      {"a code", kSend, 4000, "\"outcome\":\"transmitted\",\"ms\":180"},
      {"at its deadline", kIdentify, 0, "\"outcome\":\"expired\""},
      {"as far ahead as may be", kIdentify, 60000, "\"outcome\":\"transmitted\""},
      {"too far ahead", kIdentify, 60001, "\"reason\":\"deadline_too_far\""},
      {"malformed", ",\"do\":\"identify\",\"x\":1", 4000, "\"reason\":\"malformed\""},
      {"unknown", ",\"do\":\"fly\"", 4000, "\"reason\":\"unknown_command\""},
  };
  auto bench = serving();
  bench->run(300);
  unsigned number = 1;
  for (const auto& [why, body, deadlineIn, answer] : cases) {
    CAPTURE(why);
    const size_t before = bench->link.saidCount;
    bench->ask(number++, body, deadlineIn);
    bench->run(200);
    CHECK(bench->link.saidCount == before + 1);
    CHECK(judgeMessage("ack", bench->link.last().payload));
    CHECK_MESSAGE(contains(bench->link.last().payload, answer), bench->link.last().payload);
  }
  bench->pins.works = false;
  bench->ask(number++, kPinOn);
  CHECK(contains(bench->link.last().payload, "\"outcome\":\"failed\""));
  CHECK(contains(bench->link.last().payload, "\"reason\":\"hardware\""));
  bench->clock.known = false;
  bench->ask(number++, kIdentify);
  CHECK(contains(bench->link.last().payload, "\"reason\":\"clock_not_set\""));
}

TEST_CASE("commands: the same id twice is carried out once, while it waits and for the next 31") {
  auto bench = serving();
  bench->ask(1, kSend);
  bench->ask(1, kSend);
  bench->run(500);
  CHECK(bench->radio.starts == 1);
  const std::string first = bench->link.last(1).payload;
  for (unsigned number = 2; number <= 32; number++) bench->ask(number, kIdentify);
  bench->ask(1, kSend, -1);
  CHECK(contains(bench->link.last().payload, "\"outcome\":\"transmitted\""));
  CHECK(bench->radio.starts == 1);
  CHECK(bench->log.of(Event::DUPLICATE) == 2);
  bench->ask(33, kIdentify);
  bench->ask(1, kIdentify);
  CHECK(bench->log.of(Event::IDENTIFY) == 33);
}

TEST_CASE("commands: what waits for the radio is not forgotten, however many come") {
  auto bench = serving();
  bench->ask(1, kSend, 60000);
  for (unsigned number = 2; number <= 9; number++) bench->ask(number, kSend, 60000);
  for (unsigned number = 100; number < 200; number++) bench->ask(number, kIdentify);
  for (unsigned number = 1; number <= 9; number++) bench->ask(number, kSend, 60000);
  bench->run(3000);
  CHECK(bench->radio.starts == 9);
  bench->ask(300, kSend);
  for (unsigned number = 301; number <= 309; number++) bench->ask(number, kSend);
  CHECK(contains(bench->link.last().payload, "\"reason\":\"queue_full\""));
}

TEST_CASE("board: the hand remote is reported, and the board's own voice is not") {
  auto bench = serving();
  bench->run(300);
  const auto press = [&](uint32_t code) {
    bench->radio.next = {code, 24, 1, 350};
    bench->radio.waiting = true;
    bench->run(1);
  };
  press(7);
  CHECK(std::string(bench->link.last().payload) == R"({"code":7,"bits":24,"protocol":1,"pulse":350})");
  bench->ask(1, kSend);
  press(8);
  bench->run(200);
  press(5393);
  CHECK(bench->log.of(Event::RECEIVED) == 1);
  press(9);
  CHECK(bench->log.of(Event::RECEIVED) == 2);
}

TEST_CASE("board: while learning, each frame is reported and marked, whatever else goes on") {
  auto bench = serving();
  bench->run(300);
  const auto frame = [&](uint32_t code) {
    bench->radio.next = {code, 24, 1, 350};
    bench->radio.waiting = true;
    bench->run(45);
    return std::string(bench->link.last().payload);
  };
  bench->ask(1, ",\"do\":\"rf.learn\",\"seconds\":5");
  CHECK(contains(bench->link.last().payload, "\"outcome\":\"transmitted\""));
  CHECK(bench->log.of(Event::LEARN) == 1);
  for (int i = 0; i < 3; i++) CHECK(frame(7) == R"({"code":7,"bits":24,"protocol":1,"pulse":350,"learning":true})");
  CHECK(bench->log.of(Event::RECEIVED) == 3);
  bench->ask(2, kSend);
  frame(8);
  bench->run(200);
  frame(5393);
  CHECK(bench->log.of(Event::RECEIVED) == 3);
  bench->run(5000);
  for (int i = 0; i < 3; i++) frame(9);
  CHECK(bench->log.of(Event::RECEIVED) == 4);
  CHECK(std::string(bench->link.last().payload) == R"({"code":9,"bits":24,"protocol":1,"pulse":350})");
}

TEST_CASE("board: with the longest command on the air, 69 s of it, no turn of the loop waits, and others are answered") {
  const char* const longest =
      ",\"do\":\"rf.send\",\"code\":0,\"bits\":32,\"protocol\":8,\"pulse\":2000,\"repeat\":40";
  auto bench = serving();
  bench->run(300);
  bench->ask(1, longest);
  CHECK(bench->radio.starts == 1);
  CHECK(bench->log.of(Event::TRANSMITTED) == 0);
  const uint64_t begin = bench->clock.now;
  // The hand clock stands still during a turn: one that waited for time to pass, or for the radio, would never end.
  for (unsigned number = 2; bench->radio.sending(); number++) {
    const uint64_t turn = bench->clock.now += 50000;
    bench->ask(number, kIdentify);
    REQUIRE(bench->clock.now == turn);
    REQUIRE(bench->log.of(Event::IDENTIFY) == static_cast<int>(number) - 1);
    REQUIRE(bench->log.of(Event::TRANSMITTED) == (bench->radio.sending() ? 0 : 1));
  }
  CHECK(bench->clock.now - begin >= 40 * (32 * 23 + 133) * uint64_t{2000});
}

TEST_CASE("board: a stop says goodbye; what is on the air has failed") {
  auto bench = serving();
  bench->ask(1, kSend);
  bench->board.stop();
  bench->run(2);
  CHECK(bench->board.state() == State::STOPPED);
  CHECK(contains(bench->link.last(1).payload, "\"outcome\":\"failed\""));
  CHECK(contains(bench->link.last().payload, "\"online\":false"));
  CHECK(bench->link.goodbyes == 1);
  CHECK(bench->machine.restarts == 0);

  auto unheard = serving();
  unheard->link.acknowledges = false;
  unheard->board.stop();
  unheard->run(1400);
  CHECK(unheard->board.state() == State::LEAVING);
  unheard->run(200);
  CHECK(unheard->board.state() == State::STOPPED);
}

TEST_CASE("board: stopped without a line, it falls silent at once") {
  auto bench = serving();
  bench->ask(1, kSend);
  bench->link.tell(LinkEvent::Kind::LOST);
  bench->run(1);
  REQUIRE(bench->radio.sending());
  bench->board.stop();
  CHECK_FALSE(bench->radio.sending());
  CHECK(bench->board.state() == State::STOPPED);
}

TEST_CASE("board: a restart is answered first") {
  auto bench = serving();
  bench->ask(1, ",\"do\":\"restart\"");
  bench->run(5);
  CHECK(bench->machine.restarts == 1);
  CHECK(contains(bench->link.last(1).payload, "\"outcome\":\"transmitted\""));
  CHECK(contains(bench->link.last().payload, "\"online\":false"));
}

TEST_CASE("back-off: doubles up to its bound, the upper half by chance") {
  const BackoffBounds bounds = {500, 60000};
  HandRandom random;
  for (const auto& [tries, ceiling] : {std::pair{1u, 500u}, {2u, 1000u}, {7u, 32000u}, {8u, 60000u}, {1000u, 60000u}, {UINT32_MAX, 60000u}}) {
    uint32_t least = UINT32_MAX, most = 0;
    for (int i = 0; i < 1000; i++) {
      const uint32_t wait = backoffMs(bounds, tries, random.next());
      least = wait < least ? wait : least;
      most = wait > most ? wait : most;
    }
    CHECK(least >= ceiling / 2);
    CHECK(most <= ceiling);
    CHECK(most - least > ceiling / 3);
  }
}
