#include "wifi_network.h"

#include <string.h>

namespace sconce {

namespace {

bool isSet(const WifiSettings& settings) {
  return settings.name[0] != '\0';
}

WifiSettings settingsOf(const char* name, const char* password) {
  WifiSettings settings = {};
  strncpy(settings.name, name, sizeof settings.name - 1);
  strncpy(settings.password, password, sizeof settings.password - 1);
  return settings;
}

}  // namespace

bool WifiNetwork::load(Writer& complaint) {
  const bool known = loadWifiSettings(store_, stored_, complaint);
  if (!known) stored_ = WifiSettings();
  used_ = stored_;
  // The settings are in our store; the SDK would keep a second copy in a sector of its own.
  WiFi.persistent(false);
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  // Asleep, the radio hears a command up to 300 ms late.
  WiFi.setSleepMode(WIFI_NONE_SLEEP);
  onAssociated_ = WiFi.onStationModeConnected([this](const WiFiEventStationModeConnected&) {
    associated_ = true;
    reason_ = 0;
  });
  onDisconnected_ = WiFi.onStationModeDisconnected([this](const WiFiEventStationModeDisconnected& event) {
    associated_ = false;
    reason_ = event.reason;
  });
  return known;
}

void WifiNetwork::join() {
  if (!trying_ && !up()) begin();
}

void WifiNetwork::begin() {
  if (!isSet(used_)) return;
  associated_ = false;
  reason_ = 0;
  WiFi.begin(used_.name, used_.password[0] == '\0' ? nullptr : used_.password);
}

bool WifiNetwork::up() {
  return isSet(used_) && WiFi.status() == WL_CONNECTED;
}

Fault WifiNetwork::fault() {
  if (!isSet(used_)) return Fault::WIFI_NOT_SET;
  if (associated_) return Fault::WIFI_NO_ADDRESS;
  if (reason_ == WIFI_DISCONNECT_REASON_NO_AP_FOUND || WiFi.status() == WL_NO_SSID_AVAIL) return Fault::WIFI_NOT_FOUND;
  return turnedAway() ? Fault::WIFI_PASSWORD : Fault::WIFI_SILENT;
}

bool WifiNetwork::turnedAway() {
  switch (reason_) {
    // A router cannot say that a password is wrong: the four-way handshake just does not come to its end.
    case WIFI_DISCONNECT_REASON_AUTH_EXPIRE:
    case WIFI_DISCONNECT_REASON_MIC_FAILURE:
    case WIFI_DISCONNECT_REASON_4WAY_HANDSHAKE_TIMEOUT:
    case WIFI_DISCONNECT_REASON_802_1X_AUTH_FAILED:
    case WIFI_DISCONNECT_REASON_AUTH_FAIL:
    case WIFI_DISCONNECT_REASON_HANDSHAKE_TIMEOUT:
      return true;
    default:
      return WiFi.status() == WL_WRONG_PASSWORD;
  }
}

void WifiNetwork::use(const WifiSettings& settings) {
  used_ = settings;
  WiFi.disconnect();
  begin();
}

void WifiNetwork::join(const char* name, const char* password) {
  trying_ = true;
  use(settingsOf(name, password));
}

void WifiNetwork::rejoin() {
  trying_ = false;
  use(stored_);
}

WifiSetup::State WifiNetwork::state() {
  if (!isSet(used_)) return State::NOT_SET;
  if (up()) return State::UP;
  const Fault why = fault();
  return why == Fault::WIFI_NOT_FOUND || why == Fault::WIFI_PASSWORD ? State::FAILED : State::JOINING;
}

bool WifiNetwork::save(const char* name, const char* password) {
  const WifiSettings settings = settingsOf(name, password);
  if (!keepWifiSettings(store_, settings)) return false;
  stored_ = settings;
  trying_ = false;
  return true;
}

void WifiNetwork::startScan() {
  WiFi.scanNetworks(true);
}

bool WifiNetwork::scanning() {
  return WiFi.scanComplete() == WIFI_SCAN_RUNNING;
}

bool WifiNetwork::scanned(size_t index, HeardNetwork& network) {
  if (WiFi.scanComplete() <= 0 || index >= static_cast<size_t>(WiFi.scanComplete())) return false;
  const bss_info* heard = WiFi.getScanInfoByIndex(static_cast<int>(index));
  if (!heard) return false;
  const size_t length = heard->ssid_len < kWifiNameBytes ? heard->ssid_len : kWifiNameBytes;
  memcpy(network.name, heard->ssid, length);
  network.name[length] = '\0';
  network.rssi = heard->rssi;
  network.secured = heard->authmode != AUTH_OPEN;
  return true;
}

void WifiNetwork::endScan() {
  WiFi.scanDelete();
}

}  // namespace sconce
