#include "scenario.h"

#include <string.h>

#include "command.h"
#include "faults.h"
#include "json_object.h"
#include "life.h"
#include "line.h"
#include "messages.h"
#include "timings.h"

extern "C" const char commandSamples[], commandSamplesEnd[];

namespace scenario {

namespace {

using namespace sconce;

/** 0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11 */
constexpr CommandId kId = {{0x0b, 0x5b, 0x2a, 0xd3, 0x6f, 0x5e, 0x4b, 0x43, 0x9f, 0x0e, 0x1c, 0x9a, 0x5d, 0x0e, 0x7a, 0x11}};
constexpr uint64_t kMoment = 1795000000000;
/** Longer than any sample of a command. */
constexpr size_t kLongest = 1300;

/** The samples use no other escapes; test/vectors.cpp would throw. */
size_t unescape(const JsonObject::Value& value, char* plain) {
  size_t length = 0;
  for (size_t i = 0; i < value.length; i++) {
    char c = value.text[i];
    if (c == '\\') {
      c = value.text[++i];
      if (c == 'n') c = '\n';
      if (c == 't') c = '\t';
    }
    plain[length++] = c;
  }
  return length;
}

void sayReading(const char* payload, size_t length) {
  static Reading reading;
  readCommand(payload, length, reading);
  const Command& c = reading.command;
  const uint64_t numbers[] = {static_cast<uint64_t>(reading.kind), static_cast<uint64_t>(reading.reason),
                              static_cast<uint64_t>(c.what), c.deadline, c.rf.code, c.rf.bits, c.rf.protocol,
                              c.rf.pulse, c.repeat, c.pin, c.on, c.offer.size, c.offer.signedAt,
                              c.offer.sha256[31], c.offer.signature.size(), c.at, c.data.size()};
  Line line;
  line.words.text("  ").text(CommandIdText(c.id).text).character(' ').text(ReplicaIdText(c.replyTo).text);
  for (const uint64_t number : numbers) line.words.character(' ').number(number);
  line.words.character(' ').text(reading.why);
}

/** Reads the next object of the samples, of which the file has one a line, and moves `at` behind it. */
bool nextObject(const char*& at, JsonObject& object) {
  while (at < commandSamplesEnd && *at != '{') at++;
  const char* end = at;
  for (const char* c = at; c < commandSamplesEnd && *c != '\n'; c++) {
    if (*c == '}') end = c + 1;
  }
  const char* start = at;
  at = end;
  return end > start && object.parse(start, static_cast<size_t>(end - start));
}

void readSamples() {
  static JsonObject sample;
  static char payload[kLongest + 4];
  size_t count = 0;
  const char* end = commandSamples;
  while (nextObject(end, sample)) {
    JsonObject::Value why, text;
    if (!sample.find("why", why) || !sample.find("payload", text) || text.length > kLongest) break;
    payload[unescape(why, payload)] = '\0';
    Line().words.text(payload);
    const size_t length = unescape(text, payload);
    // At four addresses, since the chip traps on words that are not aligned.
    for (size_t shift = 0; shift < 4; shift++) {
      if (shift > 0) memmove(payload + shift, payload + shift - 1, length);
      sayReading(payload + shift, length);
    }
    count++;
  }
  if (end < commandSamplesEnd) fail("commands.json is not what the scenario expects: one flat object a line");
  Line().words.number(count).text(" samples");
}

void sayFrames() {
  static Frame frame;
  for (uint8_t number = 1; number <= protocol::kRfProtocolMax; number++) {
    const RfCode codes[] = {{0xA5A5A5A5, 32, number, 2000}, {5393, 24, number, 350}, {0, 1, number, 50}};
    for (const RfCode& code : codes) {
      makeFrame(code, frame);
      Line line;
      line.words.text("protocol ").number(number).text(frame.firstHigh ? " high first," : " low first,");
      for (size_t i = 0; i < frame.count; i++) {
        line.words.character(' ').number(frame.spans[i].first).character('+').number(frame.spans[i].second);
      }
      line.words.text(" = ").number(airMicros(frame)).text(" us");
    }
  }
}

void sayMessages() {
  static char out[kMessageBytes];
  static const uint8_t pins[] = {4, 5, 16};
  static const About about = {"1.0.0", "nodemcuv2", "power \"on\"\n", pins, 3, false};
  static Standing standing;
  standing.notAfter = kMoment;
  const auto made = [](size_t length) { Line().words.number(length).character(' ').text(length > 0 ? out : "none"); };
  for (size_t outcome = 0; outcome < protocol::kAckOutcomeCount; outcome++) {
    for (size_t reason = 0; reason < protocol::kAckReasonCount; reason++) {
      const Ack ack = {kId, static_cast<protocol::AckOutcome>(outcome), static_cast<protocol::AckReason>(reason),
                       reason > 0, static_cast<uint32_t>(reason) * 123456789u};
      made(formatAck(out, sizeof out, ack));
    }
  }
  made(formatAck(out, sizeof out, Ack(), protocol::kUpdateBytesMax));
  for (size_t capacity = 0; capacity < 42; capacity++) made(formatStatus(out, capacity, capacity % 2, kMoment));
  made(formatInfo(out, sizeof out, about, standing, ""));
  // Bytes above 127, whose sign is the compiler's choice.
  made(formatInfo(out, sizeof out, about, standing, "Dr\xc3\xbc" "ck \x01\x1f\x7f\xff\\"));
  made(formatReceived(out, sizeof out, {UINT32_MAX, 32, 12, 2000}, true));
  made(formatReceived(out, sizeof out, {1 << 24, 24, 1, 350}, false));
  const int16_t strengths[] = {0, -1, -127, -128, 1};
  for (const int16_t rssi : strengths) {
    made(formatTelemetry(out, sizeof out, {rssi, UINT32_MAX, 28000}, UINT64_MAX, UINT32_MAX));
  }
}

void sayFaults() {
  const Circumstances all = {{"lamps.example.org", 65535, "broker.example.org"}, "Home \"2\"", kMoment, "so it said"};
  for (size_t i = 0; i < kFaultCount; i++) {
    const Fault fault = static_cast<Fault>(i);
    Line line;
    faultCode(line.words, fault);
    faultWords(line.words.text(": "), fault, all);
    faultCode(line.words.text(" / "), clarify(fault, kMoment, kMoment));
  }
}

void sayNumbers() {
  for (uint64_t number = 1; number > 0; number *= 2) {
    Line line;
    line.words.number(number).character(' ').number(number - 1).character(' ').tenths(number + 7).character(' ');
    const int64_t below = -static_cast<int64_t>(number - 1);
    line.words.signedNumber(static_cast<int64_t>(number)).character(' ').signedNumber(below);
    // Up to the year 9999.
    line.words.character(' ').iso(number % 253402300800000).character(' ').day(number % 253402300800000);
  }
  const uint64_t moments[] = {951782399999, 951782400000, 4107542399999, kMoment};
  for (const uint64_t moment : moments) Line().words.iso(moment);
}

}  // namespace

const Part kParts[kPartCount] = {
    {"commands", readSamples}, {"frames", sayFrames},   {"messages", sayMessages},
    {"faults", sayFaults},     {"numbers", sayNumbers}, {"a board's life", liveALife},
};

}  // namespace scenario
