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
