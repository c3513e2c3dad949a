#pragma once

#include <WiFiClientSecure.h>
#include <packet_watcher.h>

namespace sconce {

/** The core's TLS client, made quicker to answer, and with somebody who reads along. */
class TlsClient final : public BearSSL::WiFiClientSecureCtx {
 public:
  /** What the broker has acknowledged since the last call; `packet`: its number. */
  PacketWatcher::Ack acknowledged(uint16_t& packet);
  /** The number that the last PUBLISH had; 0: QoS 0. */
  uint16_t published() const { return published_; }

  /** TCP alone; waits 15 s at most. */
  bool reach(IPAddress address, uint16_t port);
  /** TLS on top of it. The broker's certificate must be for `name`. Waits 15 s at most. */
  bool secure(const char* name);
  /** After secure() has failed: the alert that came with the end of the connection, and was left unread; -1: none. */
  int unreadAlert();

  /** Of a closed connection 1, which reads as -1: PubSubClient would wait for bytes that cannot come. */
  int available() override;
  int read() override;
  size_t write(const uint8_t* bytes, size_t length) override;
  /**
   * The core calls this after each write, and waits for the other side's TCP acknowledgement: a round trip to the server,
   * while the board does nothing else. TCP sends again by itself what is lost.
   */
  void flush() override { WiFiClientSecureCtx::flush(1); }

 private:
  PacketWatcher watcher_;
  PacketWatcher::Ack ack_ = PacketWatcher::Ack::NONE;
  uint16_t ackPacket_ = 0;
  uint16_t published_ = 0;
};

}  // namespace sconce
