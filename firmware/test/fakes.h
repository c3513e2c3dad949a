#pragma once

#include <string.h>

#include "board.h"
#include "household.h"

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
    event.fault = fault;
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
  /** Why, if it refuses. */
  Fault fault = Fault::PORT_CLOSED;
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

/** A few files of a few kilobytes. */
struct HandStore final : Store {
  struct File {
    char name[40];
    char data[2048];
    size_t length;
  };

  int32_t read(const char* name, char* buffer, size_t capacity) override {
    const File* file = find(name);
    if (!file || file->length > capacity) return -1;
    memcpy(buffer, file->data, file->length);
    return static_cast<int32_t>(file->length);
  }
  int32_t readPart(const char* name, size_t from, char* buffer, size_t capacity) override {
    const File* file = find(name);
    if (!file) return -1;
    if (from >= file->length) return 0;
    const size_t count = file->length - from < capacity ? file->length - from : capacity;
    memcpy(buffer, file->data + from, count);
    return static_cast<int32_t>(count);
  }
  bool write(const char* name, const char* bytes, size_t count) override {
    writes++;
    if (!works) return false;
    File* file = find(name) ? find(name) : find("");
    strcpy(file->name, name);
    file->length = 0;
    return append(name, bytes, count);
  }
  bool append(const char* name, const char* bytes, size_t count) override {
    File* file = find(name);
    if (!works || !file || file->length + count > sizeof file->data) return false;
    memcpy(file->data + file->length, bytes, count);
    file->length += count;
    return true;
  }
  bool rename(const char* from, const char* to) override {
    File* file = find(from);
    if (!file) return false;
    remove(to);
    strcpy(file->name, to);
    return true;
  }
  bool remove(const char* name) override {
    File* file = find(name);
    if (file) file->name[0] = '\0';
    return file;
  }
  /** `nullptr`: not there. An empty name finds an empty place. */
  File* find(const char* name) {
    for (File& file : files) {
      if (strcmp(file.name, name) == 0) return &file;
    }
    return nullptr;
  }
  File files[8] = {};
  int writes = 0;
  bool works = true;
};

/**
 * One key for all, the household's. Signed is what bears kSigned or, while `believes`, anything else; the digest is made of
 * sums, so that an order or a byte that is wrong shows. With `real` it is that one's arithmetic.
 */
struct HandKeys final : Keys {
  bool make(KeyPair& key) override {
    makes++;
    if (real) return real->make(key);
    memcpy(key.secret, household::kSecret, sizeof key.secret);
    memcpy(key.point, household::kPoint, sizeof key.point);
    return works;
  }
  size_t sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) override {
    if (real) return real->sign(key, data, length, signature);
    memcpy(signature, kSigned, sizeof kSigned);
    return sizeof kSigned;
  }
  bool isSigned(const uint8_t* point, const uint8_t (&sha256)[32], const uint8_t* signature, size_t length) override {
    if (real) return real->isSigned(point, sha256, signature, length);
    return believes || (length == sizeof kSigned && memcmp(signature, kSigned, length) == 0);
  }
  void digest(const uint8_t* data, size_t length, uint8_t (&sha256)[32]) override {
    if (real) return real->digest(data, length, sha256);
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) sum = sum * 31 + data[i];
    memset(sha256, 0, sizeof sha256);
    for (int i = 0; i < 4; i++) sha256[i] = sha256[28 + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
    const size_t count = length < sizeof digested - 1 ? length : sizeof digested - 1;
    memcpy(digested, data, count);
    digested[count] = '\0';
  }
  static constexpr uint8_t kSigned[8] = {0x30, 6, 2, 1, 1, 2, 1, 1};
  Keys* real = nullptr;
  bool works = true, believes = false;
  int makes = 0;
  /** The beginning of what was digested last. */
  char digested[160] = "";
};

/** Reads the store's files as the chip does: the first certificate of an identity, all of an authority's. */
struct HandCredentials final : Credentials {
  explicit HandCredentials(HandStore& store) : store_(store) {
    trustAnew();
    if (!use(Which::RENEWED) && !use(Which::FORMER)) use(Which::MINTED);
  }
  Which which() override { return which_; }
  bool use(Which which) override {
    if (which == Which::MINTED) {
      decode(household::kMinted, sizeof household::kMinted - 1, certificate_);
    } else {
      const HandStore::File* file = store_.find(which == Which::RENEWED ? Renewal::kFile : Renewal::kFormerFile);
      size_t at = 0;
      if (!file || !next(*file, at, certificate_)) return false;
    }
    uses++;
    which_ = which;
    return true;
  }
  Bytes certificate() override { return {certificate_.der, certificate_.length}; }
  bool trustAnew() override {
    const HandStore::File* file = store_.find(Trust::kFile);
    size_t at = 0;
    count_ = 0;
    if (file) while (count_ < 2 && next(*file, at, authorities_[count_])) count_++;
    if (count_ > 0) return true;
    decode(household::kServices, sizeof household::kServices - 1, authorities_[0]);
    count_ = 1;
    return true;
  }
  Bytes authority(size_t index) override {
    if (index >= count_) return {};
    return {authorities_[index].der, authorities_[index].length};
  }
  int uses = 0;

 private:
  struct Der {
    uint8_t der[660];
    size_t length;
  };
  static bool decode(const char* text, size_t length, Der& der) {
    Base64 base64;
    if (!base64.read(text, length)) return false;
    der.length = base64.decode(0, der.der, sizeof der.der);
    return true;
  }
  /** The next certificate from `at` on. */
  static bool next(const HandStore::File& file, size_t& at, Der& der) {
    static constexpr char kBegin[] = "-----BEGIN CERTIFICATE-----\n";
    static char text[1000];
    for (; at + sizeof kBegin < file.length; at++) {
      if (strncmp(file.data + at, kBegin, sizeof kBegin - 1) != 0) continue;
      size_t length = 0;
      for (at += sizeof kBegin - 1; file.data[at] != '-'; at++) {
        if (file.data[at] != '\n') text[length++] = file.data[at];
      }
      return decode(text, length, der);
    }
    return false;
  }

  HandStore& store_;
  Which which_ = Which::MINTED;
  Der certificate_ = {};
  Der authorities_[2] = {};
  size_t count_ = 0;
};

/** The digest is made of sums, so that an order or a byte that is wrong shows. */
struct HandSlot final : FirmwareSlot {
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
  uint32_t room = 2000000, sum = 0;
  size_t written = 0;
  bool works = true, holds = true;
  int begins = 0, commits = 0, abandons = 0;
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
  int counts[14] = {};
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
  HandKeys keys;
  HandCredentials credentials{store};
  HandRandom random;
  HandMachine machine;
  Counter log;
  const uint8_t pinNumbers[2] = {4, 5};
  Ports ports{clock, network, link, radio, pins, store, slot, keys, credentials, random, machine, log};
  Boots boots;
  Settings settings{"00112233445566778899aabbccddeeff", {"127.0.0.1", 8883, "localhost"}, "Home", {500, 60000},
                    HandClock::kEpoch - 1000,
                    {"1.0.0", "test", boots.reason(), pinNumbers, 2, boots.safeMode()}};
  Board board{ports, settings, boots};

  Bench() : boots(machine) {}
  /** `before`: the machine as an earlier start has left it. */
  explicit Bench(const HandMachine& before) : machine(before), boots(machine) {}
  Bench(const HandMachine& before, const HandStore& kept) : store(kept), machine(before), boots(machine) {}

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
