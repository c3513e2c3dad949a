#include <bearssl.h>
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bearssl_faults.h"
#include "packet_watcher.h"

using namespace sconce;

TEST_CASE("BearSSL: its error numbers, as its own headers have them, and the faults they mean") {
  const struct { int error; Fault fault; } cases[] = {
      {BR_ERR_X509_EXPIRED, Fault::BROKER_CERTIFICATE_EXPIRED},
      {BR_ERR_X509_BAD_SERVER_NAME, Fault::BROKER_CERTIFICATE_WRONG_NAME},
      {BR_ERR_X509_BAD_SIGNATURE, Fault::BROKER_CERTIFICATE_NOT_TRUSTED},
      {BR_ERR_X509_DN_MISMATCH, Fault::BROKER_CERTIFICATE_NOT_TRUSTED},
      {BR_ERR_X509_NOT_CA, Fault::BROKER_CERTIFICATE_NOT_TRUSTED},
      {BR_ERR_X509_NOT_TRUSTED, Fault::BROKER_CERTIFICATE_NOT_TRUSTED},
      {BR_ERR_WRONG_KEY_USAGE, Fault::BROKER_CERTIFICATE_WRONG_USE},
      {BR_ERR_X509_FORBIDDEN_KEY_USAGE, Fault::BROKER_CERTIFICATE_WRONG_USE},
      {BR_ERR_X509_TIME_UNKNOWN, Fault::TIME_SILENT},
      {BR_ERR_UNSUPPORTED_VERSION, Fault::NOT_TLS},
      {BR_ERR_BAD_VERSION, Fault::TLS_VERSION},
      {BR_ERR_BAD_CIPHER_SUITE, Fault::TLS_CIPHERS},
      {BR_ERR_UNKNOWN_TYPE, Fault::NOT_TLS},
      {BR_ERR_UNEXPECTED, Fault::NOT_TLS},
      {BR_ERR_IO, Fault::CLOSED_EARLY},
      {BR_ERR_OK, Fault::CLOSED_EARLY},
      {BR_ERR_BAD_MAC, Fault::UNKNOWN},
  };
  for (const auto& [error, fault] : cases) {
    CAPTURE(error);
    CHECK(faultOfBearssl(error) == fault);
  }
}

TEST_CASE("BearSSL: what the broker says in an alert") {
  const struct { int alert; Fault fault; } cases[] = {
      {BR_ALERT_CERTIFICATE_EXPIRED, Fault::OWN_CERTIFICATE_EXPIRED},
      {BR_ALERT_CERTIFICATE_REVOKED, Fault::OWN_CERTIFICATE_REVOKED},
      {BR_ALERT_UNKNOWN_CA, Fault::OWN_CERTIFICATE_NOT_TRUSTED},
      {BR_ALERT_BAD_CERTIFICATE, Fault::OWN_CERTIFICATE_REFUSED},
      {BR_ALERT_UNSUPPORTED_CERTIFICATE, Fault::OWN_CERTIFICATE_REFUSED},
      {BR_ALERT_CERTIFICATE_UNKNOWN, Fault::OWN_CERTIFICATE_REFUSED},
      {BR_ALERT_DECRYPT_ERROR, Fault::OWN_CERTIFICATE_REFUSED},
      {BR_ALERT_PROTOCOL_VERSION, Fault::TLS_VERSION},
      {BR_ALERT_HANDSHAKE_FAILURE, Fault::TLS_CIPHERS},
      {BR_ALERT_INSUFFICIENT_SECURITY, Fault::TLS_CIPHERS},
      {BR_ALERT_INTERNAL_ERROR, Fault::UNKNOWN},
  };
  for (const auto& [alert, fault] : cases) {
    CAPTURE(alert);
    CHECK(faultOfAlert(alert) == fault);
  }
}

namespace {

using Bytes = std::vector<uint8_t>;

/** What the watcher makes of bytes from the broker: "P7 S8". */
std::string watched(PacketWatcher& watcher, const Bytes& bytes) {
  std::string acks;
  for (const uint8_t byte : bytes) {
    uint16_t packet = 0;
    const PacketWatcher::Ack ack = watcher.received(byte, packet);
    if (ack == PacketWatcher::Ack::NONE) continue;
    acks += (acks.empty() ? "" : " ") + std::string(ack == PacketWatcher::Ack::PUBLISHED ? "P" : "S") + std::to_string(packet);
  }
  return acks;
}

/** A PUBLISH from the broker whose body looks like acknowledgements. */
Bytes publication(size_t length) {
  Bytes bytes = {0x32};
  for (size_t left = length; left > 0 || bytes.size() == 1; left >>= 7) {
    bytes.push_back(static_cast<uint8_t>((left & 0x7f) | (left > 127 ? 0x80 : 0)));
  }
  for (size_t i = 0; i < length; i++) bytes.push_back(i % 4 == 0 ? 0x40 : static_cast<uint8_t>(i % 4 == 1 ? 2 : 0));
  return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("packet watcher: acknowledgements among everything else") {
  const Bytes connack = {0x20, 2, 0, 0}, puback = {0x40, 2, 0x01, 0x07}, suback = {0x90, 3, 0, 2, 1}, pong = {0xd0, 0};
  const struct { const char* why; Bytes bytes; const char* acks; } cases[] = {
      {"none", connack + pong, ""},
      {"both", connack + suback + puback, "S2 P263"},
      {"behind an empty packet", pong + puback, "P263"},
      {"behind a short publication", publication(100) + puback, "P263"},
      {"behind one of two bytes' length", publication(1100) + suback, "S2"},
      {"behind one of three bytes' length", publication(20000) + suback + puback, "S2 P263"},
  };
  for (const auto& [why, bytes, acks] : cases) {
    CAPTURE(std::string(why));
    PacketWatcher watcher;
    CHECK(watched(watcher, bytes) == acks);
  }
}

TEST_CASE("packet watcher: a new connection begins with a new packet") {
  PacketWatcher watcher;
  CHECK(watched(watcher, {0x40, 2, 0}) == "");
  watcher.begin();
  CHECK(watched(watcher, {0x40, 2, 0, 9}) == "P9");
}

TEST_CASE("packet watcher: the number of a publication as it is sent") {
  const Bytes topic = {0, 3, 'a', '/', 'b'};
  const struct { const char* why; Bytes bytes; uint16_t number; } cases[] = {
      {"QoS 1", Bytes{0x32, 20} + topic + Bytes{0x12, 0x34}, 0x1234},
      {"QoS 1, retained, a length of two bytes", Bytes{0x33, 0xac, 0x02} + topic + Bytes{0, 5}, 5},
      {"QoS 0", Bytes{0x30, 20} + topic + Bytes{0x12, 0x34}, 0},
      {"a payload", Bytes{'{', '"', 'i', 'd', '"'}, 0},
      {"a ping", Bytes{0xc0, 0}, 0},
      {"cut short", Bytes{0x32, 20, 0, 3, 'a'}, 0},
      {"a length without end", Bytes{0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0},
      {"nothing", Bytes{}, 0},
  };
  for (const auto& [why, bytes, number] : cases) {
    CAPTURE(std::string(why));
    // Of its own size, so that the sanitizer sees a byte read too far.
    const Bytes exact(bytes.begin(), bytes.end());
    CHECK(PacketWatcher::numberOf(exact.data(), exact.size()) == number);
  }
}
