#include "tls_client.h"

namespace sconce {

PacketWatcher::Ack TlsClient::acknowledged(uint16_t& packet) {
  const PacketWatcher::Ack ack = ack_;
  packet = ackPacket_;
  ack_ = PacketWatcher::Ack::NONE;
  return ack;
}

bool TlsClient::reach(IPAddress address, uint16_t port) {
  return WiFiClient::connect(address, port) == 1;
}

bool TlsClient::secure(const char* name) {
  watcher_.begin();
  ack_ = PacketWatcher::Ack::NONE;
  return _connectSSL(name);
}

/**
 * A broker that turns us away says why, and closes while we are still sending; the core gives up at the next write, and
 * does not look at what has come. It is no more than an alert, in clear (RFC 5246, 6.2.1 and 7.2).
 */
int TlsClient::unreadAlert() {
  uint8_t record[7];
  constexpr uint8_t kAlert = 21, kFatal = 2;
  if (WiFiClient::available() < static_cast<int>(sizeof record)) return -1;
  if (WiFiClient::read(record, sizeof record) != sizeof record) return -1;
  return record[0] == kAlert && record[5] == kFatal ? record[6] : -1;
}

int TlsClient::available() {
  const int bytes = WiFiClientSecureCtx::available();
  return bytes > 0 || connected() ? bytes : 1;
}

/** PubSubClient reads byte by byte, and one packet a turn: one acknowledgement is all that there can be. */
int TlsClient::read() {
  const int byte = WiFiClientSecureCtx::read();
  if (byte < 0) return byte;
  uint16_t packet = 0;
  const PacketWatcher::Ack ack = watcher_.received(static_cast<uint8_t>(byte), packet);
  if (ack != PacketWatcher::Ack::NONE) {
    ack_ = ack;
    ackPacket_ = packet;
  }
  return byte;
}

size_t TlsClient::write(const uint8_t* bytes, size_t length) {
  const uint16_t number = PacketWatcher::numberOf(bytes, length);
  if (number != 0) published_ = number;
  return WiFiClientSecureCtx::write(bytes, length);
}

}  // namespace sconce
