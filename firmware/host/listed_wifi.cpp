#include "listed_wifi.h"

#include <stdlib.h>
#include <string.h>

#include <fstream>
#include <sstream>

#include "usage_error.h"
#include "wifi_settings.h"
#include "wipe.h"

namespace sconce {

namespace {

/** A scan and a join take a moment here, too, so that whoever asks sees the states between. */
constexpr uint64_t kScanMicros = 100000;
constexpr uint64_t kJoinMicros = 200000;

/** Never says what the line was: there may be a password in it. */
[[noreturn]] void notUnderstood(const std::string& path, size_t line) {
  throw UsageError("--networks: line " + std::to_string(line) + " of " + path +
                   " is not understood. Write: signal in dBm from -100 to -1, tab, name, tab, password.");
}

}  // namespace

std::vector<ListedNetwork> readNetworks(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw UsageError("--networks: " + path + " cannot be read (" + strerror(errno) + ").");
  std::vector<ListedNetwork> networks;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    number++;
    std::stringstream words(line);
    std::string rssi, name, password;
    std::getline(words, rssi, '\t');
    std::getline(words, name, '\t');
    std::getline(words, password);
    char* end = nullptr;
    const long value = strtol(rssi.c_str(), &end, 10);
    if (*end != '\0' || value < -100 || value > -1 || name.size() > kWifiNameBytes) notUnderstood(path, number);
    networks.push_back({name, password, static_cast<int8_t>(value)});
  }
  return networks;
}

ListedWifi::ListedWifi(Clock& clock, Store& store, std::vector<ListedNetwork> air)
    : clock_(clock), store_(store), air_(std::move(air)) {
  rejoin();
}

void ListedWifi::join() {
  if (!trying_ && state() == State::FAILED) rejoin();
}

void ListedWifi::join(const char* name, const char* password) {
  trying_ = true;
  joinedAt_ = clock_.micros();
  outcome_ = State::FAILED;
  fault_ = Fault::WIFI_NOT_FOUND;
  for (const ListedNetwork& network : air_) {
    if (network.name.empty() || network.name != name) continue;
    fault_ = Fault::WIFI_PASSWORD;
    if (network.password == password) outcome_ = State::UP;
  }
}

void ListedWifi::rejoin() {
  WifiSettings settings;
  Writer complaint(nullptr, 0);
  outcome_ = State::NOT_SET;
  fault_ = Fault::WIFI_NOT_SET;
  if (loadWifiSettings(store_, settings, complaint)) join(settings.name, settings.password);
  wipe(&settings, sizeof settings);
  trying_ = false;
}

WifiSetup::State ListedWifi::state() {
  const bool joining = outcome_ != State::NOT_SET && clock_.micros() - joinedAt_ < kJoinMicros;
  return joining ? State::JOINING : outcome_;
}

bool ListedWifi::save(const char* name, const char* password) {
  WifiSettings settings;
  Writer complaint(nullptr, 0);
  const bool saved = makeWifiSettings(name, strlen(name), password, strlen(password), settings, complaint) &&
                     keepWifiSettings(store_, settings);
  wipe(&settings, sizeof settings);
  trying_ = trying_ && !saved;
  return saved;
}

void ListedWifi::startScan() {
  scannedAt_ = clock_.micros();
}

bool ListedWifi::scanning() {
  return clock_.micros() - scannedAt_ < kScanMicros;
}

bool ListedWifi::scanned(size_t index, HeardNetwork& network) {
  if (index >= air_.size()) return false;
  const ListedNetwork& listed = air_[index];
  memcpy(network.name, listed.name.c_str(), listed.name.size() + 1);
  network.rssi = listed.rssi;
  network.secured = !listed.password.empty();
  return true;
}

}  // namespace sconce
