#pragma once

#include <string>
#include <vector>

#include <clock.h>
#include <network.h>
#include <store.h>
#include <wifi_setup.h>

namespace sconce {

/** A network in the air, as the list has it. */
struct ListedNetwork {
  std::string name;
  std::string password;
  int8_t rssi;
};

/** Reads lines of signal in dBm, name and password (none: an open network), with tabs between. Throws UsageError. */
std::vector<ListedNetwork> readNetworks(const std::string& path);

/** Wi-Fi without a radio: in the air is what the list says, and what is not on it cannot be joined. */
class ListedWifi final : public WifiSetup, public Network {
 public:
  /** The settings are in wifi.txt of `store`. */
  ListedWifi(Clock& clock, Store& store, std::vector<ListedNetwork> air);

  void join() override;
  bool up() override { return state() == State::UP; }
  Fault fault() override { return fault_; }

  void join(const char* name, const char* password) override;
  void rejoin() override;
  State state() override;
  bool save(const char* name, const char* password) override;
  void startScan() override;
  bool scanning() override;
  bool scanned(size_t index, HeardNetwork& network) override;
  void endScan() override {}

 private:
  Clock& clock_;
  Store& store_;
  const std::vector<ListedNetwork> air_;
  bool trying_ = false;
  State outcome_ = State::NOT_SET;
  Fault fault_ = Fault::WIFI_NOT_SET;
  uint64_t joinedAt_ = 0;
  uint64_t scannedAt_ = 0;
};

}  // namespace sconce
