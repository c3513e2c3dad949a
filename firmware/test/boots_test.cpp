#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "build_date.h"
#include "fakes.h"
#include "judge.h"

using namespace sconce;
using Cause = Reset::Cause;
using Event = Happening::Event;

namespace {

constexpr uint64_t kMinute = 60000000;

Reset because(Cause cause) {
  return {cause, 29, 0x4020abcd};
}

/** As the machine is after so many crashes in a row. */
HandMachine crashed(int times) {
  HandMachine machine;
  Boots first(machine);
  machine.reset = because(Cause::EXCEPTION);
  for (int i = 1; i < times; i++) Boots again(machine);
  return machine;
}

const char* const kSend = ",\"do\":\"rf.send\",\"code\":5393,\"bits\":24,\"protocol\":1,\"pulse\":350,\"repeat\":4";

}  // namespace

TEST_CASE("boots: why the board started, in words, and what counts as a crash") {
  const struct { Cause cause; Restart planned; const char* words; bool crash; } cases[] = {
      {Cause::POWER_ON, Restart::UNPLANNED, "power dipped (brown-out): is the supply strong enough?", false},
      {Cause::PIN, Restart::UNPLANNED, "reset button", false},
      {Cause::RESTART, Restart::COMMAND, "restart by command", false},
      {Cause::RESTART, Restart::NO_WIFI, "restart: an hour without Wi-Fi", false},
      {Cause::RESTART, Restart::SAFE_MODE_OVER, "restart: safe mode is over", false},
      {Cause::RESTART, Restart::STUCK, "crash: the program got nowhere for a minute", true},
      {Cause::RESTART, Restart::UNPLANNED, "crash: the program gave up", true},
      {Cause::EXCEPTION, Restart::UNPLANNED, "crash: exception 29 at 0x4020abcd", true},
      {Cause::EXCEPTION, Restart::COMMAND, "crash: exception 29 at 0x4020abcd", true},
      {Cause::SOFTWARE_WATCHDOG, Restart::UNPLANNED, "crash: watchdog, the program hung at 0x4020abcd", true},
      {Cause::HARDWARE_WATCHDOG, Restart::UNPLANNED, "crash: hardware watchdog, the chip hung", true},
  };
  for (const auto& [cause, planned, words, crash] : cases) {
    CAPTURE(std::string(words));
    HandMachine machine;
    std::optional<Boots> boots(std::in_place, machine);
    CHECK(std::string(boots->reason()) == "power on");
    machine.reset = because(cause);
    for (int times = 1; times <= 4; times++) {
      if (planned != Restart::UNPLANNED) boots->plan(planned);
      boots.emplace(machine);
      CHECK(std::string(boots->reason()).rfind(words, 0) == 0);
      CHECK(strlen(boots->reason()) <= 80);
    }
    CHECK(boots->safeMode() == crash);
  }
}

TEST_CASE("boots: a power cut forgets, and so does what it leaves in the memory") {
  for (const int at : {0, 4, 5, 8, 11}) {
    CAPTURE(at);
    HandMachine machine = crashed(10);
    machine.memory[at] ^= 1;
    machine.reset = because(Cause::POWER_ON);
    Boots boots(machine);
    CHECK_FALSE(boots.safeMode());
    CHECK(std::string(boots.reason()) == "power on");
  }
}

TEST_CASE("boots: the fourth crash in a row leads to safe mode; ten minutes without one forget the crashes") {
  HandMachine machine = crashed(4);
  Boots third(machine);
  CHECK(third.safeMode());
  CHECK(std::string(third.reason()) == "crash: exception 29 at 0x4020abcd (crash 4); safe mode");

  HandMachine steady = crashed(4);
  steady.memory[4] = 0;
  Boots fresh(steady);
  CHECK_FALSE(fresh.step(11 * kMinute));
}

TEST_CASE("boots: crashes are forgotten after ten minutes, not before") {
  for (const auto& [minutes, safe] : {std::pair{9, true}, {10, false}}) {
    CAPTURE(minutes);
    HandMachine machine = crashed(3);
    {
      Boots boots(machine);
      CHECK_FALSE(boots.safeMode());
      CHECK_FALSE(boots.step(static_cast<uint64_t>(minutes) * kMinute));
    }
    CHECK(Boots(machine).safeMode() == safe);
  }
}

TEST_CASE("boots: safe mode ends by itself after an hour, on probation") {
  Bench bench(crashed(4));
  REQUIRE(bench.boots.safeMode());
  bench.run(5);
  bench.clock.now += 59 * kMinute;
  bench.board.step();
  CHECK(bench.machine.restarts == 0);
  bench.clock.now += kMinute;
  bench.board.step();
  CHECK(bench.machine.restarts == 1);
  bench.machine.reset = because(Cause::RESTART);
  HandMachine next = bench.machine;
  CHECK_FALSE(Boots(next).safeMode());
  next.reset = because(Cause::EXCEPTION);
  CHECK(Boots(next).safeMode());
}

TEST_CASE("board: in safe mode it connects and reports, and touches neither radio nor pins") {
  Bench bench(crashed(4));
  bench.run(5);
  CHECK(bench.board.state() == Board::State::SERVING);
  const std::string info = bench.link.last().payload;
  CHECK(judgeMessage("info", info));
  CHECK(info.find("\"capabilities\":[\"identify\",\"restart\",\"update\",\"renew\"]") != std::string::npos);
  CHECK(info.find("safe mode") != std::string::npos);
  bench.ask(1, kSend);
  CHECK(std::string(bench.link.last().payload).find("not_capable") != std::string::npos);
  bench.ask(2, ",\"do\":\"pin.set\",\"pin\":4,\"on\":true");
  CHECK(std::string(bench.link.last().payload).find("not_capable") != std::string::npos);
  bench.ask(5, ",\"do\":\"rf.learn\",\"seconds\":5");
  CHECK(std::string(bench.link.last().payload).find("not_capable") != std::string::npos);
  CHECK(bench.radio.starts == 0);
  CHECK(bench.pins.sets == 0);
  bench.radio.waiting = true;
  bench.run(5);
  CHECK(bench.log.of(Event::RECEIVED) == 0);
  bench.ask(3, ",\"do\":\"identify\"");
  CHECK(bench.log.of(Event::IDENTIFY) == 1);
  bench.ask(4, ",\"do\":\"restart\"");
  bench.run(5);
  CHECK(bench.machine.restarts == 1);
}

TEST_CASE("board: without Wi-Fi it says why, tries again, and after an hour starts anew") {
  Bench bench;
  bench.network.there = false;
  bench.run(19990);
  CHECK(bench.log.of(Event::ERROR) == 0);
  bench.run(30);
  CHECK(bench.log.of(Event::ERROR) == 1);
  CHECK(bench.board.state() == Board::State::WAITING);
  CHECK(bench.link.connects == 0);
  while (bench.machine.restarts == 0 && bench.clock.now < 70 * kMinute) bench.run(1000);
  CHECK(bench.clock.now >= 60 * kMinute);
  CHECK(bench.clock.now < 63 * kMinute);
  CHECK(bench.machine.restarts == 1);
  bench.machine.reset = because(Cause::RESTART);
  CHECK(std::string(Boots(bench.machine).reason()) == "restart: an hour without Wi-Fi");
}

TEST_CASE("board: what was wrong with the Wi-Fi is told to the server once there is one") {
  Bench bench;
  bench.network.there = false;
  bench.run(20100);
  bench.network.there = true;
  bench.run(1000);
  REQUIRE(bench.board.state() == Board::State::SERVING);
  CHECK(std::string(bench.link.last(1).payload).find("The Wi-Fi network \\\"Home\\\" refuses the password") != std::string::npos);
}

TEST_CASE("board: a broker that is away for days is no reason to start anew") {
  Bench bench;
  bench.link.refuses = true;
  while (bench.clock.now < 180 * kMinute) bench.run(60000);
  CHECK(bench.machine.restarts == 0);
}

TEST_CASE("board: a time that is past for certain is not believed, whenever it comes") {
  Bench bench;
  bench.clock.offset = -1000000;
  bench.run(10);
  CHECK(bench.link.connects == 0);
  CHECK(bench.log.of(Event::ERROR) == 1);
  CHECK(bench.clock.asked == 1);
  bench.clock.offset = 0;
  bench.run(2000);
  REQUIRE(bench.board.state() == Board::State::SERVING);
  CHECK(std::string(bench.link.last(1).payload).find("The time servers say 2026-11-18T") != std::string::npos);
  bench.clock.offset = -1000000;
  bench.ask(1, kSend);
  CHECK(std::string(bench.link.last().payload).find("clock_not_set") != std::string::npos);
  CHECK(bench.radio.starts == 0);
}

TEST_CASE("board: the time that a command has confirmed is kept, once a day, and never while a code is sent") {
  constexpr uint64_t kDay = 1440 * kMinute;
  Bench bench;
  bench.run(5);
  bench.ask(1, ",\"do\":\"identify\"");
  bench.run(5);
  CHECK(bench.store.writes == 0);
  bench.clock.now += 2 * kDay;
  bench.run(5);
  CHECK(bench.store.writes == 0);
  bench.ask(2, kSend);
  bench.run(100);
  CHECK(bench.store.writes == 0);
  bench.run(100);
  CHECK(bench.store.writes == 1);
  bench.ask(3, ",\"do\":\"identify\"");
  bench.run(5);
  CHECK(bench.store.writes == 1);

  Bench later(HandMachine(), bench.store);
  later.run(5);
  CHECK(later.log.of(Event::ERROR) == 1);
  later.clock.now = 2 * kDay + kMinute;
  later.run(5);
  CHECK(later.board.state() == Board::State::SERVING);
}

TEST_CASE("board: a store that cannot be written is tried once a day, not at each turn") {
  Bench bench;
  bench.store.works = false;
  bench.run(5);
  for (unsigned day = 1; day <= 3; day++) {
    bench.clock.now += 1441 * kMinute;
    bench.ask(day, ",\"do\":\"identify\"");
    bench.run(100);
    CHECK(bench.store.writes == static_cast<int>(day));
  }
}

TEST_CASE("board: a clock that nobody confirms is not kept: a false time must not lock out the right one") {
  Bench bench;
  bench.clock.offset = 5ll * 365 * 86400000;
  bench.run(5);
  REQUIRE(bench.board.state() == Board::State::SERVING);
  bench.ask(1, ",\"do\":\"identify\"", 4000);
  CHECK(std::string(bench.link.last().payload).find("expired") != std::string::npos);
  bench.run(100);
  CHECK(bench.store.writes == 0);
}

TEST_CASE("board: no time server answers") {
  Bench bench;
  bench.clock.known = false;
  bench.run(20100);
  CHECK(bench.board.state() == Board::State::WAITING);
  bench.clock.known = true;
  bench.run(2000);
  CHECK(std::string(bench.link.last(1).payload).find("No time server has answered") != std::string::npos);
}

TEST_CASE("board: as long as it gets on it says so, in every state") {
  Bench bench;
  const auto lives = [&](uint64_t ms) {
    const int before = bench.machine.alives;
    bench.run(ms);
    return bench.machine.alives - before == static_cast<int>(ms);
  };
  bench.network.there = false;
  CHECK(lives(90000));
  bench.network.there = true;
  bench.clock.known = false;
  CHECK(lives(90000));
  bench.clock.known = true;
  bench.link.silent = true;
  CHECK(lives(90000));
  bench.link.silent = false;
  CHECK(lives(200000));
}

TEST_CASE("light: counted flashes say what is missing") {
  const auto flashes = [](Bench& bench, uint64_t ms) {
    // From one pause between groups to another.
    while (bench.clock.now / 1000 % 3500 != 3300) bench.run(1);
    const int before = bench.pins.flashes;
    bench.run(ms);
    return bench.pins.flashes - before;
  };
  Bench bench;
  bench.network.there = false;
  CHECK(flashes(bench, 35000) == 10);
  bench.network.there = true;
  bench.clock.known = false;
  bench.run(1000);
  CHECK(flashes(bench, 17500) == 10);
  bench.clock.known = true;
  bench.link.refuses = true;
  bench.run(70000);
  CHECK(flashes(bench, 35000) == 30);
  bench.link.refuses = false;
  bench.run(61000);
  REQUIRE(bench.board.state() == Board::State::SERVING);
  CHECK(flashes(bench, 35000) == 0);
  CHECK_FALSE(bench.pins.burns);
  bench.ask(1, ",\"do\":\"identify\"");
  // Eight seconds, from wherever the blinking's beat is.
  CHECK(flashes(bench, 10000) / 2 == 16);
  CHECK_FALSE(bench.pins.burns);

  Bench safe(crashed(4));
  safe.run(5);
  CHECK(flashes(safe, 35000) == 40);
}

TEST_CASE("build date: the day before, at midnight") {
  for (const auto& [date, day] : {std::pair{"Jan  1 1970", -1}, {"Jan  2 1970", 0}, {"Mar  1 1970", 58}, {"Feb 29 2024", 19781},
                                  {"Mar  1 2024", 19782}, {"Nov 25 2026", 20781}, {"Dec 31 2099", 47480}}) {
    CAPTURE(date);
    CHECK(builtAt(date) == static_cast<uint64_t>(day) * 86400000);
  }
}
