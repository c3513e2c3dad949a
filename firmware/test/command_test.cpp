#include <doctest/doctest.h>

#include <string>

#include "command.h"
#include "vectors.h"

using namespace sconce;

namespace {

Reading read(const std::string& payload) {
  Reading reading;
  // A copy of its own size, so that the sanitizer sees a byte read too far.
  std::vector<char> bytes(payload.begin(), payload.end());
  readCommand(bytes.data(), bytes.size(), reading);
  return reading;
}

std::string verdict(const Reading& reading) {
  switch (reading.kind) {
    case Reading::Kind::COMMAND: return "command";
    case Reading::Kind::REFUSED: return protocol::kAckReasonWords[static_cast<size_t>(reading.reason)];
    case Reading::Kind::UNREADABLE: return "unreadable";
  }
  return "";
}

const std::string envelope =
    R"("id":"0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11","replyTo":"a1b2c3d4","deadline":1795000000000)";

}  // namespace

TEST_CASE("commands: every sample of the protocol is read or refused as it says") {
  const auto samples = readVectors("commands");
  CHECK(samples.size() > 40);
  for (const Sample& sample : samples) {
    CAPTURE(sample.at("why"));
    const Reading reading = read(sample.at("payload"));
    const bool valid = sample.at("valid") == "true";
    const std::string reason = valid ? "command" : sample.at("reason");
    CHECK(verdict(reading) == (reason == "null" ? "unreadable" : reason));
    CHECK((reading.why[0] == '\0') == valid);
  }
}

TEST_CASE("commands: what a good one says arrives exactly") {
  const Command rf = read("{" + envelope + R"(,"do":"rf.send","code":4294967295,"bits":32,"protocol":12,"pulse":2000,"repeat":40})").command;
  CHECK(std::string(CommandIdText(rf.id).text) == "0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11");
  CHECK(std::string(ReplicaIdText(rf.replyTo).text) == "a1b2c3d4");
  CHECK(rf.deadline == 1795000000000u);
  CHECK(rf.what == protocol::Do::RF_SEND);
  CHECK(rf.rf.code == 4294967295u);
  CHECK(rf.rf.bits == 32);
  CHECK(rf.rf.protocol == 12);
  CHECK(rf.rf.pulse == 2000);
  CHECK(rf.repeat == 40);
  const Command pin = read("{" + envelope + R"(,"do":"pin.set","pin":16,"on":true})").command;
  CHECK(pin.pin == 16);
  CHECK(pin.on);
}

TEST_CASE("commands: what jsmn lets pass and JSON does not, and other oddities") {
  const std::string id = R"("id":"0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11")";
  const std::string rest = R"("replyTo":"a1b2c3d4","deadline":1795000000000,"do":"identify")";
  const std::string many = [] {
    std::string keys;
    for (int i = 0; i < 100; i++) keys += ",\"k" + std::to_string(i) + "\":1";
    return keys;
  }();
  const struct { const char* why; std::string payload; const char* expected; } cases[] = {
      {"a comma too many", "{" + id + "," + rest + ",}", "unreadable"},
      {"a comma missing", "{" + id + " " + rest + "}", "unreadable"},
      {"two commas", "{" + id + ",," + rest + "}", "unreadable"},
      {"a colon missing", R"({"id" "0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11",)" + rest + "}", "unreadable"},
      {"something behind it", "{" + id + "," + rest + "} x", "unreadable"},
      {"a key without a value", "{" + id + "," + rest + ",\"x\"}", "unreadable"},
      {"a key twice", "{" + id + "," + id + "," + rest + "}", "malformed"},
      {"nested deeply", "{" + id + "," + rest + R"(,"x":{"id":[1,{"y":2}]}})", "malformed"},
      {"more keys than any message has", "{" + id + "," + rest + many + "}", "unreadable"},
      {"two keys, and two others missing", "{" + envelope + R"(,"do":"pin.set","on":true,"code":1})", "malformed"},
      {"an exponent", R"({"deadline":1e12,"replyTo":"a1b2c3d4","do":"identify",)" + id + "}", "malformed"},
      {"a leading zero", R"({"deadline":01795000000000,"replyTo":"a1b2c3d4","do":"identify",)" + id + "}", "malformed"},
      {"the largest exact deadline", R"({"deadline":9007199254740991,"replyTo":"a1b2c3d4","do":"identify",)" + id + "}", "command"},
      {"one more", R"({"deadline":9007199254740992,"replyTo":"a1b2c3d4","do":"identify",)" + id + "}", "malformed"},
      {"a word for a number", R"({"deadline":tomorrow,"replyTo":"a1b2c3d4","do":"identify",)" + id + "}", "malformed"},
      {"do as a number", "{" + envelope + R"(,"do":7})", "malformed"},
      {"an id of no version", R"({"id":"0b5b2ad3-6f5e-0b43-9f0e-1c9a5d0e7a11",)" + rest + "}", "unreadable"},
      {"the nil id", R"({"id":"00000000-0000-0000-0000-000000000000",)" + rest + "}", "command"},
      {"as long as may be", "{" + id + "," + rest + "}" + std::string(1024 - id.size() - rest.size() - 3, ' '), "command"},
      {"one byte too many", "{" + id + "," + rest + "}" + std::string(1025 - id.size() - rest.size() - 3, ' '), "too_large"},
      {"a zero byte", std::string("{\0}", 3), "unreadable"},
      {"not text", std::string(2048, '\xff'), "unreadable"},
      {"brackets without end", std::string(1024, '['), "unreadable"},
  };
  for (const auto& [why, payload, expected] : cases) {
    CAPTURE(why);
    CHECK(verdict(read(payload)) == expected);
  }
}

TEST_CASE("commands: cut off anywhere, nothing is read, and nothing beyond the end") {
  const std::string whole = "{" + envelope + R"(,"do":"pin.set","pin":5,"on":true})";
  for (size_t length = 0; length < whole.size(); length++) {
    CAPTURE(length);
    CHECK(verdict(read(whole.substr(0, length))) == "unreadable");
  }
}
