#pragma once

#include <string.h>

#include "board.h"

/** A machine that is moved by hand. Nothing in here allocates: the test that forbids it runs on these. */
namespace sconce {

struct HandClock final : Clock {
  uint64_t micros() override { return now; }
  bool epochMs(uint64_t& ms) override {
    ms = kEpoch + now / 1000 + static_cast<uint64_t>(offset);
    return known;
  }
  void askAnew() override { asked++; }
  int asked = 0;
  static constexpr uint64_t kEpoch = 1795000000000;
  uint64_t now = 0;
  /** ms that the clock is wrong by. */
  int64_t offset = 0;
  bool known = true;
};

struct HandAir final : Radio {
  explicit HandAir(HandClock& clock) : clock_(clock) {}
  void start(const Frame& frame, uint8_t repeat) override {
    starts++;
    until_ = clock_.now + uint64_t{airMicros(frame)} * repeat;
  }
  bool sending() override { return clock_.now < until_; }
  void stop() override { until_ = 0; }
  bool heard(RfCode& code) override {
    if (!waiting) return false;
    waiting = false;
    code = next;
    return true;
  }
  int starts = 0;
  bool waiting = false;
  RfCode next = {};

 private:
  HandClock& clock_;
  uint64_t until_ = 0;
};

/** A broker in a few bytes: what the board publishes is kept, what it is to hear is handed in. */
struct HandLink final : MqttLink {
  struct Message {
    char topic[kTopicBytes];
    char payload[kMessageBytes];
  };

  void connect(const Will& given) override {
    connects++;
    strcpy(will, given.payload);
    if (refuses) return tell(LinkEvent::Kind::LOST);
    if (silent) return;
    tell(LinkEvent::Kind::SECURED);
    tell(LinkEvent::Kind::ACCEPTED);
  }
  bool subscribe(const char* topic) override {
    strcpy(subscribed, topic);
    tell(LinkEvent::Kind::SUBSCRIBED);
    return true;
  }
  uint16_t publish(const char* topic, const char* payload, size_t, uint8_t qos, bool) override {
    Message& message = said[saidCount++ % kSaid];
    strcpy(message.topic, topic);
    strcpy(message.payload, payload);
    packet_ = static_cast<uint16_t>(packet_ % 60000 + 1);
    if (qos > 0 && acknowledges) tell(LinkEvent::Kind::PUBLISHED, packet_);
    return packet_;
  }
  LinkEvent poll() override {
    if (first_ == last_) return {};
    return events_[first_++ % kEvents];
  }
  void disconnect() override { goodbyes++; }
  void drop() override { first_ = last_; }

  void tell(LinkEvent::Kind kind, uint16_t packet = 0) {
    LinkEvent event;
    event.kind = kind;
    event.packet = packet;
    event.fault = Fault::PORT_CLOSED;
    events_[last_++ % kEvents] = event;
  }
  void command(const char* payload) {
    strcpy(heard_, payload);
    tell(LinkEvent::Kind::MESSAGE);
    events_[(last_ - 1) % kEvents].payload = heard_;
    events_[(last_ - 1) % kEvents].length = strlen(heard_);
  }
  /** The `back`th message from the end, 0 for the last. */
  const Message& last(size_t back = 0) const { return said[(saidCount - 1 - back) % kSaid]; }

  static constexpr size_t kSaid = 64;
  static constexpr size_t kEvents = 128;
  bool refuses = false, silent = false, acknowledges = true;
  int connects = 0, goodbyes = 0;
  char will[64] = "";
  char subscribed[kTopicBytes] = "";
  Message said[kSaid] = {};
  size_t saidCount = 0;

 private:
  LinkEvent events_[kEvents];
  size_t first_ = 0, last_ = 0;
  uint16_t packet_ = 0;
  char heard_[1200] = "";
};

struct HandPins final : Pins {
  bool set(uint8_t, bool) override {
    sets++;
    return works;
  }
  void light(bool on) override {
    burns = on;
    flashes += on ? 1 : 0;
  }
  bool works = true, burns = false;
  int sets = 0, flashes = 0;
};

struct HandRandom final : Random {
  uint32_t next() override { return state = state * 1664525u + 1013904223u; }
  uint32_t state = 1;
};

struct HandNetwork final : Network {
  void join() override { joins++; }
  bool up() override { return there; }
  Fault fault() override { return Fault::WIFI_PASSWORD; }
  bool there = true;
  int joins = 0;
};

/** One small file. */
struct HandStore final : Store {
  int32_t read(const char* wanted, char* buffer, size_t capacity) override {
    if (strcmp(wanted, name) != 0 || length > capacity) return -1;
    memcpy(buffer, data, length);
    return static_cast<int32_t>(length);
  }
  bool write(const char* given, const char* bytes, size_t count) override {
    writes++;
    if (!works) return false;
    strcpy(name, given);
    memcpy(data, bytes, length = count);
    return true;
  }
  bool rename(const char*, const char* to) override {
    strcpy(name, to);
    return true;
  }
  bool remove(const char*) override { return false; }
  char name[40] = "";
  char data[64] = "";
  size_t length = 0;
  int writes = 0;
  bool works = true;
};

/** Signed is what bears kSigned; the digest is made of sums, so that an order or a byte that is wrong shows. */
struct HandSlot final : FirmwareSlot {
  bool isSigned(const char* text, const uint8_t* signature, size_t length) override {
    strcpy(asked, text);
    return length == sizeof kSigned && memcmp(signature, kSigned, length) == 0;
  }
  bool begin(uint32_t size) override {
    begins++;
    written = sum = 0;
    return size <= room;
  }
  bool write(const uint8_t* bytes, size_t length) override {
    for (size_t i = 0; i < length; i++) sum = sum * 31 + bytes[i];
    written += length;
    return works;
  }
  void digest(uint8_t (&sha256)[32]) override {
    memset(sha256, 0, sizeof sha256);
    for (int i = 0; i < 4; i++) sha256[28 + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
  }
  bool commit() override {
    commits++;
    return holds;
  }
  void abandon() override { abandons++; }
  static constexpr uint8_t kSigned[8] = {0x30, 6, 2, 1, 1, 2, 1, 1};
  uint32_t room = 2000000, sum = 0;
  size_t written = 0;
  bool works = true, holds = true;
  int begins = 0, commits = 0, abandons = 0;
  char asked[160] = "";
};

struct HandMachine final : Machine {
  Vitals vitals() override { return {-61, 31000, 28000}; }
  Reset lastReset() override { return reset; }
  bool recall(void* data, size_t length) override {
    memcpy(data, memory, length);
    return true;
  }
  void retain(const void* data, size_t length) override { memcpy(memory, data, length); }
  void alive() override { alives++; }
  void restart() override { restarts++; }
  Reset reset = {Reset::Cause::POWER_ON, 0, 0};
  uint8_t memory[64] = {};
  int restarts = 0, alives = 0;
};

struct Counter final : Log {
  void happened(const Happening& happening) override {
    counts[static_cast<size_t>(happening.event)]++;
    if (also) also->happened(happening);
  }
  int of(Happening::Event event) const { return counts[static_cast<size_t>(event)]; }
  int counts[13] = {};
  Log* also = nullptr;
};

struct Bench {
  HandClock clock;
  HandNetwork network;
  HandLink link;
  HandAir radio{clock};
  HandPins pins;
  HandStore store;
  HandSlot slot;
  HandRandom random;
  HandMachine machine;
  Counter log;
  const uint8_t pinNumbers[2] = {4, 5};
  Ports ports{clock, network, link, radio, pins, store, slot, random, machine, log};
  Boots boots;
  Settings settings{"00112233445566778899aabbccddeeff", {"127.0.0.1", 8883, "localhost"}, "Home", {500, 60000},
                    HandClock::kEpoch - 1000,
                    {"1.0.0", "test", boots.reason(), pinNumbers, 2, HandClock::kEpoch + 1000000, boots.safeMode()}};
  Board board{ports, settings, boots};

  /** `before`: the machine as an earlier start has left it. */
  explicit Bench(const HandMachine& before = HandMachine(), const HandStore& kept = HandStore())
      : store(kept), machine(before), boots(machine) {}

  /** Turns the loop each millisecond. */
  void run(uint64_t ms) {
    for (uint64_t i = 0; i < ms; i++) {
      clock.now += 1000;
      board.step();
    }
  }
  /** Hands in a command and turns the loop once. `deadlineIn`: ms from now. */
  void ask(unsigned number, const char* body, int64_t deadlineIn = 4000) {
    char payload[1200];
    char id[37];
    numberToId(number, id);
    Writer json(payload, sizeof payload);
    json.text("{\"id\":").quoted(id).text(",\"replyTo\":\"a1b2c3d4\",\"deadline\":");
    json.signedNumber(static_cast<int64_t>(HandClock::kEpoch + clock.now / 1000) + deadlineIn).text(body).character('}');
    link.command(payload);
    board.step();
  }
  static void numberToId(unsigned number, char* id) {
    strcpy(id, "00000000-0000-4000-8000-000000000000");
    for (char* digit = id + 35; number > 0; number /= 10) *digit-- = static_cast<char>('0' + number % 10);
  }
};

}  // namespace sconce
