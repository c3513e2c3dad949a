#include "messages.h"

#include "writer.h"

namespace sconce {

namespace {

using protocol::Capability;

size_t done(const Writer& json) {
  return json.fits() && json.length() <= protocol::kDeviceMessageBytes ? json.length() : 0;
}

const char* word(Capability capability) {
  return protocol::kCapabilityWords[static_cast<size_t>(capability)];
}

}  // namespace

size_t formatAck(char* buffer, size_t capacity, const Ack& ack, uint32_t at) {
  Writer json(buffer, capacity);
  json.text("{\"id\":").quoted(CommandIdText(ack.id).text);
  json.text(",\"outcome\":").quoted(protocol::kAckOutcomeWords[static_cast<size_t>(ack.outcome)]);
  json.text(",\"ms\":").tenths(ack.tenthsOfMs);
  if (ack.hasReason) json.text(",\"reason\":").quoted(protocol::kAckReasonWords[static_cast<size_t>(ack.reason)]);
  if (at != kNowhere) json.text(",\"at\":").number(at);
  json.character('}');
  return done(json);
}

size_t formatStatus(char* buffer, size_t capacity, bool online, uint64_t since) {
  Writer json(buffer, capacity);
  json.text("{\"online\":").text(online ? "true" : "false").text(",\"since\":").number(since).character('}');
  return done(json);
}

size_t formatInfo(char* buffer, size_t capacity, const About& about, const char* lastError) {
  Writer json(buffer, capacity);
  json.text("{\"firmware\":").quoted(about.firmware, 40).text(",\"hardware\":").quoted(about.hardware, 40);
  json.text(",\"capabilities\":[");
  if (!about.safeMode) {
    json.quoted(word(Capability::RF_SEND)).character(',').quoted(word(Capability::RF_RECEIVE)).character(',');
    json.quoted(word(Capability::RF_LEARN)).character(',');
    if (about.pinCount > 0) json.quoted(word(Capability::PIN_SET)).character(',');
  }
  json.quoted(word(Capability::IDENTIFY)).character(',').quoted(word(Capability::RESTART)).character(',').quoted(word(Capability::UPDATE));
  json.text("],\"pins\":[");
  for (size_t i = 0; i < about.pinCount; i++) {
    if (about.pins[i] > protocol::kPinMax) return 0;
    if (i > 0) json.character(',');
    json.number(about.pins[i]);
  }
  json.text("],\"resetReason\":").quoted(about.resetReason, 80);
  json.text(",\"certificateNotAfter\":").number(about.certificateNotAfter);
  if (*lastError) json.text(",\"lastError\":").quoted(lastError, kLastErrorCharacters);
  json.character('}');
  return done(json);
}

size_t formatReceived(char* buffer, size_t capacity, const RfCode& code, bool learning) {
  if (code.bits < 32 && code.code >> code.bits) return 0;
  Writer json(buffer, capacity);
  json.text("{\"code\":").number(code.code).text(",\"bits\":").number(code.bits);
  json.text(",\"protocol\":").number(code.protocol).text(",\"pulse\":").number(code.pulse);
  if (learning) json.text(",\"learning\":true");
  json.character('}');
  return done(json);
}

size_t formatTelemetry(char* buffer, size_t capacity, const Vitals& vitals, uint64_t uptimeSeconds, uint32_t handshakeMs) {
  if (vitals.rssi > 0 || vitals.rssi < -127) return 0;
  Writer json(buffer, capacity);
  json.text("{\"rssi\":").signedNumber(vitals.rssi).text(",\"heapFree\":").number(vitals.heapFree);
  json.text(",\"heapLargestBlock\":").number(vitals.heapLargestBlock).text(",\"uptime\":").number(uptimeSeconds);
  json.text(",\"tlsHandshakeMs\":").number(handshakeMs).character('}');
  return done(json);
}

}  // namespace sconce
