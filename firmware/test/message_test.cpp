#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "faults.h"
#include "judge.h"
#include "messages.h"
#include "topics.h"
#include "vectors.h"
#include "writer.h"

using namespace sconce;

TEST_CASE("messages: the judge of what a board says agrees with every sample of the protocol") {
  const auto samples = readVectors("device-messages");
  CHECK(samples.size() > 20);
  for (const Sample& sample : samples) {
    CAPTURE(sample.at("channel"));
    CAPTURE(sample.at("why"));
    CHECK(judgeMessage(sample.at("channel"), sample.at("payload")) == (sample.at("valid") == "true"));
  }
}

TEST_CASE("messages: what is written is what the protocol allows, and what it does not is not written") {
  char out[kMessageBytes];
  const auto made = [&](size_t length) { return std::string(out, length); };
  CommandId id;
  REQUIRE(readCommandId("0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11", 36, id));
  const uint8_t pins[] = {4, 16}, badPins[] = {17};
  const std::string wordy(400, '"');

  CHECK(made(formatAck(out, sizeof out, {id, protocol::AckOutcome::TRANSMITTED, {}, false, 4482})) ==
        R"({"id":"0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11","outcome":"transmitted","ms":448.2})");
  for (size_t outcome = 0; outcome < protocol::kAckOutcomeCount; outcome++) {
    for (size_t reason = 0; reason < protocol::kAckReasonCount; reason++) {
      const Ack ack = {id, static_cast<protocol::AckOutcome>(outcome), static_cast<protocol::AckReason>(reason), true,
                       static_cast<uint32_t>(reason)};
      CHECK(judgeMessage("ack", made(formatAck(out, sizeof out, ack))));
    }
  }
  CHECK(made(formatStatus(out, sizeof out, false, 1795000000000)) == R"({"online":false,"since":1795000000000})");
  CHECK(judgeMessage("status", made(formatStatus(out, sizeof out, true, 1795000000000))));
  const About about = {"1.0.0", "nodemcuv2", "power on", pins, 2, false};
  Standing standing;
  standing.notAfter = 1795000000000;
  for (const char* fault : {"", "The \"Wi-Fi\" password\n was refused.", wordy.c_str()}) {
    const std::string info = made(formatInfo(out, sizeof out, about, standing, fault));
    CHECK((info.find("lastError") != std::string::npos) == (*fault != '\0'));
    // Escaped, 200 quotation marks are 400 characters of JSON.
    if (strlen(fault) <= 200) CHECK(judgeMessage("info", info));
    CHECK(!info.empty());
  }
  CHECK(formatInfo(out, sizeof out, {"1.0.0", "x", "", badPins, 1, false}, standing, "") == 0);
  CHECK(judgeMessage("rf/received", made(formatReceived(out, sizeof out, {5393, 24, 1, 351}, false))));
  CHECK(judgeMessage("rf/received", made(formatReceived(out, sizeof out, {5393, 24, 1, 351}, true))));
  CHECK(std::string(out).find(",\"learning\":true}") != std::string::npos);
  CHECK(formatReceived(out, sizeof out, {1 << 24, 24, 1, 351}, false) == 0);
  CHECK(judgeMessage("telemetry", made(formatTelemetry(out, sizeof out, {-61, 31000, 28000}, 86400, 1010))));
  CHECK(formatTelemetry(out, sizeof out, {5, 31000, 28000}, 86400, 1010) == 0);
}

TEST_CASE("messages: a buffer too small gives nothing, and nothing is written behind it") {
  for (size_t capacity = 0; capacity < 40; capacity++) {
    std::vector<char> out(capacity);
    CHECK(formatStatus(out.data(), out.size(), false, 1795000000000) == (capacity < 39 ? 0 : 38));
  }
}

TEST_CASE("topics: what a board builds is what the API parses, and nothing else") {
  const std::string device = "00112233445566778899aabbccddeeff";
  ReplicaId replica;
  REQUIRE(readReplicaId("a1b2c3d4", 8, replica));
  std::map<std::string, std::string> built;
  for (const auto& [channel, format] : {std::pair{"status", protocol::kTopicStatus}, {"info", protocol::kTopicInfo},
                                        {"telemetry", protocol::kTopicTelemetry}, {"rf/received", protocol::kTopicReceived},
                                        {"certificate", protocol::kTopicCertificate},
                                        {"ack", protocol::kTopicAck}}) {
    char topic[kTopicBytes];
    makeTopic(topic, format, device.c_str(), &replica);
    built[topic] = channel;
  }
  size_t parsed = 0;
  for (const Sample& sample : readVectors("topics")) {
    const bool known = sample.at("parsed") != "null";
    CAPTURE(sample.at("topic"));
    CHECK(built.count(sample.at("topic")) == (known ? 1 : 0));
    if (known) CHECK(sample.at("parsed").find("\"" + built[sample.at("topic")] + "\"") != std::string::npos);
    parsed += known ? 1 : 0;
  }
  CHECK(parsed == built.size());
  char command[kTopicBytes];
  makeTopic(command, protocol::kTopicCommand, device.c_str());
  CHECK(std::string(command) == "sconce/v1/" + device + "/command");
}

TEST_CASE("faults: the same codes and words as in TypeScript, in the same order") {
  const auto samples = readVectors("faults");
  CHECK(samples.size() == kSharedFaultCount);
  for (size_t i = 0; i < kFaultCount; i++) {
    const Sample sample = i < samples.size() ? samples[i] : Sample();
    const std::string said = i < samples.size() ? sample.at("error") : "2020-01-01T00:00:00.000Z";
    char words[400], code[40];
    Writer writer(words, sizeof words), codeWriter(code, sizeof code);
    faultWords(writer, static_cast<Fault>(i),
               {{"lamps.example.org", 8883, "broker.example.org"}, "Home", 1795000000000, said.c_str()});
    faultCode(codeWriter, static_cast<Fault>(i));
    CAPTURE(code);
    CHECK(writer.fits());
    CHECK(std::string(words).find('{') == std::string::npos);
    CHECK_MESSAGE(strlen(words) <= kLastErrorCharacters, words);
    if (i >= samples.size()) continue;
    CHECK(code == sample.at("code"));
    CHECK(words == sample.at("message"));
  }
}

TEST_CASE("faults: a broker that drops an expired board without a word") {
  CHECK(clarify(Fault::CLOSED_EARLY, 1000, 1000) == Fault::OWN_CERTIFICATE_EXPIRED);
  CHECK(clarify(Fault::CLOSED_EARLY, 1000, 999) == Fault::CLOSED_EARLY);
  CHECK(clarify(Fault::OWN_CERTIFICATE_REFUSED, 1000, 1000) == Fault::OWN_CERTIFICATE_EXPIRED);
  CHECK(clarify(Fault::PORT_CLOSED, 1000, 2000) == Fault::PORT_CLOSED);
}

TEST_CASE("writer: numbers and moments") {
  char out[64];
  const auto written = [&](auto write) {
    Writer writer(out, sizeof out);
    write(writer);
    return std::string(out);
  };
  CHECK(written([](Writer& w) { w.number(UINT64_MAX); }) == "18446744073709551615");
  CHECK(written([](Writer& w) { w.signedNumber(-127); }) == "-127");
  CHECK(written([](Writer& w) { w.tenths(4480); }) == "448");
  CHECK(written([](Writer& w) { w.quoted("a\"\\\n"); }) == R"("a\"\\\u000a")");
  for (const auto& [ms, iso] : {std::pair{uint64_t{0}, "1970-01-01T00:00:00.000Z"}, {951782399999, "2000-02-28T23:59:59.999Z"},
                                {951782400000, "2000-02-29T00:00:00.000Z"}, {1580515200000, "2020-02-01T00:00:00.000Z"},
                                {1795000000000, "2026-11-18T11:06:40.000Z"}, {4107542400000, "2100-03-01T00:00:00.000Z"}}) {
    CHECK(written([&, at = ms](Writer& w) { w.iso(at); }) == iso);
  }
}
