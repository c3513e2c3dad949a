#include "command.h"

#include <flash_text.h>
#include <string.h>

#include "json_object.h"
#include "writer.h"

namespace sconce {

namespace {

using protocol::AckReason;
using protocol::Do;

/** Of whole words, as the chip reads its flash. */
struct Bounds {
  uint32_t min;
  uint32_t max;
};
constexpr Bounds kCode SCONCE_FLASH_TEXT = {0, UINT32_MAX};
constexpr Bounds kBits SCONCE_FLASH_TEXT = {protocol::kRfBitsMin, protocol::kRfBitsMax};
constexpr Bounds kProtocol SCONCE_FLASH_TEXT = {protocol::kRfProtocolMin, protocol::kRfProtocolMax};
constexpr Bounds kPulse SCONCE_FLASH_TEXT = {protocol::kRfPulseMin, protocol::kRfPulseMax};
constexpr Bounds kRepeat SCONCE_FLASH_TEXT = {protocol::kRfRepeatMin, protocol::kRfRepeatMax};
constexpr Bounds kLearn SCONCE_FLASH_TEXT = {protocol::kLearnSecondsMin, protocol::kLearnSecondsMax};
constexpr Bounds kPin SCONCE_FLASH_TEXT = {protocol::kPinMin, protocol::kPinMax};
constexpr Bounds kUpdate SCONCE_FLASH_TEXT = {protocol::kUpdateBytesMin, protocol::kUpdateBytesMax};
constexpr Bounds kUpdateAt SCONCE_FLASH_TEXT = {0, protocol::kUpdateBytesMax - 1};
constexpr Bounds kUpdateChunk SCONCE_FLASH_TEXT = {protocol::kUpdateChunkBytesMin, protocol::kUpdateChunkBytesMax};
constexpr Bounds kCertificate SCONCE_FLASH_TEXT = {protocol::kCertificateBytesMin, protocol::kCertificateBytesMax};
constexpr Bounds kSignature SCONCE_FLASH_TEXT = {protocol::kSignatureBytesMin, protocol::kSignatureBytesMax};

/** Takes the keys that a command must have, one after the other, and keeps the first complaint. */
class Taker {
 public:
  Taker(const JsonObject& object, char* why, size_t capacity) : object_(object), why_(why), capacity_(capacity) {}

  template <typename Number>
  void within(const char* key, Bounds bounds, Number& number) {
    uint64_t value = 0;
    if (!integer(key, value)) return;
    if (value < bounds.min || value > bounds.max) {
      Writer words(why_, capacity_);
      complain(words.text(key).flashText(SCONCE_FLASH(": from ")).number(bounds.min).text(" to ").number(bounds.max));
      return;
    }
    number = static_cast<Number>(value);
  }

  bool integer(const char* key, uint64_t& number) {
    JsonObject::Value value;
    if (!take(key, value)) return false;
    return value.integer(number) || complain(key, SCONCE_FLASH(": a whole number, not below 0"));
  }

  bool boolean(const char* key, bool& truth) {
    JsonObject::Value value;
    if (!take(key, value)) return false;
    return value.boolean(truth) || complain(key, SCONCE_FLASH(": true or false"));
  }

  void base64(const char* key, Bounds bounds, Base64& bytes) {
    JsonObject::Value value;
    if (!take(key, value)) return;
    if (value.isString() && bytes.read(value.text, value.length) && bytes.size() >= bounds.min && bytes.size() <= bounds.max) return;
    Writer words(why_, capacity_);
    complain(words.text(key).flashText(SCONCE_FLASH(": base64 of ")).number(bounds.min).text(" to ").number(bounds.max).text(" bytes"));
  }

  void sha256(const char* key, uint8_t (&bytes)[32]) {
    JsonObject::Value value;
    if (!take(key, value) || (value.isString() && readHex(value.text, value.length, bytes, sizeof bytes))) return;
    complain(key, SCONCE_FLASH(": 64 lowercase hexadecimal digits"));
  }

  bool take(const char* key, JsonObject::Value& value) {
    taken_++;
    return object_.find(key, value) || complain(key, SCONCE_FLASH(": missing"));
  }

  /** `what` lies in the flash. */
  bool complain(const char* key, const char* what) {
    if (!good_) return false;
    Writer words(why_, capacity_);
    return complain(words.text(key).flashText(what));
  }

  /** All that had to be there was, and nothing besides. A key that is there twice counts twice. */
  bool good() {
    if (good_ && object_.size() != taken_) complain("", SCONCE_FLASH("a key that this command does not have, or one twice"));
    return good_;
  }

 private:
  bool complain(const Writer&) {
    good_ = false;
    // Later complaints go nowhere: the first one names the cause.
    capacity_ = 0;
    return false;
  }

  const JsonObject& object_;
  char* why_;
  size_t capacity_;
  size_t taken_ = 0;
  bool good_ = true;
};

/** Just enough to answer, whatever else is wrong with the message. */
bool readEnvelope(const JsonObject& object, Command& command) {
  JsonObject::Value id, replyTo;
  return object.find("id", id) && id.isString() && readCommandId(id.text, id.length, command.id) &&
         object.find("replyTo", replyTo) && replyTo.isString() &&
         readReplicaId(replyTo.text, replyTo.length, command.replyTo);
}

bool findDo(const JsonObject::Value& value, Do& what) {
  for (size_t i = 0; i < protocol::kDoCount; i++) {
    if (!value.is(protocol::kDoWords[i])) continue;
    what = static_cast<Do>(i);
    return true;
  }
  return false;
}

void readRf(Taker& taker, Command& command) {
  taker.within("code", kCode, command.rf.code);
  taker.within("bits", kBits, command.rf.bits);
  taker.within("protocol", kProtocol, command.rf.protocol);
  taker.within("pulse", kPulse, command.rf.pulse);
  taker.within("repeat", kRepeat, command.repeat);
  if (command.rf.bits < 32 && command.rf.code >> command.rf.bits) taker.complain("code", SCONCE_FLASH(": more bits than `bits` says"));
}

void readOffer(Taker& taker, FirmwareOffer& offer) {
  taker.within("size", kUpdate, offer.size);
  taker.sha256("sha256", offer.sha256);
  taker.integer("signedAt", offer.signedAt);
  taker.base64("signature", kSignature, offer.signature);
}

bool readBody(const JsonObject& object, Reading& reading) {
  Command& command = reading.command;
  Taker taker(object, reading.why, sizeof reading.why);
  JsonObject::Value envelope;
  taker.take("id", envelope);
  taker.take("replyTo", envelope);
  taker.integer("deadline", command.deadline);
  JsonObject::Value what;
  if (!taker.take("do", what)) return false;
  if (!findDo(what, command.what)) {
    if (what.isString()) reading.reason = AckReason::UNKNOWN_COMMAND;
    return taker.complain("do", SCONCE_FLASH(": no such command"));
  }
  switch (command.what) {
    case Do::RF_SEND:
      readRf(taker, command);
      break;
    case Do::RF_LEARN:
      taker.within("seconds", kLearn, command.seconds);
      break;
    case Do::PIN_SET:
      taker.within("pin", kPin, command.pin);
      taker.boolean("on", command.on);
      break;
    case Do::IDENTIFY:
    case Do::RESTART:
    case Do::UPDATE_END:
    case Do::CERTIFICATE_RENEW:
      break;
    case Do::UPDATE_BEGIN:
      readOffer(taker, command.offer);
      break;
    case Do::UPDATE_DATA:
      taker.within("at", kUpdateAt, command.at);
      taker.base64("data", kUpdateChunk, command.data);
      break;
    case Do::CERTIFICATE_ISSUER:
    case Do::CERTIFICATE_INSTALL:
      taker.base64("certificate", kCertificate, command.data);
      break;
    case Do::AUTHORITY_TRUST:
      taker.base64("certificate", kCertificate, command.data);
      taker.base64("signature", kSignature, command.offer.signature);
      taker.boolean("alone", command.on);
      break;
  }
  return taker.good();
}

}  // namespace

void readCommand(const char* payload, size_t length, Reading& reading) {
  memset(&reading, 0, sizeof reading);
  reading.reason = AckReason::MALFORMED;
  JsonObject object;
  if (!object.parse(payload, length)) {
    reading.kind = Reading::Kind::UNREADABLE;
    Writer(reading.why, sizeof reading.why)
        .flashText(SCONCE_FLASH("not one JSON object of a command's size"));
    return;
  }
  if (!readEnvelope(object, reading.command)) {
    reading.kind = Reading::Kind::UNREADABLE;
    Writer(reading.why, sizeof reading.why)
        .flashText(SCONCE_FLASH("without a good id and replyTo nobody can be answered"));
    return;
  }
  if (length > protocol::kCommandBytes) {
    reading.kind = Reading::Kind::REFUSED;
    reading.reason = AckReason::TOO_LARGE;
    Writer(reading.why, sizeof reading.why).number(length).flashText(SCONCE_FLASH(" bytes, ")).number(protocol::kCommandBytes).text(" allowed");
    return;
  }
  reading.kind = readBody(object, reading) ? Reading::Kind::COMMAND : Reading::Kind::REFUSED;
}

}  // namespace sconce
