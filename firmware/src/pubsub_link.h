#pragma once

#include <PubSubClient.h>
#include <clock.h>
#include <identity.h>
#include <mqtt_link.h>

#include "chip_credentials.h"
#include "tls_client.h"

namespace sconce {

/** The line to the broker: PubSubClient over BearSSL. TLS and the broker's first answer are waited for, nothing else. */
class PubSubLink final : public MqttLink {
 public:
  /** All must outlive it. */
  PubSubLink(const Identity& identity, ChipCredentials& credentials, Clock& clock);
  /** Allocates what lasts; before anything else happens. */
  void begin();

  void connect(const Will& will) override;
  bool subscribe(const char* topic) override;
  uint16_t publish(const char* topic, const char* payload, size_t length, uint8_t qos, bool retain) override;
  LinkEvent poll() override;
  void disconnect() override;
  void drop() override;

 private:
  /** What the next poll() does. */
  enum class Step : uint8_t { IDLE, RESOLVE, REACH, HANDSHAKE, GREET, TALK };

  LinkEvent resolve();
  LinkEvent reach();
  LinkEvent handshake();
  bool recordsFit();
  LinkEvent greet();
  LinkEvent talk();
  LinkEvent lost(Fault fault);
  Fault faultOfTls();

  const Identity& identity_;
  ChipCredentials& credentials_;
  Clock& clock_;
  TlsClient tls_;
  BearSSL::Session session_;
  PubSubClient mqtt_;
  Will will_ = {};
  Step step_ = Step::IDLE;
  IPAddress address_;
  /** The broker does not agree to small TLS records. */
  bool fullRecords_ = false;
  LinkEvent message_;
  char said_[80];
};

}  // namespace sconce
