#include "improv.h"

#include <string.h>

#include "wipe.h"
#include "writer.h"

namespace sconce {

namespace {

/** The official client waits 30 s for an answer, and would say "timeout" instead of what is wrong. */
constexpr uint64_t kTryMicros = 25000000;
/** A scan takes a few seconds. */
constexpr uint64_t kScanMicros = 10000000;
/** A packet is sent in one go, within 10 ms; one that stops in the middle goes on no more. */
constexpr uint64_t kSilenceMicros = 500000;

}  // namespace

void Improv::receive(const uint8_t* bytes, size_t length, uint64_t nowMicros) {
  if (length == 0) return;
  if (reader_.within() && nowMicros - heardAt_ > kSilenceMicros) {
    reader_.startOver();
    tell(Error::INVALID_RPC);
  }
  heardAt_ = nowMicros;
  for (size_t i = 0; i < length; i++) {
    const ImprovReader::Heard heard = reader_.take(bytes[i]);
    if (heard == ImprovReader::Heard::NOTHING) continue;
    listening_ = true;
    if (heard == ImprovReader::Heard::COMMAND) obey(nowMicros);
    else tell(Error::INVALID_RPC);
    reader_.startOver();
  }
}

void Improv::step(uint64_t nowMicros) {
  if (trying_) awaitNetwork(nowMicros);
  if (scanning_) awaitScan(nowMicros);
  if (listening_ && state() != told_) tellState();
}

void Improv::obey(uint64_t nowMicros) {
  const uint8_t* const data = reader_.data();
  if (reader_.length() < 2 || data[1] != reader_.length() - 2) return tell(Error::INVALID_RPC);
  tell(Error::NONE);
  switch (static_cast<Command>(data[0])) {
    case Command::WIFI_SETTINGS:
      return take(data + 2, data[1], nowMicros);
    case Command::CURRENT_STATE:
      tellState();
      if (state() == State::PROVISIONED) tellDone(Command::CURRENT_STATE);
      return;
    case Command::DEVICE_INFO:
      return tellInfo();
    case Command::WIFI_NETWORKS:
      wifi_.startScan();
      scanning_ = true;
      scanUntil_ = nowMicros + kScanMicros;
      next_ = 0;
      return;
  }
  // Host name and device name (5, 6) among them: the board has no name in the network; its own is given on the server.
  tell(Error::UNKNOWN_RPC);
}

/** Newer settings replace those that are being tried: whoever sends them does not wait for the others. */
void Improv::take(const uint8_t* settings, size_t length, uint64_t nowMicros) {
  const char* const text = reinterpret_cast<const char*>(settings);
  if (length < 2) return tell(Error::INVALID_RPC);
  const size_t nameLength = settings[0];
  if (nameLength + 2 > length || nameLength + 2 + settings[nameLength + 1] != length) return tell(Error::INVALID_RPC);
  const size_t passwordLength = settings[nameLength + 1];
  const char* const password = text + nameLength + 2;
  // The protocol has no room for words.
  Writer complaint(nullptr, 0);
  if (!makeWifiSettings(text + 1, nameLength, password, passwordLength, settings_, complaint)) {
    return tell(Error::INVALID_RPC);
  }
  trying_ = true;
  tryUntil_ = nowMicros + kTryMicros;
  wifi_.join(settings_.name, settings_.password);
  tellState();
}

void Improv::tellInfo() {
  ImprovPacket info(ImprovType::RPC_RESULT, static_cast<uint8_t>(Command::DEVICE_INFO));
  info.string("Sconce").string(about_.version).string(about_.hardware).string(about_.device).writeTo(line_);
}

void Improv::awaitNetwork(uint64_t nowMicros) {
  const WifiSetup::State wifi = wifi_.state();
  if (wifi == WifiSetup::State::UP) {
    if (!wifi_.save(settings_.name, settings_.password)) return giveUp(Error::UNKNOWN);
    forget();
    tellState();
    return tellDone(Command::WIFI_SETTINGS);
  }
  if (wifi != WifiSetup::State::JOINING || nowMicros >= tryUntil_) giveUp(Error::UNABLE_TO_CONNECT);
}

void Improv::giveUp(Error error) {
  forget();
  wifi_.rejoin();
  tell(error);
  tellState();
}

/** One network a step, so that no step waits for more than one packet to go out. */
void Improv::awaitScan(uint64_t nowMicros) {
  const bool late = nowMicros >= scanUntil_;
  if (!late && wifi_.scanning()) return;
  HeardNetwork network;
  while (!late && wifi_.scanned(next_, network)) {
    next_++;
    // A name that is hidden is of no use to choose from.
    if (network.name[0] == '\0' || heardBetter(next_ - 1, network)) continue;
    char rssi[5];
    Writer(rssi, sizeof rssi).signedNumber(network.rssi);
    ImprovPacket packet(ImprovType::RPC_RESULT, static_cast<uint8_t>(Command::WIFI_NETWORKS));
    return packet.string(network.name).string(rssi).string(network.secured ? "YES" : "NO").writeTo(line_);
  }
  scanning_ = false;
  wifi_.endScan();
  tellDone(Command::WIFI_NETWORKS);
}

/** Whether another access point of the same network is louder. */
bool Improv::heardBetter(size_t index, const HeardNetwork& network) {
  HeardNetwork other;
  for (size_t i = 0; wifi_.scanned(i, other); i++) {
    if (i == index || strcmp(other.name, network.name) != 0) continue;
    if (other.rssi > network.rssi || (other.rssi == network.rssi && i < index)) return true;
  }
  return false;
}

Improv::State Improv::state() {
  if (trying_) return State::PROVISIONING;
  return wifi_.state() == WifiSetup::State::UP ? State::PROVISIONED : State::READY;
}

void Improv::tellState() {
  told_ = state();
  ImprovPacket(ImprovType::CURRENT_STATE, static_cast<uint8_t>(told_)).writeTo(line_);
}

void Improv::tell(Error error) {
  ImprovPacket(ImprovType::ERROR_STATE, static_cast<uint8_t>(error)).writeTo(line_);
}

void Improv::tellDone(Command command) {
  ImprovPacket(ImprovType::RPC_RESULT, static_cast<uint8_t>(command)).writeTo(line_);
}

void Improv::forget() {
  trying_ = false;
  wipe(&settings_, sizeof settings_);
}

}  // namespace sconce
