#include "life.h"

#include "digest.h"
#include "fakes.h"
#include "happening.h"
#include "line.h"

namespace scenario {

namespace {

using namespace sconce;

/** Of the messages and happenings of the connected board, this many are said in full; there is a digest of all. */
constexpr size_t kInFull = 25;

/** The record, as an adapter would write it. */
struct Record final : Log {
  explicit Record(HandClock& clock) : clock_(clock) {}
  void happened(const Happening& happening) override {
    static char line[700];
    const uint64_t at = HandClock::kEpoch + clock_.now / 1000;
    formatHappening(line, sizeof line, at, "00112233445566778899aabbccddeeff", happening);
    if (inFull > 0) {
      inFull--;
      Line().words.text(line);
    }
    digest.add(line);
    count++;
  }
  Digest digest;
  size_t count = 0, inFull = 0;

 private:
  HandClock& clock_;
};

struct Life {
  Bench bench;
  Record record{bench.clock};
  Digest digest;
  size_t heard = 0;

  /** Takes note of what the board has published since. */
  void listen() {
    if (bench.link.saidCount - heard > HandLink::kSaid) fail("more was said at once than HandLink keeps");
    for (; heard < bench.link.saidCount; heard++) {
      const HandLink::Message& message = bench.link.said[heard % HandLink::kSaid];
      if (heard < kInFull) Line().words.text(message.topic).character(' ').text(message.payload);
      digest.add(message.topic);
      digest.add(message.payload);
    }
  }
  /** `stepMs`: how often the loop turns; less often will do while nothing happens. */
  void run(uint64_t ms, uint64_t stepMs = 1) {
    for (uint64_t passed = 0; passed < ms; passed += stepMs) {
      bench.clock.now += stepMs * 1000;
      bench.board.step();
      listen();
    }
  }
  /** As Bench::ask, with its payload off the stack, which is measured here. */
  void ask(unsigned number, const char* body, int64_t deadlineIn = 4000) {
    static char payload[1300], id[37];
    Bench::numberToId(number, id);
    Writer json(payload, sizeof payload);
    json.text("{\"id\":").quoted(id).text(",\"replyTo\":\"a1b2c3d4\",\"deadline\":");
    const int64_t now = static_cast<int64_t>(HandClock::kEpoch + bench.clock.now / 1000);
    json.signedNumber(now + deadlineIn).text(body).character('}');
    bench.link.command(payload);
    bench.board.step();
    listen();
  }
  void sayDigests() const {
    Line().words.number(heard).text(" messages, ").number(digest.value()).text("; ")
        .number(record.count).text(" happenings, ").number(record.digest.value());
  }
};

constexpr char kShort[] = R"(,"do":"rf.send","code":5393,"bits":24,"protocol":1,"pulse":350,"repeat":1)";
constexpr char kWide[] = R"(,"do":"rf.send","code":4294967295,"bits":32,"protocol":12,"pulse":50,"repeat":2)";

void askOneOfTen(Life& life, unsigned number) {
  switch (number % 10) {
    case 0: return life.ask(number, kShort);
    case 1: return life.ask(number, R"(,"do":"pin.set","pin":5,"on":true)");
    case 2: return life.ask(number, R"(,"do":"identify","unknown":{"a":[1,2,3]})");
    case 3: return life.ask(number, R"(,"do":"identify")", -1);
    case 4: return life.ask(number, R"(,"do":"identify")");
    case 5: return life.ask(number - 1, R"(,"do":"identify")");
    case 6: return life.ask(number, R"(,"do":"pin.set","pin":16,"on":true)");
    case 7: return life.ask(number, R"(,"do":"identify")", 60001);
    case 8: return life.ask(number, kWide);
    default: return life.ask(number, R"(,"do":"self.destruct")");
  }
}

/** Too large for the stack; and not inlined, so that what its making needs is no part of the stack that is measured. */
__attribute__((noinline)) Life& theLife() {
  static Life life;
  return life;
}

void beRefused(Life& life) {
  life.bench.link.refuses = true;
  while (life.bench.link.connects < 1000) life.run(1000, 1000);
  life.bench.link.refuses = false;
}

void obey(Life& life) {
  Bench& bench = life.bench;
  for (unsigned number = 1; number <= 10000; number++) {
    askOneOfTen(life, number);
    bench.radio.next = {number, 24, 1, 351};
    bench.radio.waiting = number % 7 == 0;
    life.run(10);
    if (number % 1000 > 0) continue;
    bench.link.tell(LinkEvent::Kind::LOST);
    life.run(70000, 100);
    life.sayDigests();
  }
}

/** As long as may be, into a slot that finds another digest: the deepest that an update goes. */
void takeFirmware(Life& life) {
  static char body[1000], data[857];
  memset(data, '7', sizeof data - 1);
  life.ask(20000, R"(,"do":"update.begin","size":1280,"signedAt":1795000000000,"signature":"MAYCAQECAQE=","sha256":")"
                  R"(00000000000000000000000000000000000000000000000000000000cafebabe")");
  for (unsigned at = 0; at < 1280; at += 640) {
    // 640 bytes are 213 times 3, and 1.
    memcpy(data + sizeof data - 5, "6Q==", 4);
    Writer(body, sizeof body).text(R"(,"do":"update.data","at":)").number(at).text(",\"data\":").quoted(data);
    life.ask(20001 + at, body);
  }
  life.ask(30000, R"(,"do":"update.end")");
  Line().words.text("slot ").number(life.bench.slot.sum).character(' ').number(life.bench.slot.written).character(' ')
      .text(life.bench.link.last().payload);
}

void askWith(Life& life, unsigned number, const char* what, const char* certificate, const char* more = "") {
  static char body[1000];
  Writer(body, sizeof body).text(",\"do\":").quoted(what).text(",\"certificate\":").quoted(certificate).text(more);
  life.ask(number, body);
}

/** A request, what is refused, the new certificate and the connection with it; then the next authority. */
void renew(Life& life) {
  Bench& bench = life.bench;
  askWith(life, 40000, "certificate.issuer", household::kIssuing);
  life.ask(40001, R"(,"do":"certificate.renew")");
  life.run(2);
  Line().words.text(bench.link.last().payload);
  askWith(life, 40002, "certificate.install", household::kRenewed);
  askWith(life, 40003, "certificate.issuer", household::kMinted);
  askWith(life, 40004, "certificate.issuer", household::kIssuing);
  askWith(life, 40005, "certificate.install", household::kRenewed);
  bench.keys.believes = true;
  askWith(life, 40006, "certificate.install", household::kMinted);
  askWith(life, 40007, "certificate.install", household::kRenewed);
  life.run(100);
  const HandStore::File* renewed = bench.store.find(Renewal::kFile);
  say(renewed->data, renewed->length);
  askWith(life, 40008, "authority.trust", household::kNextServices, R"(,"signature":"MAYCAQECAQE=","alone":false)");
  life.run(2);
  Line().words.text(bench.link.last().payload);
  askWith(life, 40009, "authority.trust", household::kNextServices, R"(,"signature":"MAYCAQECAQE=","alone":true)");
  life.run(2);
  Line().words.text(bench.link.last().payload);
  life.sayDigests();

  // The new one is refused, and the one of before is not.
  bench.link.fault = Fault::OWN_CERTIFICATE_REVOKED;
  bench.link.refuses = true;
  bench.link.tell(LinkEvent::Kind::LOST);
  while (bench.credentials.which() == Credentials::Which::RENEWED) life.run(100);
  bench.link.refuses = false;
  life.run(70000, 100);
  life.sayDigests();
}

void sayCounts(const Bench& bench) {
  Line line;
  line.words.text("state ").number(static_cast<uint64_t>(bench.board.state())).text(", restarts ")
      .signedNumber(bench.machine.restarts).text(", sent ").signedNumber(bench.radio.starts).text(", pins ")
      .signedNumber(bench.pins.sets).text(", happenings");
  for (const int count : bench.log.counts) line.words.character(' ').signedNumber(count);
}

}  // namespace

void liveALife() {
  Life& life = theLife();
  life.bench.log.also = &life.record;
  beRefused(life);
  life.record.inFull = kInFull;
  life.run(70000, 100);
  obey(life);
  takeFirmware(life);
  renew(life);
  life.ask(10001, R"(,"do":"restart")");
  life.run(2000);
  sayCounts(life.bench);
}

}  // namespace scenario
