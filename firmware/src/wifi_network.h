#pragma once

#include <ESP8266WiFi.h>
#include <network.h>
#include <store.h>
#include <wifi_settings.h>
#include <wifi_setup.h>

namespace sconce {

/** Wi-Fi as a station: for the board, that joins what is set, and for whoever sets it. */
class WifiNetwork final : public Network, public WifiSetup {
 public:
  explicit WifiNetwork(Store& store) : store_(store) {}
  /** Takes what the store holds. `false`: nothing, or `complaint` says what is wrong with it. */
  bool load(Writer& complaint);
  /** Of the network that is joined. The pointer stays good. */
  const char* name() const { return used_.name; }

  void join() override;
  bool up() override;
  Fault fault() override;

  void join(const char* name, const char* password) override;
  void rejoin() override;
  State state() override;
  bool save(const char* name, const char* password) override;
  void startScan() override;
  bool scanning() override;
  bool scanned(size_t index, HeardNetwork& network) override;
  void endScan() override;

 private:
  void use(const WifiSettings& settings);
  void begin();
  bool turnedAway();

  Store& store_;
  WifiSettings stored_ = {};
  /** What is joined: as a rule `stored_`, and for some seconds what somebody tries. */
  WifiSettings used_ = {};
  bool trying_ = false;
  bool associated_ = false;
  /** Why the router turned us away: IEEE 802.11, 9.4.1.7, and from 200 on the SDK's own; 0: it has not. */
  uint16_t reason_ = 0;
  WiFiEventHandler onAssociated_;
  WiFiEventHandler onDisconnected_;
};

}  // namespace sconce
