#include "messages.h"

#include <flash_text.h>

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
  json.flashText(SCONCE_FLASH("{\"id\":")).quoted(CommandIdText(ack.id).text);
  json.flashText(SCONCE_FLASH(",\"outcome\":")).quoted(protocol::kAckOutcomeWords[static_cast<size_t>(ack.outcome)]);
  json.flashText(SCONCE_FLASH(",\"ms\":")).tenths(ack.tenthsOfMs);
  if (ack.hasReason) json.flashText(SCONCE_FLASH(",\"reason\":")).quoted(protocol::kAckReasonWords[static_cast<size_t>(ack.reason)]);
  if (at != kNowhere) json.flashText(SCONCE_FLASH(",\"at\":")).number(at);
  json.character('}');
  return done(json);
}

size_t formatStatus(char* buffer, size_t capacity, bool online, uint64_t since) {
  Writer json(buffer, capacity);
  json.flashText(SCONCE_FLASH("{\"online\":")).text(online ? "true" : "false").flashText(SCONCE_FLASH(",\"since\":")).number(since).character('}');
  return done(json);
}

size_t formatInfo(char* buffer, size_t capacity, const About& about, const Standing& standing, const char* lastError) {
  Writer json(buffer, capacity);
  json.flashText(SCONCE_FLASH("{\"firmware\":")).quoted(about.firmware, 40).flashText(SCONCE_FLASH(",\"hardware\":")).quoted(about.hardware, 40);
  json.flashText(SCONCE_FLASH(",\"capabilities\":["));
  if (!about.safeMode) {
    json.quoted(word(Capability::RF_SEND)).character(',').quoted(word(Capability::RF_RECEIVE)).character(',');
    json.quoted(word(Capability::RF_LEARN)).character(',');
    if (about.pinCount > 0) json.quoted(word(Capability::PIN_SET)).character(',');
  }
  json.quoted(word(Capability::IDENTIFY)).character(',').quoted(word(Capability::RESTART)).character(',').quoted(word(Capability::UPDATE));
  json.character(',').quoted(word(Capability::RENEW));
  json.flashText(SCONCE_FLASH("],\"pins\":["));
  for (size_t i = 0; i < about.pinCount; i++) {
    if (about.pins[i] > protocol::kPinMax) return 0;
    if (i > 0) json.character(',');
    json.number(about.pins[i]);
  }
  json.flashText(SCONCE_FLASH("],\"resetReason\":")).quoted(about.resetReason, 80);
  json.flashText(SCONCE_FLASH(",\"certificateNotAfter\":")).number(standing.notAfter);
  if (*standing.serial) json.flashText(SCONCE_FLASH(",\"certificateSerial\":")).quoted(standing.serial);
  json.flashText(SCONCE_FLASH(",\"trusts\":["));
  for (size_t i = 0; i < standing.trustCount; i++) {
    if (i > 0) json.character(',');
    json.quoted(standing.trusts[i]);
  }
  json.character(']');
  if (*lastError) json.flashText(SCONCE_FLASH(",\"lastError\":")).quoted(lastError, kLastErrorCharacters);
  json.character('}');
  return done(json);
}

size_t formatReceived(char* buffer, size_t capacity, const RfCode& code, bool learning) {
  if (code.bits < 32 && code.code >> code.bits) return 0;
  Writer json(buffer, capacity);
  json.flashText(SCONCE_FLASH("{\"code\":")).number(code.code).flashText(SCONCE_FLASH(",\"bits\":")).number(code.bits);
  json.flashText(SCONCE_FLASH(",\"protocol\":")).number(code.protocol).flashText(SCONCE_FLASH(",\"pulse\":")).number(code.pulse);
  if (learning) json.flashText(SCONCE_FLASH(",\"learning\":true"));
  json.character('}');
  return done(json);
}

size_t formatTelemetry(char* buffer, size_t capacity, const Vitals& vitals, uint64_t uptimeSeconds, uint32_t handshakeMs) {
  if (vitals.rssi > 0 || vitals.rssi < -127) return 0;
  Writer json(buffer, capacity);
  json.flashText(SCONCE_FLASH("{\"rssi\":")).signedNumber(vitals.rssi).flashText(SCONCE_FLASH(",\"heapFree\":")).number(vitals.heapFree);
  json.flashText(SCONCE_FLASH(",\"heapLargestBlock\":")).number(vitals.heapLargestBlock).flashText(SCONCE_FLASH(",\"uptime\":")).number(uptimeSeconds);
  json.flashText(SCONCE_FLASH(",\"tlsHandshakeMs\":")).number(handshakeMs).character('}');
  return done(json);
}

}  // namespace sconce
