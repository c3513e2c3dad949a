#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "fakes.h"
#include "judge.h"

using namespace sconce;
using State = Board::State;

namespace {

std::string base64(const std::string& bytes) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; j++) bits = bits << 8 | (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; j++) text += i + j > bytes.size() ? '=' : letters[bits >> (18 - 6 * j) & 63];
  }
  return text;
}

/** What HandSlot takes for the digest. */
std::string digestOf(const std::string& image) {
  uint32_t sum = 0;
  for (const char c : image) sum = sum * 31 + static_cast<uint8_t>(c);
  char digits[9];
  snprintf(digits, sizeof digits, "%08x", sum);
  return std::string(56, '0') + digits;
}

std::string makeImage(size_t size) {
  std::string image;
  for (size_t i = 0; i < size; i++) image += static_cast<char>(i * 7 + i / 256);
  return image;
}

const std::string kSignature(reinterpret_cast<const char*>(HandKeys::kSigned), sizeof HandKeys::kSigned);
constexpr uint64_t kSignedAt = HandClock::kEpoch;

std::string offer(const std::string& image, const std::string& signature = kSignature, uint64_t signedAt = kSignedAt) {
  return ",\"do\":\"update.begin\",\"size\":" + std::to_string(image.size()) + ",\"sha256\":\"" + digestOf(image) +
         "\",\"signedAt\":" + std::to_string(signedAt) + ",\"signature\":\"" + base64(signature) + "\"";
}

std::string piece(const std::string& image, size_t at, size_t length) {
  return ",\"do\":\"update.data\",\"at\":" + std::to_string(at) + ",\"data\":\"" + base64(image.substr(at, length)) + "\"";
}

const std::string kEnd = ",\"do\":\"update.end\"";

/** A board that serves, and whoever sends it an update. */
struct Sender {
  explicit Sender(const HandMachine& before = HandMachine()) : bench(std::make_unique<Bench>(before)) {
    bench->run(300);
    REQUIRE(bench->board.state() == State::SERVING);
  }
  /** The answer to a new command. */
  std::string ask(const std::string& body) {
    bench->ask(++number, body.c_str());
    const std::string answer = bench->link.last().payload;
    CHECK(judgeMessage("ack", answer));
    return answer;
  }
  /** The answer's outcome, with its reason and where to go on: "refused out_of_order 640". */
  std::string tell(const std::string& body) {
    const std::string answer = ask(body);
    std::string words;
    for (const std::string key : {"\"outcome\":\"", "\"reason\":\"", "\"at\":"}) {
      const size_t at = answer.find(key);
      if (at == std::string::npos) continue;
      const size_t from = at + key.size();
      words += (words.empty() ? "" : " ") + answer.substr(from, answer.find_first_of("\",}", from) - from);
    }
    return words;
  }
  std::unique_ptr<Bench> bench;
  unsigned number = 0;
};

}  // namespace

TEST_CASE("update: new firmware arrives in pieces, is checked, and started") {
  const std::string image = makeImage(1500);
  Sender sender;
  Bench& bench = *sender.bench;
  CHECK(sender.tell(offer(image)) == "transmitted 0");
  CHECK(bench.keys.digested == "sconce firmware v1\n1500\n" + digestOf(image) + "\n" + std::to_string(kSignedAt) + "\n");
  CHECK(sender.tell(piece(image, 0, 640)) == "transmitted 640");
  CHECK(sender.tell(piece(image, 640, 640)) == "transmitted 1280");
  CHECK(sender.tell(piece(image, 1280, 220)) == "transmitted 1500");
  CHECK(bench.slot.commits == 0);
  bench.ask(100, kEnd.c_str());
  bench.run(10);
  CHECK(bench.slot.commits == 1);
  CHECK(bench.slot.abandons == 0);
  CHECK(bench.machine.restarts == 1);
  bench.machine.reset = {Reset::Cause::RESTART, 0, 0};
  CHECK(std::string(Boots(bench.machine).reason()) == "restart: new firmware");
}

TEST_CASE("update: pieces are taken in their order, each once, and the answer says where to go on") {
  const std::string image = makeImage(1000), other = makeImage(900);
  const struct { const char* why; std::string body; const char* answer; } cases[] = {
      {"a piece before any offer", piece(image, 0, 100), "refused out_of_order"},
      {"an end before any offer", kEnd, "refused out_of_order"},
      {"the offer", offer(image), "transmitted 0"},
      {"not the first", piece(image, 100, 100), "refused out_of_order 0"},
      {"the first", piece(image, 0, 100), "transmitted 100"},
      {"the first again", piece(image, 0, 100), "transmitted 100"},
      {"a part of it again", piece(image, 30, 10), "transmitted 100"},
      {"old and new in one", piece(image, 50, 100), "refused out_of_order 100"},
      {"one left out", piece(image, 200, 100), "refused out_of_order 100"},
      {"the end too early", kEnd, "refused out_of_order 100"},
      {"the same offer again", offer(image), "transmitted 100"},
      {"signed once more", offer(image, kSignature, kSignedAt + 1), "transmitted 100"},
      {"another, by nobody", offer(other, "12345678"), "refused not_signed 100"},
      {"the second", piece(image, 100, 640), "transmitted 740"},
      {"more than there is to come", piece(image + "more", 740, 261), "refused out_of_order 740"},
      {"the last", piece(image, 740, 260), "transmitted 1000"},
      {"beyond it", piece(image + "more", 1000, 4), "refused out_of_order 1000"},
      {"another, signed", offer(other), "transmitted 0"},
      {"of the one before", piece(image, 740, 100), "refused out_of_order 0"},
  };
  Sender sender;
  for (const auto& [why, body, answer] : cases) {
    CAPTURE(why);
    CHECK(sender.tell(body) == answer);
  }
  CHECK(sender.bench->slot.begins == 2);
  CHECK(sender.bench->slot.abandons == 1);
  CHECK(sender.bench->machine.restarts == 0);
}

TEST_CASE("update: what the household has not signed gets no byte in") {
  const std::string image = makeImage(700);
  const uint64_t builtAt = HandClock::kEpoch - 1000;
  const struct { const char* why; std::string offer; const char* answer; } cases[] = {
      {"another's signature", offer(image, "12345678"), "refused not_signed"},
      {"a byte more", offer(image, kSignature + "1"), "refused not_signed"},
      {"the longest", offer(image, std::string(72, 'x')), "refused not_signed"},
      {"signed before the firmware here was built", offer(image, kSignature, builtAt - 1), "refused not_signed"},
      {"larger than any flash", offer(std::string(1044465, 'x')), "refused malformed"},
  };
  for (const auto& [why, offer, answer] : cases) {
    CAPTURE(why);
    Sender sender;
    CHECK(sender.tell(offer) == answer);
    CHECK(sender.tell(piece(image, 0, 640)) == "refused out_of_order");
    CHECK(sender.bench->slot.begins == 0);
    CHECK(sender.bench->slot.written == 0);
  }
  CHECK(Sender().tell(offer(image, kSignature, builtAt)) == "transmitted 0");
}

TEST_CASE("update: what has gone wrong is forgotten, said, and can begin anew") {
  const std::string image = makeImage(600);
  std::string flipped = image;
  flipped[333] ^= 1;
  const struct { const char* why; std::string sent; void (*breakIt)(HandSlot&); const char* answers[3]; int abandons; } cases[] = {
      {"a flipped bit", flipped, [](HandSlot&) {}, {"transmitted 0", "transmitted 600", "failed update_failed"}, 1},
      {"no room", image, [](HandSlot& slot) { slot.room = 599; },
       {"failed update_failed", "refused out_of_order", "refused out_of_order"}, 0},
      {"a flash that takes nothing", image, [](HandSlot& slot) { slot.works = false; },
       {"transmitted 0", "failed update_failed", "refused out_of_order"}, 1},
      {"a flash that holds nothing", image, [](HandSlot& slot) { slot.holds = false; },
       {"transmitted 0", "transmitted 600", "failed update_failed"}, 1},
  };
  for (const auto& [why, sent, breakIt, answers, abandons] : cases) {
    CAPTURE(why);
    Sender sender;
    HandSlot& slot = sender.bench->slot;
    breakIt(slot);
    CHECK(sender.tell(offer(image)) == answers[0]);
    CHECK(sender.tell(piece(sent, 0, 600)) == answers[1]);
    const int commits = slot.holds ? 0 : 1;
    CHECK(sender.tell(kEnd) == answers[2]);
    CHECK(slot.commits == commits);
    CHECK(slot.abandons == abandons);
    sender.bench->run(2000);
    CHECK(sender.bench->machine.restarts == 0);
    slot.room = 600;
    slot.works = slot.holds = true;
    CHECK(sender.tell(offer(image)) == "transmitted 0");
    CHECK(sender.tell(piece(image, 0, 600)) == "transmitted 600");
    sender.bench->ask(100, kEnd.c_str());
    sender.bench->run(10);
    CHECK(sender.bench->machine.restarts == 1);
  }
}

TEST_CASE("update: after two minutes without a word it is given up; a lost line alone does not end it") {
  const std::string image = makeImage(600);
  Sender sender;
  Bench& bench = *sender.bench;
  CHECK(sender.tell(offer(image)) == "transmitted 0");
  CHECK(sender.tell(piece(image, 0, 300)) == "transmitted 300");
  bench.link.tell(LinkEvent::Kind::LOST);
  bench.run(119000);
  REQUIRE(bench.board.state() == State::SERVING);
  CHECK(sender.tell(offer(image)) == "transmitted 300");
  bench.run(119000);
  CHECK(sender.tell(piece(image, 300, 100)) == "transmitted 400");
  bench.run(120001);
  CHECK(bench.slot.abandons == 1);
  CHECK(sender.tell(piece(image, 400, 200)) == "refused out_of_order");
  CHECK(sender.tell(offer(image)) == "transmitted 0");
}

TEST_CASE("update: in safe mode, too, where nothing else is done") {
  HandMachine crashed;
  crashed.reset = {Reset::Cause::EXCEPTION, 29, 0x40201234};
  for (int i = 0; i < Boots::kCrashes - 1; i++) Boots{crashed};
  Sender sender(crashed);
  const std::string image = makeImage(600);
  CHECK(sender.tell(",\"do\":\"pin.set\",\"pin\":4,\"on\":true") == "refused not_capable");
  CHECK(sender.tell(offer(image)) == "transmitted 0");
  CHECK(sender.tell(piece(image, 0, 600)) == "transmitted 600");
  sender.bench->ask(100, kEnd.c_str());
  sender.bench->run(10);
  CHECK(sender.bench->machine.restarts == 1);
}

TEST_CASE("update: the flash waits for the radio") {
  const std::string image = makeImage(600);
  Sender sender;
  CHECK(sender.tell(offer(image)) == "transmitted 0");
  sender.bench->ask(100, ",\"do\":\"rf.send\",\"code\":5393,\"bits\":24,\"protocol\":1,\"pulse\":350,\"repeat\":4");
  CHECK(sender.tell(piece(image, 0, 600)) == "refused queue_full 0");
  CHECK(sender.bench->slot.written == 0);
  sender.bench->run(200);
  CHECK(sender.tell(piece(image, 0, 600)) == "transmitted 600");
}

TEST_CASE("update: its hundreds of commands push no other out of the memory") {
  const std::string image = makeImage(600);
  Sender sender;
  sender.bench->ask(1000, ",\"do\":\"identify\"");
  sender.tell(offer(image));
  for (size_t at = 0; at < 600; at += 6) sender.tell(piece(image, at, 6));
  sender.bench->ask(1000, ",\"do\":\"identify\"");
  CHECK(sender.bench->log.of(Happening::Event::IDENTIFY) == 1);
}

TEST_CASE("base64: every length and every letter, in steps") {
  std::string bytes;
  for (int i = 0; i < 256; i++) bytes += static_cast<char>(i * 73);
  for (size_t length = 1; length <= bytes.size(); length++) {
    CAPTURE(length);
    const std::string text = base64(bytes.substr(0, length));
    Base64 read;
    REQUIRE(read.read(text.data(), text.size()));
    CHECK(read.size() == length);
    std::string decoded;
    uint8_t step[9];
    for (size_t count; (count = read.decode(decoded.size(), step, sizeof step)) > 0;) decoded.append(step, step + count);
    CHECK(decoded == bytes.substr(0, length));
  }
}
