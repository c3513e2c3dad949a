#include "pubsub_link.h"

#include <Arduino.h>
#include <ESP8266WiFi.h>
#include <StreamDev.h>
#include <bearssl_faults.h>
#include <topics.h>
#include <writer.h>

#include <string.h>

namespace sconce {

namespace {

// Of both, whichever the broker likes better: the 128 bits cost the chip half of what AES-256 does, ChaCha20 less still.
constexpr uint16_t kCiphers[] = {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                 BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};

/** The smallest that TLS knows (RFC 6066, 4); buffers of this size leave 20 kB more of the heap than without. */
constexpr uint16_t kSmallRecord = 512;
constexpr uint16_t kFullRecord = 16384;

constexpr uint32_t kResolveMs = 5000;
/** For the broker's CONNACK, and for the rest of a packet whose beginning is here. */
constexpr uint16_t kMqttSeconds = 5;
/** Room to read a command that is too large, and say so. */
constexpr uint16_t kPacketBytes = protocol::kCommandBytes + kTopicBytes + 128;
/** A port that is closed refuses at once; a host that drops packets is silent until the core gives up, after 15 s. */
constexpr uint32_t kSilentMs = 10000;
/** Of the core's TLS client. */
constexpr int kOutOfMemory = -1000;
/**
 * What a handshake takes of the heap at its height: 14.1 and 30 kB, measured, and some for TCP. The core asks only for its
 * buffers politely; where the rest does not fit, the chip crashes.
 */
constexpr uint32_t kHandshakeBytes = 15000;
constexpr uint32_t kFullHandshakeBytes = 31000;

LinkEvent happened(LinkEvent::Kind kind, uint16_t packet = 0) {
  LinkEvent event;
  event.kind = kind;
  event.packet = packet;
  return event;
}

/** Of a CONNACK (MQTT 3.1.1, 3.2.2.3), and PubSubClient's own below 0. */
Fault faultOfMqtt(int state) {
  switch (state) {
    case MQTT_CONNECT_BAD_PROTOCOL: return Fault::MQTT_WRONG_VERSION;
    case MQTT_CONNECT_BAD_CLIENT_ID: return Fault::MQTT_ID_REFUSED;
    case MQTT_CONNECT_UNAVAILABLE: return Fault::MQTT_UNAVAILABLE;
    case MQTT_CONNECT_BAD_CREDENTIALS:
    case MQTT_CONNECT_UNAUTHORIZED: return Fault::NOT_AUTHORISED;
    case MQTT_CONNECTION_TIMEOUT: return Fault::SILENT;
    default: return Fault::CLOSED_EARLY;
  }
}

}  // namespace

PubSubLink::PubSubLink(const Identity& identity, ChipCredentials& credentials, Clock& clock)
    : identity_(identity), credentials_(credentials), clock_(clock) {}

void PubSubLink::begin() {
  // Nagle's algorithm holds an answer back until the one before is acknowledged.
  WiFiClient::setDefaultNoDelay(true);
  tls_.setSSLVersion(BR_TLS12, BR_TLS12);
  tls_.setCiphers(kCiphers, sizeof kCiphers / sizeof kCiphers[0]);
  // After a Wi-Fi outage, or another that only one side noticed, the broker takes up the session: no second of arithmetic.
  tls_.setSession(&session_);
  tls_.setBufferSizes(kSmallRecord, kSmallRecord);
  mqtt_.setClient(tls_);
  // Of a packet larger than the buffer we are given the beginning, and the broker its acknowledgement, only if a stream
  // takes the rest.
  mqtt_.setStream(devnull);
  mqtt_.setBufferSize(kPacketBytes);
  mqtt_.setKeepAlive(protocol::kKeepAliveSeconds);
  mqtt_.setSocketTimeout(kMqttSeconds);
  mqtt_.setCallback([this](char*, uint8_t* payload, size_t length) {
    // It stays in PubSubClient's buffer until something is published, which is as long as the port promises.
    message_ = happened(LinkEvent::Kind::MESSAGE);
    message_.payload = reinterpret_cast<const char*>(payload);
    message_.length = length;
  });
}

void PubSubLink::connect(const Will& will) {
  drop();
  // A session that is taken up shows no certificate: the broker would go on with the one of before.
  if (credentials_.changed()) session_ = BearSSL::Session();
  tls_.setTrustAnchors(credentials_.authorities());
  tls_.setClientECCert(credentials_.certificates(), credentials_.key(), BR_KEYTYPE_SIGN, BR_KEYTYPE_EC);
  will_ = will;
  step_ = Step::RESOLVE;
}

LinkEvent PubSubLink::poll() {
  switch (step_) {
    case Step::IDLE: return {};
    case Step::RESOLVE: return resolve();
    case Step::REACH: return reach();
    case Step::HANDSHAKE: return handshake();
    case Step::GREET: return greet();
    case Step::TALK: return talk();
  }
  return {};
}

LinkEvent PubSubLink::resolve() {
  const uint32_t began = millis();
  if (!WiFi.hostByName(identity_.host, address_, kResolveMs)) {
    return lost(millis() - began >= kResolveMs ? Fault::NAME_SERVER_SILENT : Fault::NAME_UNKNOWN);
  }
  step_ = Step::REACH;
  return {};
}

LinkEvent PubSubLink::reach() {
  const uint32_t began = millis();
  if (!tls_.reach(address_, identity_.port)) {
    return lost(millis() - began >= kSilentMs ? Fault::SILENT : Fault::PORT_CLOSED);
  }
  step_ = Step::HANDSHAKE;
  return {};
}

LinkEvent PubSubLink::handshake() {
  uint64_t now = 0;
  if (!clock_.epochMs(now)) return lost(Fault::TIME_SILENT);
  if (ESP.getFreeHeap() < (fullRecords_ ? kFullHandshakeBytes : kHandshakeBytes)) return lost(Fault::OUT_OF_MEMORY);
  tls_.setX509Time(static_cast<time_t>(now / 1000));
  const uint32_t began = millis();
  // The name, never the address: BearSSL checks the certificate against what stands here.
  if (!tls_.secure(identity_.host)) {
    const Fault fault = faultOfTls();
    return lost(fault == Fault::CLOSED_EARLY && millis() - began >= kSilentMs ? Fault::SILENT : fault);
  }
  LinkEvent secured = happened(LinkEvent::Kind::SECURED);
  secured.handshakeMs = millis() - began;
  if (!recordsFit()) return {};
  step_ = Step::GREET;
  return secured;
}

/** Whether the records fit. If not, begins anew with larger buffers: a broker says only now how it will have it. */
bool PubSubLink::recordsFit() {
  if (fullRecords_ || tls_.getMFLNStatus()) return true;
  fullRecords_ = true;
  tls_.stop();
  tls_.setBufferSizes(kFullRecord, kSmallRecord);
  step_ = Step::REACH;
  return false;
}

LinkEvent PubSubLink::greet() {
  if (!mqtt_.connect(identity_.id, nullptr, nullptr, will_.topic, 1, true, will_.payload, true)) {
    return lost(faultOfMqtt(mqtt_.state()));
  }
  step_ = Step::TALK;
  return happened(LinkEvent::Kind::ACCEPTED);
}

/** One packet, if there is one. */
LinkEvent PubSubLink::talk() {
  message_ = {};
  if (!mqtt_.loop()) {
    return lost(mqtt_.state() == MQTT_CONNECTION_TIMEOUT ? Fault::KEEP_ALIVE : Fault::CONNECTION_LOST);
  }
  if (message_.kind == LinkEvent::Kind::MESSAGE) return message_;
  uint16_t packet = 0;
  switch (tls_.acknowledged(packet)) {
    case PacketWatcher::Ack::PUBLISHED: return happened(LinkEvent::Kind::PUBLISHED, packet);
    case PacketWatcher::Ack::SUBSCRIBED: return happened(LinkEvent::Kind::SUBSCRIBED, packet);
    case PacketWatcher::Ack::NONE: return {};
  }
  return {};
}

bool PubSubLink::subscribe(const char* topic) {
  return mqtt_.subscribe(topic, 1);
}

uint16_t PubSubLink::publish(const char* topic, const char* payload, size_t length, uint8_t qos, bool retain) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(payload);
  if (step_ != Step::TALK || !mqtt_.publish(topic, bytes, length, qos, retain)) return 0;
  return qos > 0 ? tls_.published() : 1;
}

void PubSubLink::disconnect() {
  if (step_ == Step::TALK) mqtt_.disconnect();
  drop();
}

void PubSubLink::drop() {
  // Also what is left of a failed handshake, whose error would be taken for the next one's.
  tls_.stop();
  // Says nothing on a line that is closed. It forgets state(), which a broker that closes early leaves as it was.
  mqtt_.disconnect();
  step_ = Step::IDLE;
}

LinkEvent PubSubLink::lost(Fault fault) {
  LinkEvent event = happened(LinkEvent::Kind::LOST);
  event.fault = fault;
  event.said = said_;
  drop();
  return event;
}

Fault PubSubLink::faultOfTls() {
  const int error = tls_.getLastSSLError(said_, sizeof said_);
  if (error == kOutOfMemory) return Fault::OUT_OF_MEMORY;
  // The core cuts off the mark that tells an alert from an error; only the words still have it.
  const bool alerted = strncmp(said_, "SSL received fatal alert", 24) == 0;
  const int alert = alerted ? error : tls_.unreadAlert();
  if (alert < 0) return faultOfBearssl(error);
  // The core's words for it are those of BearSSL's error of that number.
  Writer(said_, sizeof said_).text("TLS alert ").number(static_cast<uint32_t>(alert));
  return faultOfAlert(alert);
}

}  // namespace sconce
