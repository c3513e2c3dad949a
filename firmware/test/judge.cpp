#include "judge.h"

#include <stdlib.h>

#include <algorithm>
#include <sstream>

#include "base64.h"
#include "ids.h"
#include "json_object.h"

using namespace sconce;
using Value = JsonObject::Value;

namespace {

std::string text(const Value& value) {
  return std::string(value.text, value.length);
}

struct Judge {
  JsonObject object;
  bool good = true;

  void must(bool holds) { good = good && holds; }
  Value get(const char* key) {
    Value value;
    must(object.find(key, value));
    return value;
  }
  bool has(const char* key) {
    Value value;
    return object.find(key, value);
  }
  double number(const char* key, double min, double max) {
    const Value value = get(key);
    const double number = strtod(text(value).c_str(), nullptr);
    must(value.type == JSMN_PRIMITIVE && number >= min && number <= max);
    return number;
  }
  void whole(const char* key, double min, double max) {
    number(key, min, max);
    must(text(get(key)).find_first_of(".eE") == std::string::npos);
  }
  void string(const char* key, size_t most) { must(get(key).isString() && get(key).length <= most); }
  template <size_t count>
  void oneOf(const char* key, const char* const (&words)[count]) {
    must(std::any_of(words, words + count, [&](const char* word) { return get(key).is(word); }));
  }

  static bool hex(const Value& value, size_t least, size_t most) {
    const std::string digits = text(value);
    return value.isString() && digits.size() >= least && digits.size() <= most &&
           digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  }

  /** Of an array without anything nested, written without white space. */
  template <typename Holds>
  void each(const char* key, Holds holds) {
    const Value value = get(key);
    must(value.type == JSMN_ARRAY);
    if (!good || value.length == 2) return;
    std::stringstream items(text(value).substr(1, value.length - 2));
    for (std::string item; std::getline(items, item, ',');) must(holds(item));
  }

  void ack() {
    CommandId id;
    const Value said = get("id");
    must(said.isString() && readCommandId(said.text, said.length, id));
    oneOf("outcome", protocol::kAckOutcomeWords);
    number("ms", 0, 1e15);
    if (has("reason")) oneOf("reason", protocol::kAckReasonWords);
    if (has("at")) whole("at", 0, protocol::kUpdateBytesMax);
  }
  void status() {
    bool online;
    must(get("online").boolean(online));
    whole("since", 0, 9e15);
  }
  void info() {
    string("firmware", 40);
    string("hardware", 40);
    string("resetReason", 80);
    whole("certificateNotAfter", 0, 9e15);
    if (has("lastError")) string("lastError", 200);
    if (has("certificateSerial")) must(hex(get("certificateSerial"), 1, 40));
    size_t trusted = 0;
    if (has("trusts")) each("trusts", [&trusted](const std::string& word) {
      Value digits;
      digits.text = word.data() + 1;
      digits.length = word.size() - 2;
      digits.type = JSMN_STRING;
      return ++trusted <= 2 && hex(digits, 16, 16);
    });
    each("capabilities", [](const std::string& word) {
      return word.size() > 2 && word.size() <= 42 && word.front() == '"' && word.back() == '"';
    });
    each("pins", [](const std::string& pin) { return pin.find_first_not_of("0123456789") == pin.npos && atoi(pin.c_str()) <= 16; });
  }
  void received() {
    whole("code", 0, 4294967295.0);
    whole("bits", 1, 32);
    whole("protocol", 1, 12);
    whole("pulse", 50, 2000);
    bool learning;
    if (has("learning")) must(get("learning").boolean(learning));
    if (good) must(number("code", 0, 4294967295.0) < static_cast<double>(1ull << static_cast<int>(number("bits", 1, 32))));
  }
  void certificate() {
    const Value request = get("request");
    Base64 bytes;
    must(request.isString() && bytes.read(request.text, request.length) && bytes.size() >= protocol::kCertificateBytesMin &&
         bytes.size() <= protocol::kCertificateBytesMax);
  }
  void telemetry() {
    whole("rssi", -127, 0);
    for (const char* key : {"heapFree", "heapLargestBlock", "uptime", "tlsHandshakeMs"}) whole(key, 0, 9e15);
    if (has("temperature")) number("temperature", -60, 125);
    if (has("humidity")) number("humidity", 0, 100);
  }
};

}  // namespace

bool judgeMessage(const std::string& channel, const std::string& payload) {
  Judge judge;
  if (payload.empty() || !judge.object.parse(payload.data(), payload.size())) return false;
  if (channel == "ack") judge.ack();
  else if (channel == "status") judge.status();
  else if (channel == "info") judge.info();
  else if (channel == "rf/received") judge.received();
  else if (channel == "certificate") judge.certificate();
  else if (channel == "telemetry") judge.telemetry();
  else return false;
  return judge.good;
}
