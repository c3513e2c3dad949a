#pragma once

#include <mosquitto.h>

#include <deque>
#include <string>

#include <clock.h>
#include <mqtt_link.h>

#include "identity_folder.h"
#include "tls.h"

namespace sconce {

/** The line to the broker by libmosquitto. One client for one connection: nothing half-sent is carried over. */
class MosquittoLink final : public MqttLink {
 public:
  /** Where to knock; the certificate must be for the identity's host all the same. */
  MosquittoLink(const IdentityFolder& identity, std::string host, uint16_t port, Clock& clock);
  ~MosquittoLink();

  void connect(const Will& will) override;
  bool subscribe(const char* topic) override;
  uint16_t publish(const char* topic, const char* payload, size_t length, uint8_t qos, bool retain) override;
  LinkEvent poll() override;
  void disconnect() override;
  void drop() override;

  /** To wait on, with poll's events; -1: nothing to wait for. */
  int socket(short& events) const;

 private:
  struct Stored {
    LinkEvent event;
    std::string payload;
  };

  std::string resolve(Fault& fault);
  void work();
  bool established();
  void push(LinkEvent::Kind kind, uint16_t packet = 0);
  void lost(Fault fault, const std::string& said = "");
  Fault faultOf(int result);

  const IdentityFolder& identity_;
  std::string host_;
  uint16_t port_;
  Tls tls_;
  mosquitto* client_ = nullptr;
  std::deque<Stored> events_;
  Stored current_;
  size_t tries_ = 0;
  bool established_ = false;
  bool securedTold_ = false;
  bool accepted_ = false;
  /** Of the CONNACK; 0: let in, or none yet. */
  int refused_ = 0;
};

}  // namespace sconce
